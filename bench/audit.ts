/** @file A folder through a model: the command line's whole audit, Grad-CAM, tests, table and report included, against a PyTorch loop that only predicts. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { interleave, statsOf, type Side } from "./measure.js";
import { withPeer, type Peer } from "./peer.js";
import { drawPictures } from "./pictures.js";
import type { Options, Setup } from "./setup.js";
import type { Row } from "./table.js";

/** Pictures that ResNet-50 gets, some hundredths of a second each: enough that starting does not count. */
const few = 400;
const batches = [8, 32];
const threads = [1, 2];
/** At least 1.5 times the images per second, for both models. */
const target = 0.667;
/** A share of the pictures on whose class both sides must agree; the rest are rounding. */
const leastAgreement = 0.99;

/** A model on so many pictures of a folder. */
interface Audited {
  readonly name: "resnet50" | "scenes";
  readonly model: string;
  readonly folder: string;
  readonly count: number;
  /** Whether these are all the pictures there are. */
  readonly isAll: boolean;
  readonly more: readonly string[];
}

/** Time per image, for ResNet-50 on some pictures and, in the source tree, for the sample model on all. */
export async function audit({ setup, runs }: Options): Promise<Row[]> {
  const { pictures, samples } = setup;
  const folder = pictures ?? join(setup.work, "pictures");
  if (pictures === undefined) await drawPictures(folder, few);
  const count = warmed(folder);
  const rows: Row[] = [];
  if (samples !== undefined && pictures !== undefined) {
    rows.push(await compare({ name: "scenes", model: join(samples, "models/scenes.onnx"), folder, count, isAll: true, more: [join(samples, "make")] }, setup, runs));
  }
  rows.push(await compare({ name: "resnet50", model: setup.model("resnet50"), folder, count: Math.min(few, count), isAll: count <= few, more: [] }, setup, runs));
  return rows;
}

/** How many pictures there are, each read once, so that neither side pays for the disk. */
function warmed(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)));
  for (const file of files) readFileSync(file);
  return files.length;
}

function compare(audited: Audited, setup: Setup, runs: number): Promise<Row> {
  const { name, model, folder, count, isAll, more } = audited;
  const out = join(setup.work, `audit-${name}`);
  const own: Side = async () => {
    rmSync(out, { recursive: true, force: true });
    const start = performance.now();
    await promisify(execFile)(process.execPath, [setup.cli, "audit", model, folder, "--out", out, "--runtime", "onnxruntime", ...(isAll ? [] : ["--limit", String(count)])], { maxBuffer: 1 << 26 });
    return { ms: (performance.now() - start) / count };
  };
  return withPeer(setup, "audit.py", [name, model, folder, String(isAll ? 0 : count), ...more], async (peer) => {
    const best = peer && (await bestOf(peer));
    let answers: Float32Array | undefined;
    const theirs: Side[] = peer && best ? [async () => {
      const start = performance.now();
      answers = await peer.result(`${best.batch}-${best.threads}`);
      return { ms: (performance.now() - start) / count };
    }] : [];
    const [ours, others] = (await interleave([own, ...theirs], { warmUps: 0, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
    if (answers) checkAgreement(name, out, answers);
    const loop = best ? `, DataLoader of 2 workers, batches of ${best.batch}, ${best.threads} ${best.threads === 1 ? "thread" : "threads"}` : "";
    return { name: `audit, ${name}, ${count} images, per image`, unit: "ms", ours: ours!, peer: `PyTorch loop, forward only${loop}`, theirs: others, target };
  });
}

/** What the loop does best with, tried on a part of the pictures. */
async function bestOf(peer: Peer): Promise<{ readonly batch: number; readonly threads: number }> {
  const tried: { readonly batch: number; readonly threads: number; readonly ms: number }[] = [];
  for (const batch of batches) for (const count of threads) tried.push({ batch, threads: count, ms: (await peer.run(`try-${batch}-${count}`)).ms });
  return tried.toSorted((a, b) => a.ms - b.ms)[0]!;
}

/** Throws when the two sides saw different things. */
function checkAgreement(name: string, out: string, theirs: Float32Array): void {
  const file = join(out, "audit.jsonl");
  if (!existsSync(file)) throw new Error(`${name}: the audit left no ${file}`);
  const ours = readFileSync(file, "utf8").trimEnd().split("\n").slice(1).map((line) => JSON.parse(line) as { file: string; predicted: number });
  const inOrder = ours.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  if (inOrder.length !== theirs.length) throw new Error(`${name}: this project answered ${inOrder.length} images, its peer ${theirs.length}`);
  const same = inOrder.filter(({ predicted }, i) => predicted === theirs[i]).length / theirs.length;
  if (!(same >= leastAgreement)) throw new Error(`${name}: both sides agree on ${(100 * same).toFixed(1)} % of the images only`);
}

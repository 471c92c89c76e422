/** @file A folder through a model: the command line's whole audit, Grad-CAM, tests, table and report included, against a PyTorch loop that only predicts. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { interleave, statsOf, type Side } from "./measure.js";
import { startPeer, type Peer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

/** Pictures that ResNet-50 gets, a fiftieth of a second each: enough that starting does not count. */
const few = 2000;
const batches = [8, 16, 32, 64];
const threads = [1, 2];
/** At least 1.5 times the images per second, for both models. */
const target = 0.667;
/** A share of the pictures on whose class both sides must agree; the rest are rounding. */
const leastAgreement = 0.995;
/** A round takes minutes. */
const mostRuns = 3;

/** Time per image, for the sample model on all pictures and for ResNet-50 on some. */
export async function audit({ setup, runs }: Options): Promise<Row[]> {
  const { pictures, python } = setup;
  if (pictures === undefined) return [];
  const sample = join(setup.root, "samples/models/scenes.onnx");
  const peer = python && (await startPeer(python, join(setup.peers, "audit.py"), [pictures.folder, sample, setup.weights, String(few), join(setup.root, "samples/make")]));
  try {
    return [
      await compare("scenes", sample, undefined, { setup, runs: Math.min(runs, mostRuns) }, peer),
      await compare("resnet50", setup.model, few, { setup, runs: Math.min(runs, mostRuns) }, peer),
    ];
  } finally {
    peer?.stop();
  }
}

async function compare(name: string, model: string, limit: number | undefined, { setup, runs }: Options, peer: Peer | undefined): Promise<Row> {
  const { folder, count: all } = setup.pictures!;
  const count = limit ?? all;
  const out = join(setup.out, `audit-${name}`);
  mkdirSync(setup.out, { recursive: true });
  const own: Side = async () => {
    rmSync(out, { recursive: true, force: true });
    const start = performance.now();
    await promisify(execFile)(process.execPath, [setup.cli, "audit", model, folder, "--out", out, "--runtime", "onnxruntime", ...(limit === undefined ? [] : ["--limit", String(limit)])], { maxBuffer: 1 << 26 });
    return { ms: (performance.now() - start) / count };
  };
  const best = peer && (await bestOf(name, peer));
  const theirs: Side[] = peer && best ? [async () => ({ ms: (await peer.run(`${name}-${best.batch}-${best.threads}`)).ms / count })] : [];
  if (peer && best) await agree(name, out, own, peer, `${name}-${best.batch}-${best.threads}`, join(setup.out, `audit-${name}.f32`));
  const [ours, others] = (await interleave([own, ...theirs], { warmUps: 0, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
  const loop = best ? `, DataLoader of 2 workers, batches of ${best.batch}, ${best.threads} ${best.threads === 1 ? "thread" : "threads"}` : "";
  return { name: `audit, ${name}, ${count} images, per image`, unit: "ms", ours: ours!, peer: `PyTorch loop, forward only${loop}`, theirs: others, target };
}

/** What the loop does best with, tried on a part of the pictures. */
async function bestOf(name: string, peer: Peer): Promise<{ readonly batch: number; readonly threads: number }> {
  const tried: { readonly batch: number; readonly threads: number; readonly ms: number }[] = [];
  for (const batch of batches) for (const count of threads) tried.push({ batch, threads: count, ms: (await peer.run(`try-${name}-${batch}-${count}`)).ms });
  return tried.toSorted((a, b) => a.ms - b.ms)[0]!;
}

/** Throws when the two sides see different things. Runs both once, which warms the file cache. */
async function agree(name: string, out: string, own: Side, peer: Peer, run: string, file: string): Promise<void> {
  await own();
  await peer.run(run, file);
  const theirs = new Float32Array(new Uint8Array(readFileSync(file)).buffer);
  const ours = readFileSync(join(out, "audit.jsonl"), "utf8").trimEnd().split("\n").slice(1).map((line) => JSON.parse(line) as { file: string; predicted: number });
  const inOrder = ours.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  if (inOrder.length !== theirs.length) throw new Error(`${name}: this project answered ${inOrder.length} images, its peer ${theirs.length}`);
  const same = inOrder.filter(({ predicted }, i) => predicted === theirs[i]).length / theirs.length;
  if (!(same >= leastAgreement)) throw new Error(`${name}: both sides agree on ${(100 * same).toFixed(1)} % of the images only`);
}

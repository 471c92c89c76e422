/** @file The command line's audit, bundled and killed: whatever it was doing, going on loses no image and repeats none. Decoding threads are those of the bundle. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRecords, recordPath } from "../../../../src/worker/audit/recordFile.js";
import { fileOf } from "../../../../src/worker/audit/recordLine.js";
import { randomFrom } from "../../engine/audit/random.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
// Inside the repository, so that the bundles find the native packages.
const base = mkdtempSync(join(root, "node_modules/.whylight-killed-"));
const pictures = join(base, "pictures");
const model = join(root, "samples/models/scenes.onnx");
const copies = 8;
const everything: string[] = [];

beforeAll(async () => {
  await build({
    entryPoints: { cli: join(root, "src/cli/start.ts"), decode: join(root, "src/worker/audit/decodeThread.ts") }, outdir: base, bundle: true, platform: "node", format: "cjs", logLevel: "error",
    logOverride: { "empty-import-meta": "silent" }, external: ["sharp", "onnxruntime-node", "@tensorflow/*", "webgpu"],
  });
  for (const label of readdirSync(join(root, "samples/shortcut"))) {
    mkdirSync(join(pictures, label), { recursive: true });
    for (const name of readdirSync(join(root, "samples/shortcut", label))) {
      for (let copy = 0; copy < copies; copy++) {
        cpSync(join(root, "samples/shortcut", label, name), join(pictures, label, `${copy}-${name}`));
        everything.push(`${label}/${copy}-${name}`);
      }
    }
  }
  // One in a hundred is damaged.
  const damaged = everything.filter((_, i) => i % 100 === 50);
  expect(damaged.length).toBeGreaterThan(1);
  for (const file of damaged) writeFileSync(join(pictures, file), readFileSync(join(pictures, file)).subarray(0, 2000));
});
afterAll(() => rmSync(base, { recursive: true }));

const args = (out: string) => [join(base, "cli.js"), "audit", model, pictures, "--out", out, "--resume", "--runtime", "onnxruntime"];
const filesOf = (out: string) => [...readRecords(recordPath(out))].map(({ line }) => fileOf(line));

/** Starts a run and kills it once its file has grown to `bytes`; `false` where it ended before. */
async function killAt(out: string, bytes: number): Promise<boolean> {
  const run = spawn(process.execPath, args(out), { stdio: "ignore" });
  const end = once(run, "exit");
  const size = () => (existsSync(recordPath(out)) ? statSync(recordPath(out)).size : 0);
  while (run.exitCode === null && size() < bytes) await sleep(1);
  run.kill("SIGKILL");
  await end;
  return run.signalCode === "SIGKILL";
}

it("is killed at random points again and again, and still records every image once", async () => {
  const out = join(base, "out");
  const random = randomFrom(7);
  let before: string[] = [];
  let bytes = 0;
  let kills = 0;
  for (let run = 0; run < 4; run++) {
    bytes += Math.floor(random() * 60_000);
    if (!(await killAt(out, bytes))) break;
    kills++;
    if (!existsSync(recordPath(out)) || statSync(recordPath(out)).size === 0) continue;
    const now = filesOf(out);
    expect(now.slice(0, before.length)).toEqual(before);
    before = now;
  }
  expect(kills).toBeGreaterThan(1);
  const last = spawnSync(process.execPath, [...args(out), "--json"], { encoding: "utf8", maxBuffer: 1 << 28 });
  expect(last.status).toBe(0);
  const all = filesOf(out);
  expect(all.slice(0, before.length)).toEqual(before);
  expect(all.toSorted()).toEqual(everything.toSorted());
  // A line torn by the kill is cut off, so that the file holds nothing but whole lines: a header and one per image.
  expect(readFileSync(recordPath(out), "utf8").trimEnd().split("\n")).toHaveLength(everything.length + 1);
  const document = JSON.parse(last.stdout) as { images: number; failedCount: number; failed: { file: string; reason: string }[] };
  expect(document.failed.map(({ file }) => file)).toEqual(everything.filter((_, i) => i % 100 === 50).toSorted());
  expect(document).toMatchObject({ images: everything.length - document.failedCount });
  expect(readdirSync(out).toSorted()).toEqual(["audit.jsonl", "audit.parquet", "report.html", "summary.json"]);
});

it("stops cleanly at Ctrl-C and says how to go on", async () => {
  const out = join(base, "stopped");
  const run = spawn(process.execPath, args(out), { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
  let said = "";
  run.stderr.on("data", (text: Buffer) => (said += text.toString()));
  while (run.exitCode === null && !(existsSync(recordPath(out)) && filesOf(out).length > 0)) await sleep(1);
  run.kill("SIGINT");
  await once(run, "close");
  expect(run.exitCode).toBe(130);
  expect(said).toContain("--resume");
  // The lock is gone, so that nobody has to wait for it.
  expect(readdirSync(out)).toEqual(["audit.jsonl"]);
});

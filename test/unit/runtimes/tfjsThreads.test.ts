/** @file TensorFlow.js's WASM backend on several threads, bundled as users have it: the numbers of one thread, and no harm from a thread that ends. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmThreads } from "../../../src/runtimes/tfjs/wasmThreads.js";
import type { Harm, Told } from "./threadedWasm.js";

const base = mkdtempSync(join(tmpdir(), "whylight-threads-"));
const package_ = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
const script = join(base, "threadedWasm.cjs");

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("threadedWasm.ts", import.meta.url))], outfile: script, bundle: true, platform: "node", format: "cjs", minifySyntax: true, minifyWhitespace: true, logLevel: "error",
    logOverride: { "empty-import-meta": "silent" }, external: ["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu", "webgpu"],
  });
});
afterAll(() => rmSync(base, { recursive: true }));

/** Rejects when the process does not end by itself. */
async function told(threads: number, harm?: Harm, wasmFolder = package_): Promise<Told> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify({ threads, harm, wasmFolder })], { timeout: 60_000, killSignal: "SIGKILL" });
  return JSON.parse(stdout) as Told;
}

describe("several threads", () => {
  it("give the very numbers of one, and end with the process", async () => {
    const [one, two, three] = [await told(1), await told(2), await told(3)];
    expect(one.detail).toMatch(/one thread$/);
    expect(two.detail).toMatch(/, 2 threads$/);
    expect(three.detail).toMatch(/, 3 threads$/);
    expect(one.runs[0]).toHaveLength(2 * 16 * 30);
    expect(two.runs).toEqual(one.runs);
    expect(three.runs).toEqual(one.runs);
  });

  it("are not waited for when one fails at its work: this run and later ones end with a code", async () => {
    expect((await told(2, "fails")).runs).toEqual(["runtimeFailed", "runtimeFailed", "runtimeFailed"]);
  });

  it("are not waited for once one has stopped", async () => {
    const { runs } = await told(3, "stops");
    expect(runs[0]).toHaveLength(2 * 16 * 30);
    expect(runs.slice(1)).toEqual(["runtimeFailed", "runtimeFailed"]);
  });

  it("are done without where their module is missing, and the reason is told", async () => {
    copyFileSync(join(package_, "tfjs-backend-wasm-simd.wasm"), join(base, "tfjs-backend-wasm-simd.wasm"));
    const { detail, runs } = await told(2, undefined, base);
    expect(detail).toMatch(/one thread \(several did not start: .*tfjs-backend-wasm-threaded-simd\.wasm/);
    expect(runs).toEqual((await told(1)).runs);
  });
});

describe("the number of threads", () => {
  it("is at least one and at most what the module takes, whatever was asked", () => {
    expect([wasmThreads(2), wasmThreads(0), wasmThreads(-3), wasmThreads(2.9), wasmThreads(Number.NaN), wasmThreads(100)]).toEqual([2, 1, 1, 2, 1, 8]);
  });
});

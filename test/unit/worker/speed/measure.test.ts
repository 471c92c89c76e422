/** @file Measuring in processes of their own: what is written down, and processes that crash, hang or are stopped. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { RuntimeName } from "../../../../src/engine/runtime.js";
import { runtimesHere } from "../../../../src/runtimes/choose.js";
import { measureRuntimes, probeBy, ProbeFailure, type AskProbe } from "../../../../src/worker/speed/measure.js";
import type { ProbeAnswer } from "../../../../src/worker/speed/probeProcess.js";
import { createSpeedBook } from "../../../../src/worker/speed/speedBook.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rates = { convolutions: 3, attention: 5 };
const answering = (answers: Partial<Record<RuntimeName, ProbeAnswer | ProbeFailure>>) => vi.fn<AskProbe>((name) => {
  const answer = answers[name] ?? { absent: true };
  return answer instanceof ProbeFailure ? Promise.reject(answer) : Promise.resolve(answer);
});

/** Which of ONNX Runtime's own providers for cards this operating system has. */
const own = runtimesHere.filter((name) => ["onnxruntime-cuda", "onnxruntime-directml", "onnxruntime-coreml"].includes(name));

describe("measuring", () => {
  it("writes down speeds, wrong numbers and crashes, goes on after them, and leaves the interpreter alone", async () => {
    const book = createSpeedBook();
    const ask = answering({ onnxruntime: { detail: "ort 1", rates, forward: rates }, "tfjs-tensorflow": { detail: "tf 1", unfit: "it computed a wrong gradient of attention" }, "tfjs-webgpu": new ProbeFailure("it was ended by SIGSEGV"), "tfjs-wasm": { detail: "wasm 1", rates, forward: rates } });
    await measureRuntimes(book, ask);
    expect(ask.mock.calls.map(([name]) => name)).toEqual([...own, "onnxruntime-webgpu", "onnxruntime", "tfjs-tensorflow", "tfjs-webgpu", "tfjs-wasm"]);
    expect(book.order("attention")).toEqual(["onnxruntime", "tfjs-wasm"]);
    expect(book.plan("attention")).toEqual({
      order: ["onnxruntime", "tfjs-wasm", ...own, "onnxruntime-webgpu", "reference"],
      unfit: [{ name: "tfjs-tensorflow", reason: "it computed a wrong gradient of attention" }, { name: "tfjs-webgpu", reason: "it did not finish the probe: it was ended by SIGSEGV" }],
    });
  });

  it("tells what is known, keeps what is unchanged, and forgets what is gone", async () => {
    const book = createSpeedBook();
    for (const name of ["onnxruntime", "tfjs-wasm"] as const) book.record(name, { detail: `${name} 1`, rates, unfit: "" });
    const ask = answering({ onnxruntime: { unchanged: true } });
    await measureRuntimes(book, ask, { names: ["onnxruntime", "tfjs-wasm"] });
    expect(ask.mock.calls.map(([, known]) => known)).toEqual(["onnxruntime 1", "tfjs-wasm 1"]);
    expect(book.order("attention")).toEqual(["onnxruntime"]);
    await measureRuntimes(book, ask, { names: ["onnxruntime"], anew: true });
    expect(ask.mock.lastCall?.[1]).toBeUndefined();
  });

  it("stops between two runtimes and keeps what it has", async () => {
    const book = createSpeedBook();
    const stop = new AbortController();
    const ask: AskProbe = () => {
      stop.abort();
      return Promise.resolve({ detail: "1", rates, forward: rates });
    };
    await expect(measureRuntimes(book, ask, { names: ["onnxruntime", "tfjs-wasm"], signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(book.order("attention")).toEqual(["onnxruntime"]);
  });
});

describe("a probe's process", () => {
  const script = (name: string, code: string) => {
    const path = join(folder, `${name}.cjs`);
    writeFileSync(path, code);
    return path;
  };
  const ask = (path: string, limit?: number) => probeBy(path, limit)("onnxruntime", "ort 1", undefined);

  it("answers with its last line, knowing what was known", async () => {
    expect(await ask(script("fine", `console.log("a library greets"); console.log(JSON.stringify({ detail: process.argv.slice(2).join(), unfit: "" }))`))).toEqual({ detail: "onnxruntime,ort 1", unfit: "" });
  });

  it.each([
    ["crashes", "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000)", "it was ended by SIGSEGV"], ["ends badly", "process.exit(7)", "it ended with exit code 7"], ["says nothing of use", "console.log('hello')", "it gave no answer"],
  ])("%s", async (name, code, reason) => {
    const failed = ask(script(name.replaceAll(" ", ""), code));
    await expect(failed).rejects.toBeInstanceOf(ProbeFailure);
    await expect(failed).rejects.toThrow(reason);
  });

  it("that hangs is ended at its limit", async () => {
    await expect(ask(script("hangs", "for (;;);"), 200)).rejects.toThrow("it took longer than 0.2 s");
  });

  it("ends when it is stopped", async () => {
    const said = join(folder, "pid");
    const stop = new AbortController();
    const asked = probeBy(script("waits", `require("node:fs").writeFileSync(${JSON.stringify(`${said}.new`)}, String(process.pid)); require("node:fs").renameSync(${JSON.stringify(`${said}.new`)}, ${JSON.stringify(said)}); for (;;);`))("onnxruntime", undefined, stop.signal);
    await vi.waitUntil(() => existsSync(said), { timeout: 20_000 });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    await vi.waitUntil(() => !isAlive(Number(readFileSync(said, "utf8"))), { timeout: 20_000 });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

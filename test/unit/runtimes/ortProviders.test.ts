/** @file ONNX Runtime's providers for graphics cards, on a binding of ours: no machine of the tests has such a card. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Ort from "onnxruntime-node";
import { afterAll, describe, expect, it, vi } from "vitest";
import { lookForCuda, tryProvider } from "../../../src/runtimes/ortProviders.js";

interface Options {
  readonly executionProviders: readonly unknown[];
  readonly extra: unknown;
}

/** A binding that knows `backends` and computes the convolution of the trial with `round` applied to what it reads. */
function binding(backends: readonly string[], round: (value: number) => number, failure?: string) {
  const create = vi.fn((_model: Uint8Array, _options: Options) => (failure === undefined ? Promise.resolve({ run, release }) : Promise.reject(new Error(failure))));
  const release = vi.fn(() => Promise.resolve());
  const run = ({ x }: { x: { data: Float32Array } }) => {
    const at = (row: number, column: number) => (row < 0 || row > 2 || column < 0 || column > 2 ? 0 : round(x.data[row * 3 + column]!));
    const sums = Float32Array.from({ length: 9 }, (_, i) => [-1, 0, 1].flatMap((r) => [-1, 0, 1].map((c) => at(Math.floor(i / 3) + r, (i % 3) + c))).reduce((sum, value) => sum + value));
    return Promise.resolve({ y: { data: sums } });
  };
  const Tensor = class {
    readonly data: Float32Array;
    constructor(_type: string, data: Float32Array) { this.data = data; }
  };
  const ort = { listSupportedBackends: () => backends.map((name) => ({ name, bundled: true })), InferenceSession: { create }, Tensor } as unknown as typeof Ort;
  return { ort, create, release };
}

const exact = (value: number) => value;
/** TF32 and float16 keep ten bits of a number's fraction. */
const toTenBits = (value: number) => Math.round(value * 1024) / 1024;

describe.each([["onnxruntime-cuda", "cuda"], ["onnxruntime-directml", "dml"], ["onnxruntime-coreml", "coreml"]] as const)("%s", (name, provider) => {
  it("serves where a convolution comes out right, on the provider alone", async () => {
    const { ort, create, release } = binding(["cpu", provider], exact);
    await expect(tryProvider(ort, name)).resolves.toBeUndefined();
    const options = create.mock.calls[0]![1];
    expect(options.executionProviders.map((chosen) => (typeof chosen === "string" ? chosen : (chosen as { name: string }).name))).toEqual([provider]);
    expect(options.extra).toEqual({ session: { disable_cpu_ep_fallback: "1" } });
    expect(release).toHaveBeenCalledTimes(1);
  });

  it("opens no session where the build has no such provider", async () => {
    const { ort, create } = binding(["cpu"], exact);
    await expect(tryProvider(ort, name)).rejects.toMatchObject({ code: "runtimeUnavailable", data: { runtime: name, reason: expect.stringMatching(/^this build of ONNX Runtime has no (CUDA|DirectML|CoreML)$/) as string } });
    expect(create).not.toHaveBeenCalled();
  });

  it("is refused where it rounds coarser than float32, or does not start", async () => {
    await expect(tryProvider(binding(["cpu", provider], toTenBits).ort, name)).rejects.toMatchObject({ data: { reason: expect.stringContaining("does not compute in float32") as string } });
    await expect(tryProvider(binding(["cpu", provider], exact, "no driver\nat line 3").ort, name)).rejects.toMatchObject({ data: { reason: expect.stringMatching(/did not start: no driver$/) as string } });
  });
});

describe("CUDA's files", () => {
  const package_ = mkdtempSync(join(tmpdir(), "whylight-ort-"));
  const folder = join(package_, "bin/napi-v6/linux/x64");
  mkdirSync(folder, { recursive: true });
  afterAll(() => rmSync(package_, { recursive: true }));
  const driver = join(package_, "driver");

  it("are asked for where there is a card, with the command that brings them", () => {
    expect(() => lookForCuda(folder, [driver])).toThrow(/no NVIDIA card/);
    writeFileSync(driver, "");
    expect(() => lookForCuda(folder, [driver])).toThrow(`node "${join(package_, "script/install.js")}" --onnxruntime-node-install=cuda12`);
    writeFileSync(join(folder, "libonnxruntime_providers_cuda.so"), "");
    expect(() => lookForCuda(folder, [driver])).not.toThrow();
  });
});

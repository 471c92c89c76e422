/** @file The bench's rows of graphics cards, on small models and an emulated card: their form, for nothing here is a measurement. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gpu, measureCard } from "../../../bench/gpu.js";
import { writeRandomModel } from "../../../bench/models/randomModel.js";
import { randomResnet } from "../../../bench/models/resnet.js";
import type { Setup } from "../../../bench/setup.js";
import { softwareCard } from "../runtimes/softwareCard.js";

const work = mkdtempSync(join(tmpdir(), "whylight-bench-gpu-"));
afterAll(() => rmSync(work, { recursive: true }));
const card = await softwareCard();

function setUp(told: string[] = []): Setup {
  const path = join(work, "resnet");
  return {
    script: "", cli: "", peers: "", work, python: { missing: "not wanted" }, pictures: undefined, samples: undefined, tell: (line) => void told.push(line),
    model: () => {
      writeRandomModel(path, randomResnet({ blocks: [1, 1, 1, 1], width: 8, classes: 5 }));
      return path;
    },
  };
}

describe.skipIf("reason" in card)("the group of graphics cards", () => {
  it("has a row per case and runtime, in milliseconds, with the card named", async () => {
    const { rows, failed } = await measureCard({ setup: setUp(), runs: 1 }, ["grad-cam"]);
    expect(failed).toEqual([]);
    expect(rows.map(({ name, unit, theirs }) => [/^[^;]+; (ONNX Runtime|TensorFlow\.js).*WebGPU.*SwiftShader/.exec(name)?.[1], unit, theirs])).toEqual([
      ["ONNX Runtime", "ms", undefined], ["ONNX Runtime", "ms", undefined], ["TensorFlow.js", "ms", undefined], ["TensorFlow.js", "ms", undefined],
    ]);
    for (const { ours } of rows) expect(ours.median).toBeGreaterThan(0);
  });

  it("says which part failed on which runtime", async () => {
    const setup = { ...setUp(), model: () => { throw new Error("no such model"); } };
    const { rows, failed } = await measureCard({ setup, runs: 1 }, ["grad-cam"]);
    expect([rows, failed]).toEqual([[], ["onnxruntime-webgpu", "tfjs-webgpu"].map((name) => `gpu, grad-cam on ${name} failed: no such model`)]);
  });

  it("is left out, with the reason, where the processor plays the card", async () => {
    const told: string[] = [];
    expect(await gpu({ setup: setUp(told), runs: 1 })).toEqual({ rows: [], tables: [] });
    expect(told).toEqual([expect.stringMatching(/^Left out, as there is no graphics card: the processor plays it, .*SwiftShader/) as string]);
  });
});

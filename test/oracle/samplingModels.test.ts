/** @file Files with resizing, grid sampling, recurrent layers, branches and functions: ONNX Runtime runs the bytes as they are, both runtimes run what the importer made of them. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { sizeOf, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { smooth } from "../unit/engine/numbers.js";
import { modelBytes, rangeReader, sourceOf } from "../unit/engine/onnxBytes.js";
import { samplingCases, type SamplingCase } from "./samplingCases.js";

describe("imported models", async () => {
  const runtimes = [referenceRuntime, await onnxruntimeRuntime()];

  it.each(samplingCases.map((each) => [each.name, each] as const))("%s", async (_, { text, irVersion = 8, symbols = {} }: SamplingCase) => {
    const bytes = modelBytes({ ...text, irVersion });
    const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
    const feeds = Object.fromEntries(Object.entries(text.inputs).map(([name, dims], i): [string, Tensor] => {
      const shape = dims.map((dim) => (typeof dim === "number" ? dim : symbols[dim]!));
      return [name, { dtype: "float32", shape, data: Float32Array.from(smooth(shape, 9 + i, -1.5, 1.5).data as Float64Array) }];
    }));
    const expected = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, { data, shape }]) => [name, new OrtTensor("float32", data as Float32Array, shape)])));
    const { graph } = importOnnx(sourceOf(bytes));
    const special = specialize(graph, Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])));
    for (const runtime of runtimes) {
      const program = await runtime.compile(special, rangeReader(bytes));
      const actual = await program.run(feeds);
      program.dispose();
      for (const [name, { dims, data }] of Object.entries(expected)) {
        expect(actual[name]!.shape, `${runtime.name}: shape of ${name}`).toEqual(dims);
        expect(sizeOf(dims)).toBeGreaterThan(0);
        const wanted = Array.from(data as Float32Array, Number);
        const worst = Math.max(...toNumbers(actual[name]!).map((value, i) => Math.abs(value - wanted[i]!)));
        expect(worst / Math.max(...wanted.map(Math.abs)), `${runtime.name}: ${name}`).toBeLessThanOrEqual(1e-5);
      }
    }
  });
});

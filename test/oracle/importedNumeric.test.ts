/** @file Files over many opsets: ONNX Runtime runs the bytes as they are, our runtimes run what the importer made of them. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { smooth } from "../unit/engine/numbers.js";
import { modelBytes, rangeReader, sourceOf } from "../unit/engine/onnxBytes.js";
import { numericModels } from "./importedNumericCases.js";

/** What ONNX Runtime makes of the file itself; nothing where it refuses the form, and ours is then held against the interpreter alone. */
async function original(bytes: Uint8Array, x: Tensor): Promise<Record<string, Tensor> | undefined> {
  try {
    const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
    const results = await session.run({ x: new OrtTensor("float32", x.data as Float32Array, x.shape) });
    return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { dtype: "float32", shape: dims, data: Float32Array.from(data as Float32Array, Number) }]));
  } catch (thrown) {
    if (/Could not find an implementation|Ellipsis represents incompatible dimensions/.test(String(thrown))) return undefined;
    throw thrown;
  }
}

describe("imported arithmetic", async () => {
  const ort = await onnxruntimeRuntime();

  it.each(numericModels)("%s (opset %i)", async (_, opset, text) => {
    const bytes = modelBytes({ ...text, opset });
    const shape = text.inputs["x"] as readonly number[];
    const x = { dtype: "float32" as const, shape, data: Float32Array.from(smooth(shape, 9, -2, 2).data as Float64Array) };
    const special = specialize(importOnnx(sourceOf(bytes)).graph, { x: shape });
    const compute = async (runtime: Runtime) => {
      const program = await runtime.compile(special, rangeReader(bytes));
      const results = await program.run({ x });
      program.dispose();
      return results;
    };
    const reference = await compute(referenceRuntime);
    const expected = (await original(bytes, x)) ?? reference;
    for (const [runtime, actual] of [[referenceRuntime, reference], [ort, await compute(ort)]] as const) {
      for (const [name, tensor] of Object.entries(expected)) {
        expect(actual[name]!.shape, `${runtime.name}: shape of ${name}`).toEqual(tensor.shape);
        const wanted = toNumbers(tensor);
        const limit = 1e-5 * Math.max(1, ...wanted.filter(Number.isFinite).map(Math.abs));
        toNumbers(actual[name]!).forEach((value, i) => {
          const isSame = Object.is(value, wanted[i]) || Math.abs(value - wanted[i]!) <= limit || (Number.isNaN(value) && Number.isNaN(wanted[i]!)) || value === wanted[i];
          expect(isSame, `${runtime.name}: ${name}[${i}] is ${value} where ONNX Runtime gives ${wanted[i]}`).toBe(true);
        });
      }
    }
  });
});

/** @file ONNX Runtime's fused operators and the attention of opset 23: the file as it is on ONNX Runtime, against what it is taken apart into, on the interpreter. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { sizeOf, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import { smooth } from "../unit/engine/numbers.js";
import { modelBytes, rangeReader, sourceOf } from "../unit/engine/onnxBytes.js";
import { attentionCases } from "./attentionCases.js";
import { fusedCases, type FusedCase } from "./fusedCases.js";

const elementTypes: Readonly<Record<string, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** What the tolerance of single-precision sums allows, relative to the largest element. */
const tolerance = 1e-5;

describe.each([["com.microsoft", fusedCases], ["opset 23 and 24", attentionCases]] as const)("%s", (_, cases) => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", (__, each) => compare(each));
});

async function compare({ op, domain = "", opset = 21, attributes = {}, inputs, outputs = 1, unread = 0, outputTypes = {}, loose }: FusedCase): Promise<void> {
  const tensors = Object.fromEntries(inputs.flatMap((input, i): [string, Tensor][] => (input === undefined ? [] : [[`x${i}`, typeof input === "object" && "data" in input ? input : filled(input, i)]])));
  const names = inputs.map((input, i) => (input === undefined ? "" : `x${i}`));
  const outputNames = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const bytes = modelBytes({
    opset, irVersion: 10, domains: { "com.microsoft": 1 }, nodes: [{ op, domain, inputs: names, outputs: [...outputNames, ...Array.from({ length: unread }, (_, i) => `unread${i}`)], attributes }],
    inputs: Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])), outputs: Object.fromEntries(outputNames.map((name) => [name, undefined])),
    elementTypes: { ...Object.fromEntries(Object.entries(tensors).map(([name, { dtype }]) => [name, elementTypes[dtype]!])), ...outputTypes },
  });
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
  const expected = await session.run(Object.fromEntries(Object.entries(tensors).map(([name, { dtype, data, shape }]) => [name, new OrtTensor(dtype as "float32", data as Float32Array, shape)])));
  // Lengths and masks are fed like anything else; what shapes need must be known, as in a model.
  const { graph } = importOnnx(sourceOf(bytes));
  const program = await referenceRuntime.compile(specialize(graph, Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))), rangeReader(bytes));
  const actual = await program.run(tensors);
  for (const name of outputNames) {
    const { dims, data } = expected[name]!;
    expect(actual[name]!.shape, `shape of ${name}`).toEqual(dims);
    expect(sizeOf(dims)).toBeGreaterThan(0);
    const wanted = Array.from(data as Float32Array, Number);
    const largest = Math.max(...wanted.map(Math.abs).filter((value) => value < 1e30));
    const worst = Math.max(...toNumbers(actual[name]!).map((value, i) => Math.abs(value - wanted[i]!)).filter((_gap, i) => Math.abs(wanted[i]!) < (loose ?? Infinity)));
    expect(worst / largest, name).toBeLessThanOrEqual(tolerance);
  }
}

/** Numbers in [-1, 1) for a shape. */
function filled(shape: readonly number[], i: number): Tensor {
  return { dtype: "float32", shape, data: Float32Array.from(smooth(shape, 31 + i, -1, 1).data as Float64Array) };
}

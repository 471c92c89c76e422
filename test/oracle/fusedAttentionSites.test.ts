/** @file Attention that other makers fused into one node is taken apart, and its weights are found: one per node, of the shape that the node's inputs say, with rows that sum to 1. */
import { describe, expect, it } from "vitest";
import { attentionSites, withAttentionOutputs } from "../../src/engine/attribution/attentionSites.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import { smooth } from "../unit/engine/numbers.js";
import { modelBytes, rangeReader, sourceOf } from "../unit/engine/onnxBytes.js";
import { attentionCases } from "./attentionCases.js";
import { fusedCases, type FusedCase } from "./fusedCases.js";

const elementTypes: Readonly<Record<string, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const cases = [...fusedCases, ...attentionCases].filter(({ op }) => op.endsWith("Attention"));

describe("fused attention", () => {
  it("comes in many forms", () => expect(cases.length).toBeGreaterThan(20));

  it.each(cases.map((each) => [each.name, each] as const))("%s", (_, each) => find(each));
});

async function find({ op, domain = "", opset = 21, attributes = {}, inputs, outputs = 1, unread = 0, outputTypes = {} }: FusedCase): Promise<void> {
  const tensors = Object.fromEntries(inputs.flatMap((input, i): [string, Tensor][] => (input === undefined ? [] : [[`x${i}`, typeof input === "object" && "data" in input ? input : filled(input, i)]])));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const bytes = modelBytes({
    opset, irVersion: 10, domains: { "com.microsoft": 1 }, nodes: [{ op, domain, inputs: inputs.map((input, i) => (input === undefined ? "" : `x${i}`)), outputs: [...names, ...Array.from({ length: unread }, (_, i) => `unread${i}`)], attributes }],
    inputs: Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])), outputs: Object.fromEntries(names.map((name) => [name, undefined])),
    elementTypes: { ...Object.fromEntries(Object.entries(tensors).map(([name, { dtype }]) => [name, elementTypes[dtype]!])), ...outputTypes },
  });
  const special = specialize(importOnnx(sourceOf(bytes)).graph, Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])));
  const sites = attentionSites(special);
  expect(sites).toHaveLength(1);
  const { graph, outputs: weights } = withAttentionOutputs(special, sites);
  const program = await referenceRuntime.compile(graph, rangeReader(bytes));
  const { shape, ...rest } = (await program.run(tensors))[weights[0]!]!;
  expect(shape).toHaveLength(4);
  expect(shape[0]).toBe(tensors["x0"]!.shape[0]);
  const keys = shape[3]!;
  const values = toNumbers({ shape, ...rest });
  // Queries whose keys are all hidden give no weights, or the same to all.
  for (let row = 0; row < values.length / keys; row++) expect([0, 1].some((sum) => Math.abs(values.slice(row * keys, (row + 1) * keys).reduce((a, b) => a + b, 0) - sum) < 1e-5)).toBe(true);
}

/** Numbers in [-1, 1) for a shape. */
function filled(shape: readonly number[], i: number): Tensor {
  return { dtype: "float32", shape, data: Float32Array.from(smooth(shape, 31 + i, -1, 1).data as Float64Array) };
}

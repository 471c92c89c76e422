/** @file The layout rules of the TensorFlow.js runtime, and that a plan does not transpose around every operator. */
import { describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/engine/ir/graph.js";
import { openBackend } from "../../../src/runtimes/tfjs/backend.js";
import { Constants } from "../../../src/runtimes/tfjs/constants.js";
import { chooseLayout, type Layout } from "../../../src/runtimes/tfjs/layout.js";
import { planGraph } from "../../../src/runtimes/tfjs/plan.js";
import { caseOf, draw, image, window } from "./operatorCase.js";

type Operand = readonly [shape: readonly number[], stored?: Layout];

function choose(op: string, operands: readonly Operand[], outputShape: readonly number[], attributes: Attributes = {}, numbers: Readonly<Record<number, readonly number[]>> = {}) {
  const node = { op, name: op, inputs: operands.map((_, i) => `x${i}`), outputs: ["y"], attributes };
  return chooseLayout({ node, shapes: operands.map(([shape]) => shape), stored: operands.map(([, stored]) => stored), outputShapes: [outputShape], numbers: (i) => numbers[i] });
}

const [four, two] = [[1, 8, 5, 6], [1, 8]] as const;
const [last, first]: readonly ["nhwc", "nchw"] = ["nhwc", "nchw"];

describe("chooseLayout", () => {
  it.each([
    ["a convolution wants channels last", "Conv", [[four, first], [[8, 8, 3, 3]]], four, {}, {}, last, last],
    ["a convolution over a sequence does not", "Conv", [[[1, 8, 5], first], [[8, 8, 3]]], [1, 8, 5], {}, {}, first, first],
    ["element-wise follows channels last", "Add", [[four, last], [[8, 1, 1]]], four, {}, {}, last, last],
    ["one operand channels last is enough", "Mul", [[four, first], [four, last]], four, {}, {}, last, last],
    ["element-wise stays in ONNX's order", "Add", [[four, first], [four, first]], four, {}, {}, first, first],
    ["broadcasting to rank 5 needs ONNX's order", "Add", [[four, last], [[2, 1, 1, 1, 1], first]], [2, 1, 8, 5, 6], {}, {}, first, first],
    ["concatenation follows", "Concat", [[four, last], [four, first]], [1, 16, 5, 6], { axis: 1 }, {}, last, last],
    ["a reshape needs ONNX's order", "Reshape", [[four, last], [[2]]], [1, 240], {}, {}, first, first],
    ["a reduction that keeps its axes follows", "ReduceMean", [[four, last], [[2]]], [1, 8, 1, 1], { keepdims: 1 }, { 1: [2, 3] }, last, last],
    ["dropping both spatial axes keeps the order", "ReduceMean", [[four, last], [[2]]], two, { keepdims: 0 }, { 1: [2, 3] }, last, first],
    ["dropping the channels keeps the order", "ArgMax", [[four, last]], [1, 5, 6], { keepdims: 0, axis: 1 }, {}, last, first],
    ["dropping one spatial axis does not", "ReduceMean", [[four, last], [[1]]], [1, 8, 6], { keepdims: 0 }, { 1: [2] }, first, first],
    ["a permutation to channels last is already stored so", "Transpose", [[four, last]], [1, 5, 6, 8], { perm: [0, 2, 3, 1] }, {}, last, first],
    ["a permutation from channels last gives the stored order", "Transpose", [[[1, 5, 6, 8], first]], four, { perm: [0, 3, 1, 2] }, {}, first, last],
    ["any other permutation gives ONNX's order", "Transpose", [[four, first]], [1, 8, 6, 5], { perm: [0, 1, 3, 2] }, {}, first, first],
    ["one value per channel spreads channels last", "Expand", [[[1, 8, 1, 1], first], [[4]]], four, {}, {}, last, last],
  ] as const)("%s", (_name, op, operands, outputShape, attributes, numbers, inputs, outputs) => {
    expect(choose(op, operands as readonly Operand[], outputShape, attributes, numbers)).toEqual({ inputs, outputs });
  });
});

describe("planGraph", () => {
  it("reorders a convolutional network at its two ends only", async () => {
    const { graph } = caseOf("network", [image(1)], (builder, x) => {
      const convolution = (input: string, seed: number) => builder.add("Conv", [input, builder.constant(draw([4, 4, 3, 3], seed)), builder.constant(draw([4], seed + 1))], window([3, 3], { pads: [1, 1, 1, 1] }));
      const one = builder.add("Relu", [convolution(x!, 2)]);
      const two = builder.add("Add", [convolution(one, 4), one]);
      const scaled = builder.add("Mul", [two, builder.constant(draw([4, 1, 1], 6))]);
      const joined = builder.add("Concat", [scaled, builder.add("Sign", [one])], { axis: 1 });
      return [builder.add("ReduceMax", [joined, builder.ints([1])], { keepdims: 1 })];
    });
    const backend = await openBackend("tfjs-wasm", {});
    const constants = new Constants(backend.tf, graph, () => new Uint8Array());
    const { steps } = await planGraph(backend, graph, constants);
    constants.dispose();
    expect(steps.filter(({ label }) => / to n(chw|hwc)$/.test(label)).map(({ label }) => label)).toEqual(["x0 to nhwc", `${graph.outputs[0]} to nchw`]);
    expect(steps.at(-1)!.frees).not.toContain(`${graph.outputs[0]}@host`);
  });
});

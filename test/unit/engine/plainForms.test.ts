/** @file Operators that are taken apart to be differentiated: the plain form gives what the kernel gives, and its gradient what differences give. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { expand } from "../../../src/engine/passes/expand/expand.js";
import { canonicalForms, plainForms } from "../../../src/engine/passes/expand/expansions.js";
import { Draw } from "./gradientCases.js";
import { attentionCase, plainFormCases as cases } from "./gradientCasesPlain.js";
import { expectGradient } from "./gradientCheck.js";
import { smooth } from "./numbers.js";
import { evaluate64, nodeGraph } from "./smallGraph.js";

/** The same numbers, up to the float32 of constants. */
function expectSame(graph: Graph, other: Graph, tensors: readonly Tensor[]): void {
  const [wanted, actual] = [graph, other].map((each) => evaluate64(each, tensors)[graph.outputs[0]!]!);
  expect(actual!.shape).toEqual(wanted!.shape);
  const numbers = toNumbers(wanted!);
  toNumbers(actual!).forEach((value, i) => expect(Math.abs(value - numbers[i]!), `element ${i}`).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(numbers[i]!))));
}

describe("plain forms", () => {
  it("has a random case for each", () => expect(Object.keys(cases).sort()).toEqual(Object.keys(plainForms).sort()));

  it.each(Object.keys(cases))("%s is what its kernel computes", (op) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = cases[op]!(new Draw(gen));
      const plain = expand(graph, plainForms);
      expect(plain.nodes.map((node) => node.op)).not.toContain(op);
      expectSame(graph, plain, tensors);
    }), { seed: 20260801, numRuns: 60 });
  });

  it.each(Object.keys(cases))("%s has the gradient of differences", (op) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors, wrt } = cases[op]!(new Draw(gen));
      expectGradient(graph, tensors, wrt, op);
    }), { seed: 20260801, numRuns: 25 });
  });

  it("lets gradients reach a bilinear grid", () => {
    const x = smooth([1, 2, 4, 5], 3);
    const grid = smooth([1, 3, 3, 2], 4, -0.9, 0.9);
    expectGradient(nodeGraph("GridSample", [x, grid], { mode: "linear", align_corners: 1 }), [x, grid], [1], "grid");
  });
});

describe("attention, taken apart", () => {
  it("has the gradient of differences for every operand", () => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors, wrt } = attentionCase(new Draw(gen));
      expectGradient(graph, tensors, wrt, "Attention");
    }), { seed: 20260801, numRuns: 40 });
  });
});

describe("recurrent layers with the batch first", () => {
  it.each(["LSTM", "GRU", "RNN"] as const)("%s is the same layer between transposes", (op) => {
    const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
    const [x, w, r] = [smooth([2, 3, 4], 1), smooth([1, gates * 2, 4], 2), smooth([1, gates * 2, 2], 3)];
    const swapped: Tensor = { ...x, shape: [3, 2, 4], data: Float64Array.from({ length: 24 }, (_, i) => Number(x.data[((Math.floor(i / 4) % 2) * 3 + Math.floor(i / 8)) * 4 + (i % 4)])) };
    const plain = evaluate64(nodeGraph(op, [swapped, w, r], { hidden_size: 2 }, [], 2), [swapped, w, r]);
    const graph = expand(nodeGraph(op, [x, w, r], { hidden_size: 2, layout: 1 }, [], 2), canonicalForms);
    const [y, h] = graph.outputs.map((name) => evaluate64(graph, [x, w, r])[name]!);
    const [plainY, plainH] = Object.values(plain);
    expect([y!.shape, h!.shape]).toEqual([[2, 3, 1, 2], [2, 1, 2]]);
    for (let n = 0; n < 2; n++) for (let t = 0; t < 3; t++) for (let unit = 0; unit < 2; unit++) expect(y!.data[(n * 3 + t) * 2 + unit]).toBeCloseTo(Number(plainY!.data[(t * 2 + n) * 2 + unit]), 12);
    expect(toNumbers(h!)).toEqual(toNumbers(plainH!));
  });
});

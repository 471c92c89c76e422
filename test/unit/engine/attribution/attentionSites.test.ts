/** @file Attention found by structure: every layout and dressing, and what looks like it and is not. */
import { describe, expect, it } from "vitest";
import { attentionSites, withAttentionOutputs } from "../../../../src/engine/attribution/attentionSites.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { int64, toNumbers } from "../../../../src/engine/ir/tensor.js";
import { expand } from "../../../../src/engine/passes/expand/expand.js";
import { expansions } from "../../../../src/engine/passes/expand/expansions.js";
import { smooth } from "../numbers.js";
import { evaluate64, graphOf, nodeGraph } from "../smallGraph.js";

type Dress = (graph: GraphBuilder, scores: string) => string;
const plainly: Dress = (_, scores) => scores;

/** x `[2, 5, 8]` through one self-attention of two heads, with four axes or three; `dress` stands between the product and the softmax, `pass` between the softmax and the values. */
function selfAttention(dress: Dress = plainly, { axes = 4, pass = plainly }: { axes?: 3 | 4; pass?: Dress } = {}) {
  const x = smooth([2, 5, 8], 1);
  const graph = graphOf([x], (g, name) => {
    const project = (seed: number) => {
      const apart = g.add("Reshape", [g.add("MatMul", [name!, g.constant(smooth([8, 8], seed))]), g.ints([2, 5, 2, 4])]);
      const heads = g.add("Transpose", [apart], { perm: [0, 2, 1, 3] });
      return axes === 4 ? heads : g.add("Reshape", [heads, g.ints([4, 5, 4])]);
    };
    const [q, k, v] = [project(2), project(3), project(4)];
    const scores = g.add("MatMul", [q, g.add("Transpose", [k], { perm: axes === 4 ? [0, 1, 3, 2] : [0, 2, 1] })]);
    const weights = g.add("Softmax", [dress(g, scores)], { axis: -1 });
    return [g.add("MatMul", [pass(g, weights), v])];
  });
  return { graph, x };
}

const found = (graph: Parameters<typeof attentionSites>[0]) => attentionSites(graph).map(({ weights, shape }) => ({ weights, shape }));

describe("attention by structure", () => {
  it.each<[string, Dress]>([
    ["nothing between", plainly],
    ["a scale", (g, s) => g.add("Div", [s, g.scalar(2)])],
    ["a mask added", (g, s) => g.add("Add", [s, g.constant(smooth([2, 1, 1, 5], 9))])],
    ["a bias first in the sum", (g, s) => g.add("Add", [g.constant(smooth([1, 2, 5, 5], 9)), s])],
    ["a causal mask chosen", (g, s) => g.add("Where", [g.constant({ dtype: "bool", shape: [5, 5], data: Uint8Array.from({ length: 25 }, (_, i) => (i % 5 <= Math.floor(i / 5) ? 1 : 0)) }), s, g.scalar(-1e9)])],
    ["a softcap", (g, s) => g.add("Mul", [g.add("Tanh", [g.add("Div", [s, g.scalar(30)])]), g.scalar(30)])],
    ["a cast", (g, s) => g.add("Cast", [s], { to: "float32" })],
    ["heads mixed by constant weights", (g, s) => { const last = g.add("Transpose", [s], { perm: [0, 2, 3, 1] }); return g.add("Transpose", [g.add("MatMul", [last, g.constant(smooth([2, 2], 5))])], { perm: [0, 3, 1, 2] }); }],
    ["positions written into a part of the scores, as in MViT", (g, s) => {
      const part = g.add("Slice", [s, g.ints([0]), g.ints([1]), g.ints([0])]);
      return g.add("ScatterND", [s, g.constant(int64([1, 1], [0])), g.add("Add", [part, g.constant(smooth([2, 5, 5], 9))])]);
    }],
  ])("is found behind %s", (_, dress) => {
    const { graph } = selfAttention(dress);
    expect(found(graph)).toEqual([{ weights: graph.nodes.find(({ op }) => op === "Softmax")!.outputs[0], shape: [2, 2, 5, 5] }]);
  });

  it("is found where something stands before the values", () => {
    expect(found(selfAttention(plainly, { pass: (g, w) => g.add("Mul", [g.add("Cast", [w], { to: "float32" }), g.scalar(1)]) }).graph)).toHaveLength(1);
  });

  it("reads heads apart where the batch holds them, and gives the same weights", () => {
    const [flat, apart] = [selfAttention(plainly, { axes: 3 }), selfAttention()];
    expect(found(flat.graph).map(({ shape }) => shape)).toEqual([[2, 2, 5, 5]]);
    const weights = [flat, apart].map(({ graph, x }) => {
      const { graph: grown, outputs } = withAttentionOutputs(graph, attentionSites(graph));
      const result = evaluate64(grown, [x])[outputs[0]!]!;
      expect(result.shape).toEqual([2, 2, 5, 5]);
      return toNumbers(result);
    });
    expect(weights[0]).toEqual(weights[1]);
    for (let row = 0; row < 20; row++) expect(weights[0]!.slice(row * 5, row * 5 + 5).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it("is found in fused attention, taken apart", () => {
    const tensors = [smooth([1, 3, 4, 2], 1), smooth([1, 3, 6, 2], 2), smooth([1, 3, 6, 2], 3)];
    expect(found(expand(nodeGraph("Attention", tensors), expansions)).map(({ shape }) => shape)).toEqual([[1, 3, 4, 6]]);
  });

  it("is not a softmax over classes, nor one over positions of a layer's scores, nor one whose result weighs nothing", () => {
    const classes = graphOf([smooth([2, 5, 8], 1)], (g, x) => [g.add("Softmax", [g.add("MatMul", [x!, g.constant(smooth([8, 3], 2))])], { axis: -1 })]);
    const pooling = graphOf([smooth([2, 5, 8], 1)], (g, x) => {
      const scores = g.add("Transpose", [g.add("MatMul", [x!, g.constant(smooth([8, 1], 2))])], { perm: [0, 2, 1] });
      return [g.add("MatMul", [g.add("Softmax", [scores], { axis: -1 }), x!])];
    });
    const loose = graphOf([smooth([2, 5, 8], 1)], (g, x) => [g.add("Softmax", [g.add("MatMul", [x!, g.add("Transpose", [x!], { perm: [0, 2, 1] })])], { axis: -1 })]);
    expect([classes, pooling, loose].map(found)).toEqual([[], [], []]);
  });
});

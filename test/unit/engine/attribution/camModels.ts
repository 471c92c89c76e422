/** @file Classifiers cut at a layer, so that a test can run either part by itself: a map with a path around it, tokens behind a prefix, windows on a channels-last grid. */
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import type { Graph } from "../../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../../src/engine/ir/tensor.js";
import { float64 } from "../numbers.js";
import { evaluate64, graphOf, window } from "../smallGraph.js";
import { head, weights } from "./smallClassifiers.js";

export interface CutModel {
  readonly input: Tensor;
  readonly grid: readonly [number, number];
  readonly channels: number;
  /** Where channel c and place p stand in the layer's values. */
  readonly at: (c: number, p: number) => number;
  /** From the input to the layer, and to what goes around it. */
  readonly below: (graph: GraphBuilder, x: string) => readonly [layer: string, ...beside: string[]];
  readonly above: (graph: GraphBuilder, layer: string, beside: readonly string[]) => string;
}

const same = { pads: [1, 1, 1, 1] };

/** Channel 3 is the same everywhere (its kernel is 0, its bias is not); channel 4 is 0. The values have both signs. */
const map: CutModel = {
  input: weights([1, 2, 4, 3], 5), grid: [4, 3], channels: 5, at: (c, p) => c * 12 + p,
  below: (graph, x) => {
    const kernel = weights([5, 2, 3, 3], 1);
    (kernel.data as Float32Array).fill(0, 3 * 18);
    const stem = graph.add("Tanh", [x]);
    const bias = graph.constant({ dtype: "float32", shape: [5], data: Float32Array.of(0.1, -0.2, 0.3, 0.4, 0) });
    return [graph.add("Conv", [stem, graph.constant(kernel), bias], window([3, 3], same)), stem];
  },
  above: (graph, layer, [stem]) => {
    const mixed = graph.add("Conv", [graph.add("Tanh", [layer]), graph.constant(weights([4, 5, 3, 3], 2))], window([3, 3], same));
    const around = graph.add("Conv", [stem!, graph.constant(weights([4, 2, 1, 1], 3))], window([1, 1]));
    return head(graph, graph.add("Sigmoid", [graph.add("Add", [mixed, around])]), weights([3, 4], 4));
  },
};

/** One attention of a single head over tokens `[n, t, c]`. */
function attend(graph: GraphBuilder, tokens: string, size: number): string {
  const times = (seed: number) => graph.add("MatMul", [tokens, graph.constant(weights([size, size], seed))]);
  const scores = graph.add("MatMul", [times(11), graph.add("Transpose", [times(12)], { perm: [0, 2, 1] })]);
  return graph.add("MatMul", [graph.add("Softmax", [scores], { axis: -1 }), times(13)]);
}

const norm = (graph: GraphBuilder, value: string, size: number) => graph.add("LayerNormalization", [value, graph.constant(weights([size], 7)), graph.constant(weights([size], 8))], { axis: -1 });

/** A class token and one more before twelve patches, as a ViT with a register; the class token alone is read. */
const tokens: CutModel = {
  input: weights([1, 3, 4, 3], 6), grid: [4, 3], channels: 3, at: (c, p) => (2 + p) * 3 + c,
  below: (graph, x) => {
    const patches = graph.add("Transpose", [graph.add("Reshape", [x, graph.ints([1, 3, 12])])], { perm: [0, 2, 1] });
    const all = graph.add("Concat", [graph.constant(weights([1, 2, 3], 9)), patches], { axis: 1 });
    return [norm(graph, all, 3), all];
  },
  above: (graph, layer, [all]) => {
    const first = graph.add("Gather", [graph.add("Add", [all!, attend(graph, layer, 3)]), graph.constant({ dtype: "int64", shape: [], data: BigInt64Array.of(0n) })], { axis: 1 });
    return graph.add("Gemm", [first, graph.constant(weights([4, 3], 10))], { transB: 1 });
  },
};

/** Attention within windows of 2 by 3 on a channels-last grid of patches, as Swin; any number of images. */
const windows: CutModel = {
  input: weights([1, 3, 8, 12], 7), grid: [4, 6], channels: 4, at: (c, p) => p * 4 + c,
  below: (graph, x) => {
    const stem = graph.add("Transpose", [graph.add("Conv", [x, graph.constant(weights([4, 3, 2, 2], 2))], window([2, 2], { strides: [2, 2] }))], { perm: [0, 2, 3, 1] });
    return [norm(graph, stem, 4), stem];
  },
  above: (graph, layer, [stem]) => {
    const apart = graph.add("Transpose", [graph.add("Reshape", [layer, graph.ints([-1, 2, 2, 2, 3, 4])])], { perm: [0, 1, 3, 2, 4, 5] });
    const attended = attend(graph, graph.add("Reshape", [apart, graph.ints([-1, 6, 4])]), 4);
    const together = graph.add("Transpose", [graph.add("Reshape", [attended, graph.ints([-1, 2, 2, 2, 3, 4])])], { perm: [0, 1, 3, 2, 4, 5] });
    const sum = graph.add("Add", [stem!, graph.add("Reshape", [together, graph.ints([-1, 4, 6, 4])])]);
    return graph.add("Gemm", [graph.add("ReduceMean", [graph.add("Tanh", [sum]), graph.ints([1, 2])], { keepdims: 0 }), graph.constant(weights([3, 4], 4))], { transB: 1 });
  },
};

export const cutModels = { map, tokens, windows } as const;

/** The whole model, and the name its layer has there. */
export function wholeModel({ input, below, above }: CutModel): { readonly graph: Graph; readonly layer: string } {
  let name = "";
  const graph = graphOf([input], (builder, x) => {
    const [layer, ...beside] = below(builder, x!);
    name = layer;
    return [builder.rename(above(builder, layer, beside), "scores")];
  });
  return { graph, layer: name };
}

/** The layer's values, and the logits as a function of them; by the parts alone, in float64. */
export function parts({ input, below, above }: CutModel): { readonly values: readonly number[]; readonly logits: (values: readonly number[]) => number[] } {
  const lower = graphOf([input], (graph, x) => [below(graph, x!)[0]]);
  const layer = evaluate64(lower, [input])[lower.outputs[0]!]!;
  const upper = graphOf([input, layer], (graph, x, values) => [graph.rename(above(graph, values!, below(graph, x!).slice(1)), "scores")]);
  return { values: toNumbers(layer), logits: (values) => toNumbers(evaluate64(upper, [input, float64(layer.shape, values)])["scores"]!) };
}

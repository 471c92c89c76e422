/** @file Softmax, layer and instance normalisation taken apart into products, each split evenly between image and baseline, so that nothing of the score's difference is lost. */
import { numberOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import { normalizeAxis } from "../../ir/shape.js";
import { only, reshape, type GradientRule } from "../rule.js";
import { ordinary } from "./ordinary.js";
import { mean, quotientOr, type Other } from "./twin.js";

/** y = e / S with e = exp(x) and S its sum: a product with 1 / S, whose differences are -(S - S') / (S S'), and the quotient of differences at exp. */
export const softmaxByMeans = (other: Other): GradientRule => (graph, node, cotangents) => {
  const dy = only(cotangents);
  const both = [node.inputs[0]!, other(node.inputs[0]!)] as const;
  const axes = graph.ints([normalizeAxis(numberOf(node, "axis", -1), graph.shape(both[0]).length)]);
  const over = (op: "ReduceSum" | "ReduceMax", value: string) => graph.add(op, [value, axes], { keepdims: 1 });
  // One number is taken from image and baseline alike: exp stays in range, and y is as it was.
  const peak = graph.add("Max", both.map((x) => over("ReduceMax", x)));
  const [e, otherE] = both.map((x) => graph.add("Exp", [graph.add("Sub", [x, peak])])) as [string, string];
  const [inverse, otherInverse] = [e, otherE].map((value) => graph.add("Reciprocal", [over("ReduceSum", value)])) as [string, string];
  const through = graph.add("Mul", [over("ReduceSum", graph.add("Mul", [dy, mean(graph, e, otherE)])), graph.add("Mul", [inverse, otherInverse])]);
  const de = graph.add("Sub", [graph.add("Mul", [dy, mean(graph, inverse, otherInverse)]), through]);
  return [graph.add("Mul", [de, quotientOr(graph, graph.add("Sub", [e, otherE]), graph.add("Sub", both), e)])];
};

/**
 * dx of c / s with c = x - mean(x) and s = sqrt(v + epsilon), v = mean(c^2), means over `axes`, where g is the multiplier of the result: a product with r = 1 / s.
 * There (r - r') / (v - v') is -1 / (s s' (s + s')), and v - v' is the mean of (c + c') (c - c').
 */
function standardizeByMeans(graph: GraphBuilder, both: readonly [x: string, other: string], g: string, axes: readonly number[], epsilon: number): string {
  const over = (op: "ReduceMean" | "ReduceSum", value: string) => graph.add(op, [value, graph.ints(axes)], { keepdims: 1 });
  const times = (...values: string[]) => values.reduce((a, b) => graph.add("Mul", [a, b]));
  const parts = both.map((value) => {
    const c = graph.add("Sub", [value, over("ReduceMean", value)]);
    const s = graph.add("Sqrt", [graph.add("Add", [over("ReduceMean", times(c, c)), graph.scalar(epsilon)])]);
    return { c, s, r: graph.add("Reciprocal", [s]) };
  });
  const [own, its] = parts as [typeof parts[number], typeof parts[number]];
  const slope = graph.add("Neg", [graph.add("Div", [times(own.r, its.r), graph.add("Add", [own.s, its.s])])]);
  const c = mean(graph, own.c, its.c);
  const dv = times(over("ReduceSum", times(g, c)), slope);
  const count = axes.reduce((product, axis) => product * graph.shape(both[0])[axis]!, 1);
  const dc = graph.add("Add", [times(g, mean(graph, own.r, its.r)), times(dv, c, graph.scalar(2 / count))]);
  return graph.add("Sub", [dc, over("ReduceMean", dc)]);
}

/** Normalisation over the axes from `axis` on, times a scale, plus a bias. */
export const layerNormalizationByMeans = (other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  if (wanted.lastIndexOf(true) !== 0) return ordinary("LayerNormalization")(graph, node, cotangents, wanted);
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  return [standardizeByMeans(graph, [x, other(x)], graph.add("Mul", [only(cotangents), scale]), axes, numberOf(node, "epsilon", 1e-5))];
};

/** Normalisation over the places of every channel, times a scale per channel, plus a bias. */
export const instanceNormalizationByMeans = (other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  if (wanted.lastIndexOf(true) !== 0) return ordinary("InstanceNormalization")(graph, node, cotangents, wanted);
  const [x, scale] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const perChannel = reshape(graph, scale, [shape[1]!, ...new Array<number>(shape.length - 2).fill(1)]);
  const axes = shape.map((_, axis) => axis).slice(2);
  return [standardizeByMeans(graph, [x, other(x)], graph.add("Mul", [only(cotangents), perChannel]), axes, numberOf(node, "epsilon", 1e-5))];
};

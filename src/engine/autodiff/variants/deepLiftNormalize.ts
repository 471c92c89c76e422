/** @file Softmax and layer normalisation taken apart into products, each split evenly between image and baseline, so that nothing of the score's difference is lost. */
import { numberOf } from "../../ir/attributes.js";
import { normalizeAxis } from "../../ir/shape.js";
import { only, type GradientRule } from "../rule.js";
import { least, type HalvesOf } from "./halves.js";
import { ordinary } from "./ordinary.js";

/** y = e / S with e = exp(x) and S its sum: a product with 1 / S, whose differences are -(S - S') / (S S'), and the quotient of differences at exp. */
export const softmaxByMeans = (halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  const [x, dy, halves] = [node.inputs[0]!, only(cotangents), halvesOf(graph)];
  const axes = graph.ints([normalizeAxis(numberOf(node, "axis", -1), graph.shape(x).length)]);
  const sum = (value: string) => graph.add("ReduceSum", [value, axes], { keepdims: 1 });
  const mean = (value: string) => graph.add("Mul", [graph.add("Add", [value, halves.swapped(value, x)]), graph.scalar(0.5)]);
  // One number is taken from image and baseline alike: exp stays in range, and y is as it was.
  const own = graph.add("ReduceMax", [x, axes], { keepdims: 1 });
  const peak = graph.add("Max", [own, halves.swapped(own, x)]);
  const e = graph.add("Exp", [graph.add("Sub", [x, peak])]);
  const inverse = graph.add("Reciprocal", [sum(e)]);
  const through = graph.add("Mul", [sum(graph.add("Mul", [dy, mean(e)])), graph.add("Mul", [inverse, halves.swapped(inverse, x)])]);
  const de = graph.add("Sub", [graph.add("Mul", [dy, mean(inverse)]), through]);
  const dx = halves.difference(x);
  const isNear = graph.add("Less", [graph.add("Abs", [dx]), graph.scalar(least)]);
  const slope = graph.add("Div", [graph.add("Sub", [e, halves.swapped(e, x)]), graph.add("Where", [isNear, graph.scalar(1), dx])]);
  const scaled = graph.add("Mul", [de, graph.add("Where", [isNear, e, slope])]);
  return wanted[0] ? [scaled] : [undefined];
};

/**
 * y = c / s * scale + bias with c = x - mean(x) and s = sqrt(mean(c^2) + epsilon): a product with r = 1 / s. With v = mean(c^2), (r - r') / (v - v') is -1 / (s s' (s + s')),
 * and (v - v') is the mean of (c + c') (c - c').
 */
export const layerNormalizationByMeans = (halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  if (wanted.lastIndexOf(true) !== 0) return ordinary("LayerNormalization")(graph, node, cotangents, wanted);
  const [x, scale] = node.inputs as [string, string];
  const [dy, halves, rank] = [only(cotangents), halvesOf(graph), graph.shape(x).length];
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = graph.ints(Array.from({ length: rank - first }, (_, i) => first + i));
  const over = (op: "ReduceMean" | "ReduceSum", value: string) => graph.add(op, [value, axes], { keepdims: 1 });
  const times = (...values: string[]) => values.reduce((a, b) => graph.add("Mul", [a, b]));
  const c = graph.add("Sub", [x, over("ReduceMean", x)]);
  const s = graph.add("Sqrt", [graph.add("Add", [over("ReduceMean", times(c, c)), graph.scalar(numberOf(node, "epsilon", 1e-5))])]);
  const r = graph.add("Reciprocal", [s]);
  const [bothC, otherS, otherR] = [graph.add("Add", [c, halves.swapped(c, x)]), halves.swapped(s, x), halves.swapped(r, x)];
  const half = graph.scalar(0.5);
  const g = times(dy, scale);
  const slope = graph.add("Neg", [graph.add("Div", [times(r, otherR), graph.add("Add", [s, otherS])])]);
  const dv = times(over("ReduceSum", times(g, bothC, half)), slope);
  const count = graph.shape(x).slice(first).reduce((a, b) => a * b, 1);
  const dc = graph.add("Add", [times(g, graph.add("Add", [r, otherR]), half), times(dv, bothC, graph.scalar(1 / count))]);
  return [graph.add("Sub", [dc, over("ReduceMean", dc)])];
};

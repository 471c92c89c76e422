/** @file Softmax and layer normalisation taken apart into products, each split evenly between image and baseline, so that nothing of the score's difference is lost. */
import { numberOf } from "../../ir/attributes.js";
import { normalizeAxis } from "../../ir/shape.js";
import { only, type GradientRule } from "../rule.js";
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
 * y = c / s * scale + bias with c = x - mean(x) and s = sqrt(v + epsilon), v = mean(c^2): a product with r = 1 / s. There (r - r') / (v - v') is -1 / (s s' (s + s')),
 * and v - v' is the mean of (c + c') (c - c').
 */
export const layerNormalizationByMeans = (other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  if (wanted.lastIndexOf(true) !== 0) return ordinary("LayerNormalization")(graph, node, cotangents, wanted);
  const [x, scale] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const first = normalizeAxis(numberOf(node, "axis", -1), shape.length);
  const axes = graph.ints(Array.from({ length: shape.length - first }, (_, i) => first + i));
  const over = (op: "ReduceMean" | "ReduceSum", value: string) => graph.add(op, [value, axes], { keepdims: 1 });
  const times = (...values: string[]) => values.reduce((a, b) => graph.add("Mul", [a, b]));
  const parts = [x, other(x)].map((value) => {
    const c = graph.add("Sub", [value, over("ReduceMean", value)]);
    const s = graph.add("Sqrt", [graph.add("Add", [over("ReduceMean", times(c, c)), graph.scalar(numberOf(node, "epsilon", 1e-5))])]);
    return { c, s, r: graph.add("Reciprocal", [s]) };
  });
  const [own, its] = parts as [typeof parts[number], typeof parts[number]];
  const g = times(only(cotangents), scale);
  const slope = graph.add("Neg", [graph.add("Div", [times(own.r, its.r), graph.add("Add", [own.s, its.s])])]);
  const c = mean(graph, own.c, its.c);
  const dv = times(over("ReduceSum", times(g, c)), slope);
  const count = shape.slice(first).reduce((a, b) => a * b, 1);
  const dc = graph.add("Add", [times(g, mean(graph, own.r, its.r)), times(dv, c, graph.scalar(2 / count))]);
  return [graph.add("Sub", [dc, over("ReduceMean", dc)])];
};

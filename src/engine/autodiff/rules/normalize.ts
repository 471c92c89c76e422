/** @file Gradient rules of normalisations and softmax. */
import { WhylightError } from "../../errors.js";
import { numberOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis } from "../../ir/shape.js";
import { only, reshape, type GradientRule, type GradientRules } from "../rule.js";

/** Parameters are constants in every model that reaches a rule. */
function refuseParameters(node: Node, wanted: readonly boolean[]): void {
  if (wanted.slice(1).includes(true)) throw new WhylightError("gradientUndefined", { op: `${node.op} (parameters)`, node: node.name });
}

/** `[c]` as `[c, 1, ...]`, to multiply along axis 1 of a value of this rank. */
const alongChannels = (graph: GraphBuilder, value: string, rank: number) => reshape(graph, value, [graph.shape(value)[0]!, ...new Array<number>(rank - 2).fill(1)]);

const batchNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  refuseParameters(node, wanted);
  const [x, scale, , , variance] = node.inputs as [string, string, string, string, string];
  const deviation = graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(numberOf(node, "epsilon", 1e-5))])]);
  const factor = alongChannels(graph, graph.add("Div", [scale, deviation]), graph.shape(x).length);
  return [graph.add("Mul", [only(cotangents), factor])];
};

/**
 * dx of `(x - mean) / sqrt(variance + epsilon)` over the given axes, where g is the cotangent of the normalised value:
 * `(g - mean(g) - xhat * mean(g * xhat)) / sqrt(variance + epsilon)`.
 */
function standardizeGradient(graph: GraphBuilder, x: string, g: string, axes: readonly number[], epsilon: number): string {
  const mean = (value: string) => graph.add("ReduceMean", [value, graph.ints(axes)], { keepdims: 1 });
  const centred = graph.add("Sub", [x, mean(x)]);
  const variance = mean(graph.add("Mul", [centred, centred]));
  const inverse = graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
  const xhat = graph.add("Mul", [centred, inverse]);
  const projected = graph.add("Mul", [xhat, mean(graph.add("Mul", [g, xhat]))]);
  return graph.add("Mul", [graph.add("Sub", [graph.add("Sub", [g, mean(g)]), projected]), inverse]);
}

const layerNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  refuseParameters(node, wanted);
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  return [standardizeGradient(graph, x, graph.add("Mul", [only(cotangents), scale]), axes, numberOf(node, "epsilon", 1e-5))];
};

const instanceNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  refuseParameters(node, wanted);
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const g = graph.add("Mul", [only(cotangents), alongChannels(graph, scale, rank)]);
  return [standardizeGradient(graph, x, g, Array.from({ length: rank - 2 }, (_, i) => i + 2), numberOf(node, "epsilon", 1e-5))];
};

/** Groups become an axis of their own: `[n, groups, everything else]`. */
const groupNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  refuseParameters(node, wanted);
  const [x, scale] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const groups = numberOf(node, "num_groups", 1);
  const grouped = [shape[0]!, groups, shape.slice(1).reduce((a, b) => a * b, 1) / groups];
  const perGroup = graph.shape(scale)[0] !== shape[1];
  const dy = only(cotangents);
  const g = perGroup
    ? graph.add("Mul", [reshape(graph, dy, grouped), alongChannels(graph, scale, 3)])
    : reshape(graph, graph.add("Mul", [dy, alongChannels(graph, scale, shape.length)]), grouped);
  return [reshape(graph, standardizeGradient(graph, reshape(graph, x, grouped), g, [2], numberOf(node, "epsilon", 1e-5)), shape)];
};

const sumAlong = (graph: GraphBuilder, node: Node, value: string) => graph.add("ReduceSum", [value, graph.ints([numberOf(node, "axis", -1)])], { keepdims: 1 });

const softmax: GradientRule = (graph, node, cotangents) => {
  const y = node.outputs[0]!;
  const weighted = graph.add("Mul", [only(cotangents), y]);
  return [graph.add("Sub", [weighted, graph.add("Mul", [y, sumAlong(graph, node, weighted)])])];
};

const logSoftmax: GradientRule = (graph, node, cotangents) => {
  const dy = only(cotangents);
  const spread = graph.add("Mul", [graph.add("Exp", [node.outputs[0]!]), sumAlong(graph, node, dy)]);
  return [graph.add("Sub", [dy, spread])];
};

export const normalizeRules: GradientRules = {
  BatchNormalization: batchNormalization, LayerNormalization: layerNormalization, InstanceNormalization: instanceNormalization, GroupNormalization: groupNormalization,
  Softmax: softmax, LogSoftmax: logSoftmax,
};

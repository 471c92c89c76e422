/** @file Gradient rules of normalisations and softmax. */
import { WhylightError } from "../../errors.js";
import { numberOf, numbersOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis } from "../../ir/shape.js";
import { channelWindowSum } from "../../passes/plainOperators.js";
import { only, reshape, unaryRule, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";

/** Statistics that were measured while training are constants in every model that reaches a rule. */
function refuseInputs(node: Node, wanted: readonly boolean[], from: number): void {
  if (wanted.slice(from).includes(true)) throw new WhylightError("gradientUndefined", { op: `${node.op} (parameters)`, node: node.name });
}

/** The cotangents of a scale and a bias that broadcast against the normalised value: models may compute them from their input. */
function affineGradients(graph: GraphBuilder, node: Node, dy: string, wanted: readonly boolean[], xhat: () => string): (string | undefined)[] {
  return [
    wanted[1] ? unbroadcast(graph, graph.add("Mul", [dy, xhat()]), graph.shape(node.inputs[1]!)) : undefined,
    wanted[2] ? unbroadcast(graph, dy, graph.shape(node.inputs[2]!)) : undefined,
  ];
}

/** As `affineGradients`, for one scale and one bias per channel of axis 1. */
function channelGradients(graph: GraphBuilder, dy: string, wanted: readonly boolean[], xhat: () => string): (string | undefined)[] {
  const axes = graph.ints(graph.shape(dy).map((_, axis) => axis).filter((axis) => axis !== 1));
  const sum = (value: string) => graph.add("ReduceSum", [value, axes], { keepdims: 0 });
  return [wanted[1] ? sum(graph.add("Mul", [dy, xhat()])) : undefined, wanted[2] ? sum(dy) : undefined];
}

/** `[c]` as `[c, 1, ...]`, to multiply along axis 1 of a value of this rank. */
const alongChannels = (graph: GraphBuilder, value: string, rank: number) => reshape(graph, value, [graph.shape(value)[0]!, ...new Array<number>(rank - 2).fill(1)]);

const batchNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  refuseInputs(node, wanted, 3);
  const [x, scale, , mean, variance] = node.inputs as [string, string, string, string, string];
  const dy = only(cotangents);
  const along = (value: string) => alongChannels(graph, value, graph.shape(x).length);
  const deviation = graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(numberOf(node, "epsilon", 1e-5))])]);
  const xhat = () => graph.add("Div", [graph.add("Sub", [x, along(mean)]), along(deviation)]);
  const dx = wanted[0] ? graph.add("Mul", [dy, along(graph.add("Div", [scale, deviation]))]) : undefined;
  return [dx, ...channelGradients(graph, dy, wanted, xhat)];
};

/**
 * dx of `(x - mean) / sqrt(variance + epsilon)` over the given axes, where g is the cotangent of the normalised value:
 * `(g - mean(g) - xhat * mean(g * xhat)) / sqrt(variance + epsilon)`.
 */
function standardizeGradient(graph: GraphBuilder, x: string, g: string, axes: readonly number[], epsilon: number): string {
  const mean = (value: string) => graph.add("ReduceMean", [value, graph.ints(axes)], { keepdims: 1 });
  const { xhat, inverse } = standardized(graph, x, axes, epsilon);
  const projected = graph.add("Mul", [xhat, mean(graph.add("Mul", [g, xhat]))]);
  return graph.add("Mul", [graph.add("Sub", [graph.add("Sub", [g, mean(g)]), projected]), inverse]);
}

function standardized(graph: GraphBuilder, x: string, axes: readonly number[], epsilon: number): { xhat: string; inverse: string } {
  const mean = (value: string) => graph.add("ReduceMean", [value, graph.ints(axes)], { keepdims: 1 });
  const centred = graph.add("Sub", [x, mean(x)]);
  const variance = mean(graph.add("Mul", [centred, centred]));
  const inverse = graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
  return { xhat: graph.add("Mul", [centred, inverse]), inverse };
}

const layerNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  if (cotangents[1] ?? cotangents[2]) throw new WhylightError("gradientUndefined", { op: "LayerNormalization (mean and deviation)", node: node.name });
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const [dy, epsilon] = [only(cotangents), numberOf(node, "epsilon", 1e-5)];
  const dx = wanted[0] ? standardizeGradient(graph, x, graph.add("Mul", [dy, scale]), axes, epsilon) : undefined;
  return [dx, ...affineGradients(graph, node, dy, wanted, () => standardized(graph, x, axes, epsilon).xhat)];
};

const instanceNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const axes = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const [dy, epsilon] = [only(cotangents), numberOf(node, "epsilon", 1e-5)];
  const dx = wanted[0] ? standardizeGradient(graph, x, graph.add("Mul", [dy, alongChannels(graph, scale, rank)]), axes, epsilon) : undefined;
  return [dx, ...channelGradients(graph, dy, wanted, () => standardized(graph, x, axes, epsilon).xhat)];
};

/** Groups become an axis of their own: `[n, groups, everything else]`. */
const groupNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  const [x, scale] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const groups = numberOf(node, "num_groups", 1);
  const grouped = [shape[0]!, groups, shape.slice(1).reduce((a, b) => a * b, 1) / groups];
  const perGroup = graph.shape(scale)[0] !== shape[1];
  if (perGroup) refuseInputs(node, wanted, 1);
  const [dy, epsilon] = [only(cotangents), numberOf(node, "epsilon", 1e-5)];
  const g = () => perGroup
    ? graph.add("Mul", [reshape(graph, dy, grouped), alongChannels(graph, scale, 3)])
    : reshape(graph, graph.add("Mul", [dy, alongChannels(graph, scale, shape.length)]), grouped);
  const dx = wanted[0] ? reshape(graph, standardizeGradient(graph, reshape(graph, x, grouped), g(), [2], epsilon), shape) : undefined;
  return [dx, ...channelGradients(graph, dy, wanted, () => reshape(graph, standardized(graph, reshape(graph, x, grouped), [2], epsilon).xhat, shape))];
};

/** g is the cotangent of `x / rms(x)`: `(g - xhat * mean(g * xhat)) / rms`. */
const rmsNormalization: GradientRule = (graph, node, cotangents, wanted) => {
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = graph.ints(Array.from({ length: rank - first }, (_, i) => first + i));
  const mean = (value: string) => graph.add("ReduceMean", [value, axes], { keepdims: 1 });
  const dy = only(cotangents);
  const inverse = graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [mean(graph.add("Mul", [x, x])), graph.scalar(numberOf(node, "epsilon", 1e-5))])])]);
  const xhat = graph.add("Mul", [x, inverse]);
  const back = () => {
    const g = graph.add("Mul", [dy, scale]);
    return graph.add("Mul", [graph.add("Sub", [g, graph.add("Mul", [xhat, mean(graph.add("Mul", [g, xhat]))])]), inverse]);
  };
  return [wanted[0] ? back() : undefined, ...affineGradients(graph, node, dy, wanted, () => xhat)];
};

/**
 * With the sum of squares s over neighbouring channels and d = bias + alpha / size * s, y = x * d^-beta, so
 * dx = dy * d^-beta - 2 alpha beta / size * x * (sum of dy * x * d^(-beta - 1) over the channels that see this one).
 */
const lrn: GradientRule = unaryRule((graph, node, dy, x) => {
  const [alpha, beta, size] = [numberOf(node, "alpha", 1e-4), numberOf(node, "beta", 0.75), numberOf(node, "size", 1)];
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const power = (value: string, exponent: number) => graph.add("Pow", [value, graph.scalar(exponent)]);
  const sum = channelWindowSum(graph, graph.add("Mul", [x, x]), before, after);
  const d = graph.add("Add", [graph.add("Mul", [sum, graph.scalar(alpha / size)]), graph.scalar(numberOf(node, "bias", 1))]);
  const seen = channelWindowSum(graph, graph.add("Mul", [graph.add("Mul", [dy, x]), power(d, -beta - 1)]), after, before);
  const spread = graph.add("Mul", [graph.add("Mul", [x, seen]), graph.scalar((2 * alpha * beta) / size)]);
  return graph.add("Sub", [graph.add("Mul", [dy, power(d, -beta)]), spread]);
});

/** g is the cotangent of `x / n`: for p = 2 `(g - y * sum(g * y)) / n`, for p = 1 `(g - sign(x) * sum(g * y)) / n`; a line of zeros passes nothing. */
const lpNormalization: GradientRule = unaryRule((graph, node, dy, x, y) => {
  const p = numberOf(node, "p", 2);
  const norm = graph.add(p === 1 ? "ReduceL1" : "ReduceL2", [x, graph.ints([numberOf(node, "axis", -1)])], { keepdims: 1 });
  const direction = p === 1 ? graph.add("Sign", [x]) : y;
  const across = graph.add("Sub", [dy, graph.add("Mul", [direction, sumAlong(graph, node, graph.add("Mul", [dy, y]))])]);
  const zero = graph.scalar(0);
  const isZero = graph.add("Equal", [norm, zero]);
  return graph.add("Where", [isZero, zero, graph.add("Div", [across, graph.add("Where", [isZero, graph.scalar(1), norm])])]);
});

/** The deviation is not under the root with the guard: with s = deviation, `(g - mean(g)) / (s + e) - xc * mean(g * xc) / (s * (s + e)^2)`. */
const meanVariance: GradientRule = unaryRule((graph, node, dy, x) => {
  const axes = graph.ints(numbersOf(node, "axes") ?? [0, 2, 3]);
  const mean = (value: string) => graph.add("ReduceMean", [value, axes], { keepdims: 1 });
  const centred = graph.add("Sub", [x, mean(x)]);
  const deviation = graph.add("Sqrt", [mean(graph.add("Mul", [centred, centred]))]);
  const guarded = graph.add("Add", [deviation, graph.scalar(1e-9)]);
  const cubic = graph.add("Mul", [graph.add("Mul", [guarded, guarded]), graph.add("Max", [deviation, graph.scalar(1e-30)])]);
  const projected = graph.add("Div", [graph.add("Mul", [centred, mean(graph.add("Mul", [dy, centred]))]), cubic]);
  return graph.add("Sub", [graph.add("Div", [graph.add("Sub", [dy, mean(dy)]), guarded]), projected]);
});

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
  RMSNormalization: rmsNormalization, LpNormalization: lpNormalization, MeanVarianceNormalization: meanVariance, LRN: lrn, Softmax: softmax, LogSoftmax: logSoftmax,
};

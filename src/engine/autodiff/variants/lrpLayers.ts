/** @file The rules of LRP at linear layers. All share one form: relevance per output, divided by a sum of contributions, sent back and multiplied by what contributed. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { only, type GradientRule } from "../rule.js";
import { ordinary } from "./ordinary.js";

/** Relevance of the operand at place `at`, the other being weights, from the relevance `r` of the layer's output. */
export type LayerRule = (graph: GraphBuilder, node: Node, r: string, at: number) => string;

/** `r / z`, with epsilon added to z away from zero; the sign of 0 counts as positive (Captum, Zennit). */
export function share(graph: GraphBuilder, r: string, z: string, epsilon: number): string {
  const away = graph.add("Where", [graph.add("Less", [z, graph.scalar(0)]), graph.scalar(-epsilon), graph.scalar(epsilon)]);
  return graph.add("Div", [r, graph.add("Add", [z, away])]);
}

/** The epsilon rule (Bach et al., 2015, eq. 58): `x * J^T (r / (z + epsilon))`, where J is the operator's own derivative; a bias is part of z and keeps its share. */
export const epsilonRule = (op: string, epsilon: number): GradientRule => (graph, node, cotangents, wanted) => {
  const back = ordinary(op)(graph, node, [share(graph, only(cotangents), node.outputs[0]!, epsilon)], wanted);
  return back.map((cotangent, i) => (cotangent === undefined ? undefined : graph.add("Mul", [node.inputs[i]!, cotangent])));
};

/** A layer with another operand and other weights. `bias` is the value in the bias's place, `undefined` for none. */
export function applied(graph: GraphBuilder, { op, attributes }: Node, at: number, x: string, w: string, bias?: string): string {
  const operands = at === 0 ? [x, w] : [w, x];
  return graph.add(op, bias === undefined ? operands : [...operands, bias], attributes);
}

/** Sends values of the output's shape back to the operand through weights w. */
export function sentBack(graph: GraphBuilder, node: Node, at: number, x: string, w: string, values: string): string {
  const inputs = at === 0 ? [x, w] : [w, x];
  return ordinary(node.op)(graph, { ...node, inputs }, [values], [at === 0, at === 1])[at]!;
}

export const positive = (graph: GraphBuilder, value: string) => graph.add("Relu", [value]);
export const negative = (graph: GraphBuilder, value: string) => graph.add("Neg", [graph.add("Relu", [graph.add("Neg", [value])])]);

/** Operators whose result is never negative, and those that are so when their operands are. */
const neverNegative = new Set(["Relu", "Sigmoid", "Softmax", "Abs", "Exp", "Softplus", "HardSigmoid"]);
const keepingSign = new Set(["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Add", "ReduceMean"]);

function isNonNegative(graph: GraphBuilder, value: string, steps = 8): boolean {
  const node = graph.producer(value);
  if (node === undefined || steps === 0) return false;
  if (neverNegative.has(node.op) || (node.op === "Clip" && node.inputs[1] && (graph.constantValue(node.inputs[1]) ?? -1) >= 0)) return true;
  const operands = node.op === "Concat" || node.op === "Add" ? node.inputs : node.inputs.slice(0, 1);
  return keepingSign.has(node.op) && operands.every((operand) => isNonNegative(graph, operand, steps - 1));
}

/**
 * The gamma rule (Montavon et al., 2019): contributions with the output's sign count `1 + gamma` times. For inputs and outputs of either sign as in Zennit's `Gamma`; where inputs and output are
 * positive it is the usual `x (w + gamma w+)`. A contribution xw raised by its positive part is `(1 + gamma / 2) xw + gamma / 2 |x||w|`, and so one product of absolute values does for all signs.
 */
export const gammaRule = (gamma: number, epsilon: number): LayerRule => (graph, node, r, at) => {
  const [x, w, bias, y] = [node.inputs[at]!, node.inputs[1 - at]!, node.inputs[2], node.outputs[0]!];
  const abs = (value: string) => graph.add("Abs", [value]);
  const times = (value: string, factor: string | number) => graph.add("Mul", [value, typeof factor === "string" ? factor : graph.scalar(factor)]);
  const [absX, absW, sign] = [abs(x), abs(w), graph.add("Sign", [y])];
  const raised = times(times(applied(graph, node, at, absX, absW, bias ? abs(bias) : undefined), sign), gamma / 2);
  const z = graph.add("Add", [times(y, 1 + gamma / 2), raised]);
  // An output of 0 has no sign, and its relevance goes nowhere.
  const signed = times(share(graph, r, z, epsilon), sign);
  const own = times(times(x, sentBack(graph, node, at, x, w, times(signed, sign))), 1 + gamma / 2);
  return graph.add("Add", [own, times(times(absX, sentBack(graph, node, at, absX, absW, signed)), gamma / 2)]);
};

/**
 * The alpha-beta rule (Bach et al., 2015, eq. 60): positive contributions share `alpha` times the relevance, negative ones lose `beta = alpha - 1` times as much; a bias counts by its sign.
 * Positive inputs through positive weights and negative ones through negative weights are what speaks for a neuron; each side is summed by itself, since differences of large sums would not cancel.
 */
export const alphaBeta = (alpha: number, epsilon: number): LayerRule => (graph, node, r, at) => {
  const [x, w, bias] = [node.inputs[at]!, node.inputs[1 - at]!, node.inputs[2]];
  const [up, down] = [positive(graph, w), negative(graph, w)];
  const parts = isNonNegative(graph, x) ? [{ x, pro: up, contra: down }] : [{ x: positive(graph, x), pro: up, contra: down }, { x: negative(graph, x), pro: down, contra: up }];
  const total = (terms: readonly string[]) => terms.reduce((a, b) => graph.add("Add", [a, b]));
  const side = (name: "pro" | "contra", own: string | undefined, weight: number) => {
    const sum = total(parts.map((part, i) => applied(graph, node, at, part.x, part[name], i === 0 ? own : undefined)));
    const shares = graph.add("Mul", [share(graph, r, sum, epsilon), graph.scalar(weight)]);
    return parts.map((part) => graph.add("Mul", [part.x, sentBack(graph, node, at, part.x, part[name], shares)]));
  };
  const pro = side("pro", bias ? positive(graph, bias) : undefined, alpha);
  return total(alpha === 1 ? pro : [...pro, ...side("contra", bias ? negative(graph, bias) : undefined, 1 - alpha)]);
};

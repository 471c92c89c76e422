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

/** What speaks for a neuron and what speaks against it: weights for positive inputs (negative ones take the other's), and what a bias counts in each. */
interface Sides {
  readonly weights: readonly [pro: string, contra: string];
  readonly bias: readonly [pro: string, contra: string] | undefined;
  /** Relevance per contribution on each side, from the two sums of contributions. */
  readonly shares: (pro: string, contra: string) => readonly [string, string];
}

/** `x+ (P^T p + N^T c) + x- (N^T p + P^T c)`, with P and N the weights and p and c the shares of the two sides. */
function bySides(graph: GraphBuilder, node: Node, at: number, { weights: [p, n], bias, shares }: Sides): string {
  const x = node.inputs[at]!;
  const signs = isNonNegative(graph, x) ? [{ x, pro: p, contra: n }] : [{ x: positive(graph, x), pro: p, contra: n }, { x: negative(graph, x), pro: n, contra: p }];
  const total = (terms: readonly string[]) => terms.reduce((a, b) => graph.add("Add", [a, b]));
  const sum = (side: "pro" | "contra", own: string | undefined) => total(signs.map((part, i) => applied(graph, node, at, part.x, part[side], i === 0 ? own : undefined)));
  const [forPro, forContra] = shares(sum("pro", bias?.[0]), sum("contra", bias?.[1]));
  return total(signs.map((part) => graph.add("Mul", [part.x, graph.add("Add", [sentBack(graph, node, at, part.x, part.pro, forPro), sentBack(graph, node, at, part.x, part.contra, forContra)])])));
}

/**
 * The gamma rule (Montavon et al., 2019): contributions with the output's sign count `1 + gamma` times. For inputs and outputs of either sign as in Zennit's `Gamma`; where all are positive it is
 * the usual `x (w + gamma w+)`.
 */
export const gammaRule = (gamma: number, epsilon: number): LayerRule => (graph, node, r, at) => {
  const [w, bias, y] = [node.inputs[1 - at]!, node.inputs[2], node.outputs[0]!];
  const raised = (value: string, part: string) => graph.add("Add", [value, graph.add("Mul", [part, graph.scalar(gamma)])]);
  const sides = (value: string) => [raised(value, positive(graph, value)), raised(value, negative(graph, value))] as const;
  const zero = graph.scalar(0);
  const where = (op: "Greater" | "Less", value: string) => graph.add("Where", [graph.add(op, [y, zero]), value, zero]);
  const shares = (pro: string, contra: string) => [where("Greater", share(graph, r, pro, epsilon)), where("Less", share(graph, r, contra, epsilon))] as const;
  return bySides(graph, node, at, { weights: sides(w), bias: bias ? sides(bias) : undefined, shares });
};

/** The alpha-beta rule (Bach et al., 2015, eq. 60): positive contributions share `alpha` times the relevance, negative ones lose `beta = alpha - 1` times as much. */
export const alphaBeta = (alpha: number, epsilon: number): LayerRule => (graph, node, r, at) => {
  const [w, bias] = [node.inputs[1 - at]!, node.inputs[2]];
  const sides = (value: string) => [positive(graph, value), negative(graph, value)] as const;
  const shares = (pro: string, contra: string) => [
    graph.add("Mul", [share(graph, r, pro, epsilon), graph.scalar(alpha)]), graph.add("Mul", [share(graph, r, contra, epsilon), graph.scalar(1 - alpha)]),
  ] as const;
  return bySides(graph, node, at, { weights: sides(w), bias: bias ? sides(bias) : undefined, shares });
};

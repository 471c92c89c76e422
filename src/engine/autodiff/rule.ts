/** @file What a gradient rule sees: the node, the cotangents of its outputs, and which inputs are wanted. */
import type { GraphBuilder } from "../ir/builder.js";
import type { Node } from "../ir/graph.js";

/**
 * A vector-Jacobian product: nodes that turn the cotangents of a node's outputs into those of its inputs.
 * `cotangents[i]` is `undefined` where output i does not reach the target. Returns one value per input; `undefined` where the
 * derivative is zero or where `wanted[i]` is false, which then costs nothing. Every returned value has its input's shape.
 */
export type GradientRule = (graph: GraphBuilder, node: Node, cotangents: readonly (string | undefined)[], wanted: readonly boolean[]) => readonly (string | undefined)[];

/** Operator name to rule; `"none"` says that the operator passes no gradient, by nature. */
export type GradientRules = Readonly<Record<string, GradientRule | "none">>;

/** The cotangent of a node's only differentiable output. */
export function only(cotangents: readonly (string | undefined)[]): string {
  const [first] = cotangents;
  if (first === undefined) throw new Error("internal: a rule ran without a cotangent");
  return first;
}

/** A rule for one-input operators, from "how to make dx out of dy". */
export function unaryRule(rule: (graph: GraphBuilder, node: Node, dy: string, x: string, y: string) => string): GradientRule {
  return (graph, node, cotangents) => [rule(graph, node, only(cotangents), node.inputs[0]!, node.outputs[0]!)];
}

/** Sums a cotangent over the axes along which an operand of this shape was broadcast. */
export function unbroadcast(graph: GraphBuilder, cotangent: string, shape: readonly number[]): string {
  const from = graph.shape(cotangent);
  const extra = from.length - shape.length;
  const axes = from.map((_, axis) => axis).filter((axis) => axis < extra || (shape[axis - extra] === 1 && from[axis] !== 1));
  if (axes.length === 0) return cotangent;
  const summed = graph.add("ReduceSum", [cotangent, graph.ints(axes)], { keepdims: 1 });
  return extra === 0 ? summed : reshape(graph, summed, shape);
}

/** A value in another shape; nothing is added when it has that shape already. */
export function reshape(graph: GraphBuilder, value: string, shape: readonly number[]): string {
  const from = graph.shape(value);
  if (from.length === shape.length && from.every((dim, i) => dim === shape[i])) return value;
  return graph.add("Reshape", [value, graph.ints(shape)], { allowzero: 1 });
}

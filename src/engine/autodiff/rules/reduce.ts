/** @file Gradient rules of reductions. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { reshape, unaryRule, type GradientRule, type GradientRules } from "../rule.js";

/** The shape of the result with every reduced axis kept as 1, so that it broadcasts against the input. */
function keptShape(graph: GraphBuilder, node: Node): number[] {
  const shape = graph.shape(node.inputs[0]!);
  const given = node.inputs[1] ? graph.constantNumbers(node.inputs[1]) : [];
  if (given.length === 0 && node.attributes["noop_with_empty_axes"] === 1) return [...shape];
  const axes = new Set(given.length === 0 ? shape.map((_, axis) => axis) : given.map((axis) => normalizeAxis(axis, shape.length)));
  return shape.map((dim, axis) => (axes.has(axis) ? 1 : dim));
}

/** dx from dy and y, both with the reduced axes kept. */
const reduce = (rule: (graph: GraphBuilder, dy: string, x: string, y: string, count: number) => string): GradientRule =>
  unaryRule((graph, node, dy, x, y) => {
    const kept = keptShape(graph, node);
    const shape = graph.shape(x);
    const dx = rule(graph, reshape(graph, dy, kept), x, reshape(graph, y, kept), sizeOf(shape) / sizeOf(kept));
    return graph.shape(dx).every((dim, axis) => dim === shape[axis]) ? dx : graph.add("Expand", [dx, graph.ints(shape)]);
  });

/** The axes of x that were reduced; `kept` has them as 1. */
const inputAxes = (graph: GraphBuilder, x: string, kept: string) => graph.shape(x).map((_, axis) => axis).filter((axis) => graph.shape(kept)[axis] !== graph.shape(x)[axis]);

/** Ties share the gradient evenly, as `torch.amax` does. */
const extreme = reduce((graph, dy, x, y) => {
  const hits = graph.add("Cast", [graph.add("Equal", [x, y])], { to: "float32" });
  const axes = inputAxes(graph, x, y);
  const count = axes.length === 0 ? hits : graph.add("ReduceSum", [hits, graph.ints(axes)], { keepdims: 1 });
  return graph.add("Mul", [hits, graph.add("Div", [dy, count])]);
});

/** The product of all others: a single zero takes the product of the rest, and two leave nothing for anyone. */
const product = reduce((graph, dy, x, y) => {
  const [zero, one] = [graph.scalar(0), graph.scalar(1)];
  const isZero = graph.add("Equal", [x, zero]);
  const axes = inputAxes(graph, x, y);
  const along = (op: string, value: string) => (axes.length === 0 ? value : graph.add(op, [value, graph.ints(axes)], { keepdims: 1 }));
  const zeros = along("ReduceSum", graph.add("Cast", [isZero], { to: "float32" }));
  const filled = graph.add("Where", [isZero, one, x]);
  const rest = along("ReduceProd", filled);
  const atZero = graph.add("Where", [graph.add("Equal", [zeros, one]), rest, zero]);
  const elsewhere = graph.add("Where", [graph.add("Equal", [zeros, zero]), graph.add("Div", [rest, filled]), zero]);
  return graph.add("Mul", [graph.add("Where", [isZero, atZero, elsewhere]), dy]);
});

export const reduceRules: GradientRules = {
  ReduceSum: reduce((_, dy) => dy),
  ReduceMean: reduce((graph, dy, _, __, count) => graph.add("Mul", [dy, graph.scalar(1 / count)])),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceL1: reduce((graph, dy, x) => graph.add("Mul", [graph.add("Sign", [x]), dy])),
  // The norm of zeros has no slope; 0 is what torch.linalg.vector_norm takes.
  ReduceL2: reduce((graph, dy, x, y) => graph.add("Mul", [x, graph.add("Where", [graph.add("Greater", [y, graph.scalar(0)]), graph.add("Div", [dy, y]), graph.scalar(0)])])),
  ReduceSumSquare: reduce((graph, dy, x) => graph.add("Mul", [x, graph.add("Mul", [dy, graph.scalar(2)])])),
  ReduceProd: product,
  ReduceLogSum: reduce((graph, dy, _, y) => graph.add("Mul", [dy, graph.add("Exp", [graph.add("Neg", [y])])])),
  ReduceLogSumExp: reduce((graph, dy, x, y) => graph.add("Mul", [graph.add("Exp", [graph.add("Sub", [x, y])]), dy])),
};

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

/** Ties share the gradient evenly, as `torch.amax` does. */
const extreme = reduce((graph, dy, x, y) => {
  const hits = graph.add("Cast", [graph.add("Equal", [x, y])], { to: "float32" });
  const kept = graph.shape(y);
  const axes = graph.shape(x).map((_, axis) => axis).filter((axis) => kept[axis] !== graph.shape(x)[axis]);
  const count = axes.length === 0 ? hits : graph.add("ReduceSum", [hits, graph.ints(axes)], { keepdims: 1 });
  return graph.add("Mul", [hits, graph.add("Div", [dy, count])]);
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
  ReduceLogSumExp: reduce((graph, dy, x, y) => graph.add("Mul", [graph.add("Exp", [graph.add("Sub", [x, y])]), dy])),
};

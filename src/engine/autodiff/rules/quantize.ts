/** @file Gradient rules of quantisation: straight through, as PyTorch's `fake_quantize` does. Scales and zero points count as constants. */
import { numberOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis } from "../../ir/shape.js";
import { integerRange } from "../../reference/kernels/quantize.js";
import { only, reshape, type GradientRule, type GradientRules } from "../rule.js";

/** A scale or zero point in a shape that broadcasts against the tensor it belongs to, in float32. */
function aligned(graph: GraphBuilder, node: Node, value: string): string {
  const [shape, own] = [graph.shape(node.inputs[0]!), graph.shape(value)];
  const float = graph.type(value).dtype === "float32" ? value : graph.add("Cast", [value], { to: "float32" });
  const axis = normalizeAxis(numberOf(node, "axis", 1), shape.length);
  const block = numberOf(node, "block_size", 0);
  if (block === 0) return own.length === 1 && own[0] !== 1 ? reshape(graph, float, shape.map((_, i) => (i === axis ? own[0]! : 1))) : reshape(graph, float, []);
  const open = reshape(graph, float, [...own.slice(0, axis + 1), 1, ...own.slice(axis + 1)]);
  const repeated = graph.add("Expand", [open, graph.ints([...own.slice(0, axis + 1), block, ...own.slice(axis + 1)])]);
  const long = reshape(graph, repeated, own.map((dim, i) => (i === axis ? dim * block : dim)));
  return own[axis]! * block === shape[axis] ? long : graph.add("Slice", [long, graph.ints([0]), graph.ints([shape[axis]!]), graph.ints([axis])]);
}

/** Saturated elements pass nothing. */
const quantizeLinear: GradientRule = (graph, node, cotangents) => {
  const [x, scale, zero] = node.inputs as [string, string, string?];
  const [low, high] = integerRange(graph.type(node.outputs[0]!).dtype);
  const step = aligned(graph, node, scale);
  const steps = graph.add("Round", [graph.add("Div", [x, step])]);
  const level = zero ? graph.add("Add", [steps, aligned(graph, node, zero)]) : steps;
  const isInside = graph.add("And", [graph.add("GreaterOrEqual", [level, graph.scalar(low)]), graph.add("LessOrEqual", [level, graph.scalar(high)])]);
  return [graph.add("Where", [isInside, graph.add("Div", [only(cotangents), step]), graph.scalar(0)])];
};

const dequantizeLinear: GradientRule = (graph, node, cotangents) => [graph.add("Mul", [only(cotangents), aligned(graph, node, node.inputs[1]!)])];

/** The range always holds the data: nothing saturates. */
const dynamicQuantizeLinear: GradientRule = (graph, node, [dy]) => {
  if (dy === undefined) return [undefined];
  const [, scale] = graph.addMany("DynamicQuantizeLinear", [node.inputs[0]!], {}, 3) as [string, string, string];
  return [graph.add("Div", [dy, node.outputs[1] ? node.outputs[1] : scale])];
};

export const quantizeRules: GradientRules = { QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear, DynamicQuantizeLinear: dynamicQuantizeLinear };

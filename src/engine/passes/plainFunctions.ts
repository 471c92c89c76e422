/** @file Lowering rules that write rare functions, normalisations and quantisation in operators every runtime has. Each equals its operator's kernel; a test says so. */
import { numberOf, numbersOf } from "../ir/attributes.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { Node } from "../ir/graph.js";
import { normalizeAxis } from "../ir/shape.js";
import { float32, isFloat } from "../ir/tensor.js";
import { integerRange } from "../reference/kernels/quantize.js";
import type { LoweringRule } from "./lower.js";

/** A rule over one float operand; `op` adds a node whose number operands are scalars. */
type Op = (name: string, ...inputs: (string | number)[]) => string;
const ofFloats = (rule: (op: Op, x: string, node: Node, graph: GraphBuilder) => string): LoweringRule => (graph, node) => {
  const x = node.inputs[0]!;
  if (!isFloat(graph.type(x).dtype)) return undefined;
  const op: Op = (name, ...inputs) => graph.add(name, inputs.map((input) => (typeof input === "number" ? graph.scalar(input) : input)));
  return [rule(op, x, node, graph)];
};

const celu = ofFloats((op, x, node, graph) => {
  const alpha = numberOf(node, "alpha", 1);
  const curve = alpha === 1 ? graph.add("Elu", [x]) : op("Mul", graph.add("Elu", [op("Mul", x, 1 / alpha)]), alpha);
  return op("Where", op("Greater", x, 0), x, curve);
});

const thresholdedRelu = ofFloats((op, x, node) => op("Where", op("Greater", x, numberOf(node, "alpha", 1)), x, 0));

const shrink = ofFloats((op, x, node) => {
  const [lambd, bias] = [numberOf(node, "lambd", 0.5), numberOf(node, "bias", 0)];
  return op("Where", op("Less", x, -lambd), op("Add", x, bias), op("Where", op("Greater", x, lambd), op("Sub", x, bias), 0));
});

const lpNormalization = ofFloats((op, x, node, graph) => {
  const norm = graph.add(numberOf(node, "p", 2) === 1 ? "ReduceL1" : "ReduceL2", [x, graph.ints([normalizeAxis(numberOf(node, "axis", -1), graph.shape(x).length)])], { keepdims: 1 });
  return op("Div", x, op("Where", op("Equal", norm, 0), 1, norm));
});

const meanVariance = ofFloats((op, x, node, graph) => {
  const axes = graph.ints((numbersOf(node, "axes") ?? [0, 2, 3]).map((axis) => normalizeAxis(axis, graph.shape(x).length)));
  const mean = (value: string) => graph.add("ReduceMean", [value, axes], { keepdims: 1 });
  const centred = op("Sub", x, mean(x));
  return op("Div", centred, op("Add", op("Sqrt", mean(op("Mul", centred, centred))), 1e-9));
});

const globalLpPool = ofFloats((op, x, node, graph) => {
  const p = numberOf(node, "p", 2);
  const axes = graph.ints(graph.shape(x).map((_, axis) => axis).slice(2));
  const sum = graph.add("ReduceSum", [p === 2 ? op("Mul", x, x) : op("Pow", op("Abs", x), p), axes], { keepdims: 1 });
  return p === 2 ? op("Sqrt", sum) : op("Pow", sum, 1 / p);
});

const hardmax = ofFloats((_, x, node, graph) => {
  const axis = normalizeAxis(numberOf(node, "axis", -1), graph.shape(x).length);
  const best = graph.add("ArgMax", [x], { axis, keepdims: 0 });
  return graph.add("OneHot", [best, graph.ints([graph.shape(x)[axis]!]), graph.constant(float32([2], [0, 1]))], { axis });
});

/** One scale for all, or one per slice along the axis, in a shape that broadcasts. Blocks are left to the kernel. */
function perAxis(graph: GraphBuilder, node: Node, value: string): string {
  const [rank, own] = [graph.shape(node.inputs[0]!).length, graph.shape(value)];
  const float = graph.type(value).dtype === "float32" ? value : graph.add("Cast", [value], { to: "float32" });
  const axis = normalizeAxis(numberOf(node, "axis", 1), rank);
  const shape = own.length === 1 && own[0] !== 1 ? Array.from({ length: rank }, (_, i) => (i === axis ? own[0]! : 1)) : [];
  return String(own) === String(shape) ? float : graph.add("Reshape", [float, graph.ints(shape)], { allowzero: 1 });
}

const quantizeLinear: LoweringRule = (graph, node) => {
  if (numberOf(node, "block_size", 0) > 0) return undefined;
  const [x, scale, zero] = node.inputs as [string, string, string?];
  const dtype = graph.type(node.outputs[0]!).dtype;
  const [low, high] = integerRange(dtype);
  const steps = graph.add("Round", [graph.add("Div", [x, perAxis(graph, node, scale)])]);
  const level = zero ? graph.add("Add", [steps, perAxis(graph, node, zero)]) : steps;
  return [graph.add("Cast", [graph.add("Clip", [level, graph.scalar(low), graph.scalar(high)])], { to: dtype })];
};

const dequantizeLinear: LoweringRule = (graph, node) => {
  if (numberOf(node, "block_size", 0) > 0 || graph.type(node.inputs[0]!).dtype === "int32") return undefined;
  const [x, scale, zero] = node.inputs as [string, string, string?];
  const float = graph.add("Cast", [x], { to: "float32" });
  const centred = zero ? graph.add("Sub", [float, perAxis(graph, node, zero)]) : float;
  return [graph.add("Mul", [centred, perAxis(graph, node, scale)])];
};

/** Operator name to its plain form. */
export const plainFunctions: Readonly<Record<string, LoweringRule>> = {
  Celu: celu, ThresholdedRelu: thresholdedRelu, Shrink: shrink, LpNormalization: lpNormalization, MeanVarianceNormalization: meanVariance, GlobalLpPool: globalLpPool, Hardmax: hardmax,
  QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear,
};

/** @file Lowering rules that write younger operators in older ones, for runtimes that know only those. */
import { numberOf, numbersOf, windowOf } from "../ir/attributes.js";
import { normalizeAxis } from "../ir/shape.js";
import { unpooled } from "../ir/shapeRules/linear.js";
import { float32, isFloat, sizeOf } from "../ir/tensor.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { LoweringRule } from "./lower.js";

/** `x * sigmoid(alpha * x)`. */
export const swishBySigmoid: LoweringRule = (graph, node) => {
  const [x] = node.inputs as [string];
  const alpha = numberOf(node, "alpha", 1);
  const inner = alpha === 1 ? x : graph.add("Mul", [x, graph.scalar(alpha)]);
  return [graph.add("Mul", [x, graph.add("Sigmoid", [inner])])];
};

/** `x / sqrt(mean(x^2) + epsilon) * scale`. */
export const rmsNormalizationByMean: LoweringRule = (graph, node) => {
  const [x, scale] = node.inputs as [string, string];
  const rank = graph.shape(x).length;
  const first = normalizeAxis(numberOf(node, "axis", -1), rank);
  const axes = graph.ints(Array.from({ length: rank - first }, (_, i) => first + i));
  const mean = graph.add("ReduceMean", [graph.add("Mul", [x, x]), axes], { keepdims: 1 });
  const deviation = graph.add("Sqrt", [graph.add("Add", [mean, graph.scalar(numberOf(node, "epsilon", 1e-5))])]);
  return [graph.add("Mul", [graph.add("Div", [x, deviation]), scale])];
};

/** `a - b * floor(a / b)` for real numbers, where only the remainder of C is there. */
export const modByFloor: LoweringRule = (graph, node) => {
  const [a, b] = node.inputs as [string, string];
  if (numberOf(node, "fmod", 0) === 1 || !isFloat(graph.type(a).dtype)) return undefined;
  return [graph.add("Sub", [a, graph.add("Mul", [b, graph.add("Floor", [graph.add("Div", [a, b])])])])];
};

/** The sum over `before` channels before each and `after` after it: a convolution along the channels with ones. */
export function channelWindowSum(graph: GraphBuilder, value: string, before: number, after: number): string {
  const shape = graph.shape(value);
  const size = before + after + 1;
  const ones = graph.constant(float32([1, 1, size, 1], new Float32Array(size).fill(1)));
  const flat = graph.add("Reshape", [value, graph.ints([shape[0]!, 1, shape[1]!, sizeOf(shape.slice(2))])], { allowzero: 1 });
  const sums = graph.add("Conv", [flat, ones], { kernel_shape: [size, 1], strides: [1, 1], dilations: [1, 1], pads: [before, 0, after, 0], group: 1 });
  return graph.add("Reshape", [sums, graph.ints(shape)], { allowzero: 1 });
}

/** ONNX Runtime normalises images over an odd number of channels; anything else is written out. */
export const lrnBySums: LoweringRule = (graph, node) => {
  const [x] = node.inputs as [string];
  const size = numberOf(node, "size", 1);
  if (graph.shape(x).length === 4 && size % 2 === 1) return undefined;
  const sum = channelWindowSum(graph, graph.add("Mul", [x, x]), Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2));
  const scaled = graph.add("Add", [graph.add("Mul", [sum, graph.scalar(numberOf(node, "alpha", 1e-4) / size)]), graph.scalar(numberOf(node, "bias", 1))]);
  return [graph.add("Div", [x, graph.add("Pow", [scaled, graph.scalar(numberOf(node, "beta", 0.75))])])];
};

/** A larger output than the pooling had for its input holds that at its beginning, and zeros after it. */
export const maxUnpoolByPadding: LoweringRule = (graph, node) => {
  const [x, indices] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const inner = unpooled(shape.slice(2), windowOf(node, numbersOf(node, "kernel_shape")!)) as number[];
  const output = graph.shape(node.outputs[0]!);
  const extra = inner.map((size, i) => output[i + 2]! - size);
  if (extra.some((size) => size < 0)) return undefined;
  const { dilations: _, ...attributes } = node.attributes;
  const plain = graph.add("MaxUnpool", [x, indices], attributes);
  return [extra.every((size) => size === 0) ? plain : graph.add("Pad", [plain, graph.ints([...output.map(() => 0), 0, 0, ...extra]), graph.scalar(0)], { mode: "constant" })];
};

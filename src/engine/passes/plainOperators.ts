/** @file Lowering rules that write younger operators in older ones, for runtimes that know only those. */
import { numberOf, numbersOf, windowOf } from "../ir/attributes.js";
import { normalizeAxis } from "../ir/shape.js";
import { unpooled } from "../ir/shapeRules/linear.js";
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

/** A larger output than the pooling had for its input holds that at its beginning, and zeros after it. */
export const maxUnpoolByPadding: LoweringRule = (graph, node) => {
  const [x, indices] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const inner = unpooled(shape.slice(2), windowOf(node, numbersOf(node, "kernel_shape")!)) as number[];
  const output = graph.shape(node.outputs[0]!);
  const extra = inner.map((size, i) => output[i + 2]! - size);
  if (extra.some((size) => size < 0) || (node.inputs.length < 3 && extra.every((size) => size === 0))) return undefined;
  const plain = graph.add("MaxUnpool", [x, indices], node.attributes);
  return [extra.every((size) => size === 0) ? plain : graph.add("Pad", [plain, graph.ints([...output.map(() => 0), 0, 0, ...extra]), graph.scalar(0)], { mode: "constant" })];
};

/** @file Lowering rules for Einsum: with plain labels for runtimes that read `...` narrowly, or as one matrix product for those that have none. */
import { textOf } from "../ir/attributes.js";
import type { GraphBuilder } from "../ir/builder.js";
import { readEinsum, writeEinsum, type Einsum } from "../ir/einsum.js";
import type { Node } from "../ir/graph.js";
import { sizeOf } from "../ir/tensor.js";
import type { LoweringRule } from "./lower.js";

function read(graph: GraphBuilder, node: Node): Einsum {
  const found = readEinsum(textOf(node, "equation", ""), node.inputs.map((input) => graph.shape(input).length));
  if (typeof found === "string") throw new Error(`internal: ${found}`);
  return found;
}

/** ONNX Runtime wants every `...` to cover as many axes; labels of their own need not. */
export const einsumWithoutEllipsis: LoweringRule = (graph, node) =>
  (textOf(node, "equation", "").includes("...") ? [graph.add("Einsum", node.inputs, { equation: writeEinsum(read(graph, node)) })] : undefined);

/** An operand with its axes in the order of `labels`; labels it lacks become axes of 1, and those not asked for are summed away. */
function arranged(graph: GraphBuilder, value: string, own: readonly string[], labels: readonly string[]): string {
  const summed = own.map((label, axis) => (labels.includes(label) ? -1 : axis)).filter((axis) => axis >= 0);
  const kept = own.filter((label) => labels.includes(label));
  let result = summed.length === 0 ? value : graph.add("ReduceSum", [value, graph.ints(summed)], { keepdims: 0 });
  const present = labels.filter((label) => kept.includes(label));
  const perm = present.map((label) => kept.indexOf(label));
  if (perm.some((axis, i) => axis !== i)) result = graph.add("Transpose", [result], { perm });
  if (present.length === labels.length) return result;
  const shape = graph.shape(result);
  let next = 0;
  return graph.add("Reshape", [result, graph.ints(labels.map((label) => (kept.includes(label) ? shape[next++]! : 1)))], { allowzero: 1 });
}

/** The node with operands that nothing has to stretch: every axis of 1 is as long as the others of its label. */
export function withFullAxes(graph: GraphBuilder, node: Node): Node {
  const { operands } = read(graph, node);
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => labels.forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, graph.shape(node.inputs[i]!)[axis]!))));
  const inputs = node.inputs.map((input, i) => {
    const shape = operands[i]!.map((label) => sizes.get(label)!);
    return shape.join() === graph.shape(input).join() ? input : graph.add("Expand", [input, graph.ints(shape)]);
  });
  return { ...node, inputs };
}

/**
 * Two operands (one is a transposition and a sum): labels of both and of the result are batches, labels of both alone are multiplied and added up,
 * the others are rows or columns. More operands, repeated labels within one and stretched axes stay as they are.
 */
export const einsumByMatMul: LoweringRule = (graph, node) => {
  const { operands, output } = read(graph, node);
  if (operands.length > 2 || operands.some((labels) => new Set(labels).size < labels.length)) return undefined;
  const [a, b] = node.inputs as [string, string?];
  const [left, right] = operands as [readonly string[], (readonly string[])?];
  if (b === undefined || right === undefined) return [arranged(graph, a, left, output)];
  const sizes = new Map(left.map((label, axis) => [label, graph.shape(a)[axis]!]));
  if (right.some((label, axis) => sizes.has(label) && sizes.get(label) !== graph.shape(b)[axis])) return undefined;
  right.forEach((label, axis) => sizes.set(label, graph.shape(b)[axis]!));
  const shared = left.filter((label) => right.includes(label));
  const [batch, inner] = [output.filter((label) => shared.includes(label)), shared.filter((label) => !output.includes(label))];
  const [rows, columns] = [output.filter((label) => left.includes(label) && !right.includes(label)), output.filter((label) => right.includes(label) && !left.includes(label))];
  const extent = (labels: readonly string[]) => labels.map((label) => sizes.get(label)!);
  const matrix = (value: string, own: readonly string[], first: readonly string[], second: readonly string[]) =>
    graph.add("Reshape", [arranged(graph, value, own, [...batch, ...first, ...second]), graph.ints([...extent(batch), sizeOf(extent(first)), sizeOf(extent(second))])], { allowzero: 1 });
  const product = graph.add("MatMul", [matrix(a, left, rows, inner), matrix(b, right, inner, columns)]);
  const open = graph.add("Reshape", [product, graph.ints(extent([...batch, ...rows, ...columns]))], { allowzero: 1 });
  return [arranged(graph, open, [...batch, ...rows, ...columns], output)];
};

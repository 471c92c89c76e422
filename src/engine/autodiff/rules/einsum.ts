/** @file Gradient rule of Einsum: again an Einsum, of the cotangent and the other operands. */
import { textOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import { readEinsum, writeEinsum, type Einsum } from "../../ir/einsum.js";
import type { Node } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import { only, reshape, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";

/**
 * The cotangent of one operand. Labels that no other term has were summed: every element takes the same, so the result is expanded along them.
 * A label that stands twice picks a diagonal: all else takes 0. Axes of 1 that were stretched are summed back.
 */
function operandCotangent(graph: GraphBuilder, node: Node, read: Einsum, at: number, dy: string, sizes: ReadonlyMap<string, number>): string {
  const own = [...new Set(read.operands[at]!)];
  const rest = read.operands.map((labels, i) => ({ labels, value: node.inputs[i]! })).filter((_, i) => i !== at);
  const others = [{ labels: read.output, value: dy }, ...rest];
  const reachable = own.filter((label) => others.some(({ labels }) => labels.includes(label)));
  const equation = writeEinsum({ operands: others.map(({ labels }) => labels), output: reachable });
  let dx = graph.add("Einsum", others.map(({ value }) => value), { equation });
  // An axis of 1 in every other term is narrower than the label's size.
  const open = own.map((label) => (reachable.includes(label) ? graph.shape(dx)[reachable.indexOf(label)]! : 1));
  dx = reshape(graph, dx, open);
  if (own.length < read.operands[at]!.length) {
    dx = expanded(graph, dx, own.map((label) => sizes.get(label)!));
    return onDiagonal(graph, dx, read.operands[at]!, sizes);
  }
  const shape = graph.shape(node.inputs[at]!);
  const summed = unbroadcast(graph, dx, own.map((_, axis) => (shape[axis] === 1 ? 1 : graph.shape(dx)[axis]!)));
  return expanded(graph, summed, shape);
}

const expanded = (graph: GraphBuilder, value: string, shape: readonly number[]) => (String(graph.shape(value)) === String(shape) ? value : graph.add("Expand", [value, graph.ints(shape)]));

function onDiagonal(graph: GraphBuilder, value: string, labels: readonly string[], sizes: ReadonlyMap<string, number>): string {
  const shape = labels.map((label) => sizes.get(label)!);
  const firsts = labels.map((label, axis) => (labels.indexOf(label) === axis ? sizes.get(label)! : 1));
  // Labels come in the order of their first appearance, so a reshape puts each on its first axis.
  let result = reshape(graph, value, firsts);
  labels.forEach((label, axis) => {
    const first = labels.indexOf(label);
    if (first === axis) return;
    const size = sizes.get(label)!;
    const identity = Float32Array.from({ length: size * size }, (_, i) => (Math.floor(i / size) === i % size ? 1 : 0));
    const mask = graph.constant(float32(shape.map((dim, i) => (i === first || i === axis ? dim : 1)), identity));
    result = graph.add("Mul", [result, mask]);
  });
  return result;
}

const einsum: GradientRule = (graph, node, cotangents, wanted) => {
  const shapes = node.inputs.map((input) => graph.shape(input));
  const read = readEinsum(textOf(node, "equation", ""), shapes.map(({ length }) => length)) as Einsum;
  const sizes = new Map<string, number>();
  read.operands.forEach((labels, i) => labels.forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, shapes[i]![axis]!))));
  return node.inputs.map((_, at) => (wanted[at] ? operandCotangent(graph, node, read, at, only(cotangents), sizes) : undefined));
};

export const einsumRules: GradientRules = { Einsum: einsum };

/** @file How much arithmetic a graph is: what its time is estimated by, and held against when it was measured. */
import { numberOf, textOf } from "./attributes.js";
import { readEinsum, type Einsum } from "./einsum.js";
import { dependents, typeOf, type Graph, type Node } from "./graph.js";
import { sizeOf } from "./tensor.js";

type Sizes = (value: string) => readonly number[];

/** Additions and multiplications of the operators that multiply matrices; beside them the others' do not count. */
const counted: Readonly<Record<string, (node: Node, sizes: Sizes) => number>> = {
  Conv: ({ inputs: [, weight], outputs: [result] }, sizes) => 2 * sizeOf(sizes(result!)) * sizeOf(sizes(weight!).slice(1)),
  ConvTranspose: ({ inputs: [input, weight] }, sizes) => 2 * sizeOf(sizes(input!)) * sizeOf(sizes(weight!).slice(1)),
  MatMul: ({ inputs: [left], outputs: [result] }, sizes) => 2 * sizeOf(sizes(result!)) * sizes(left!).at(-1)!,
  Gemm: (node, sizes) => 2 * sizeOf(sizes(node.outputs[0]!)) * sizes(node.inputs[0]!)[numberOf(node, "transA", 0) === 1 ? 0 : 1]!,
  Einsum: (node, sizes) => 2 * sizeOf(einsumSizes(node, sizes)),
};

/** Floating-point operations of one run. Shapes must be concrete; what depends on constants alone is computed once and does not count. */
export function flopsOf(graph: Graph): number {
  const varies = dependents(graph);
  const sizes: Sizes = (value) => typeOf(graph, value).shape as readonly number[];
  return graph.nodes.reduce((total, node) => (node.outputs.some((output) => varies.has(output)) ? total + (counted[node.op]?.(node, sizes) ?? 0) : total), 0);
}

/** What most of a model's arithmetic is: convolutions, or the matrix products that attention is made of. */
export const modelFamilies = ["convolutions", "attention"] as const;
export type ModelFamily = (typeof modelFamilies)[number];

/** The family of a graph. Lengths that are not known yet count as 1, and values whose rank is not known do not count. */
export function familyOf(graph: Graph): ModelFamily {
  const varies = dependents(graph);
  const shapeOf = (value: string) => graph.types.get(value)?.shape?.map((length) => (typeof length === "number" ? length : 1));
  const arithmetic = { convolutions: 0, attention: 0 };
  for (const node of graph.nodes) {
    const rule = counted[node.op];
    if (rule === undefined || !node.outputs.some((output) => varies.has(output)) || ![...node.inputs, ...node.outputs].every((value) => value === "" || shapeOf(value))) continue;
    arithmetic[node.op.startsWith("Conv") ? "convolutions" : "attention"] += rule(node, (value) => shapeOf(value)!);
  }
  return arithmetic.convolutions >= arithmetic.attention ? "convolutions" : "attention";
}

/** The length of each axis that an equation names, once. */
function einsumSizes(node: Node, sizes: Sizes): number[] {
  const shapes = node.inputs.map(sizes);
  const equation = readEinsum(textOf(node, "equation", ""), shapes.map(({ length }) => length)) as Einsum;
  const lengths = new Map<string, number>();
  for (const [i, labels] of equation.operands.entries()) for (const [axis, label] of labels.entries()) lengths.set(label, Math.max(lengths.get(label) ?? 1, shapes[i]![axis]!));
  return [...lengths.values()];
}

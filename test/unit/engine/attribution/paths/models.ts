/** @file Classifiers whose integrals are known, or found by going slowly. */
import { classifierOf } from "../../../../../src/engine/attribution/classifier.js";
import type { Attribution } from "../../../../../src/engine/attribution/attribute.js";
import type { Graph } from "../../../../../src/engine/ir/graph.js";
import { float32, sizeOf, toNumbers, type Tensor } from "../../../../../src/engine/ir/tensor.js";
import { evaluate64 } from "../../smallGraph.js";
import { explain, image, model, target, weights } from "../smallClassifiers.js";

export const size = sizeOf(image.shape);
export const x = toNumbers(image);
/** Row c is the weights of class c. */
const matrix = weights([3, size], 3);
export const row = (c: number) => toNumbers(matrix).slice(c * size, (c + 1) * size);

const weighted = (isSquared: boolean) => model((graph, name) => {
  const values = graph.add("Flatten", [isSquared ? graph.add("Mul", [name, name]) : name], { axis: 1 });
  return graph.add("Gemm", [values, graph.constant(matrix)], { transB: 1 });
});

/** F_c = sum of w x. */
export const linear: Graph = weighted(false);
/** F_c = sum of w x^2: dF/dx = 2 w x, and what paths from x' collect is w (x^2 - x'^2), element by element. */
export const quadratic: Graph = weighted(true);

/** Curved everywhere, with elements that act on each other. */
export const smoothModel: Graph = model((graph, name) => {
  const mixed = graph.add("Tanh", [graph.add("Gemm", [graph.add("Flatten", [name], { axis: 1 }), graph.constant(weights([6, size], 8))], { transB: 1 })]);
  return graph.add("Gemm", [mixed, graph.constant(weights([3, 6], 9))], { transB: 1 });
});

/** A network of ReLUs: its gradient jumps. */
export const reluModel: Graph = model((graph, name) => {
  const layer = (value: string, shape: readonly [number, number], seed: number) => graph.add("Gemm", [value, graph.constant(weights(shape, seed)), graph.constant(weights([shape[0]], seed + 1))], { transB: 1 });
  const hidden = graph.add("Relu", [layer(graph.add("Flatten", [name], { axis: 1 }), [20, size], 11)]);
  return layer(graph.add("Relu", [layer(hidden, [12, 20], 21)]), [3, 12], 31);
});

export const tensor = (values: ArrayLike<number>): Tensor => float32(image.shape, values);
/** A baseline of plain values. */
export const given = (values: ArrayLike<number>) => ({ shape: image.shape, data: Float32Array.from(values) });

/** dF/dx at a point, by the plain gradient. */
export async function gradientAt(graph: Graph, values: ArrayLike<number>, index = 0): Promise<Float32Array> {
  return (await explain(graph, { input: tensor(values), target: target(index) })).attribution.data;
}

/** F at a point, by the interpreter in float64. */
export function scoreAt(graph: Graph, values: ArrayLike<number>, index = 0): number {
  const { logits, input } = classifierOf(graph);
  return Number(evaluate64(graph, { [input]: tensor(values) })[logits]!.data[index]);
}

export const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** max |a - b| / max |b|. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]!))) / largest;
}

/** The completeness that a result states, as sum and difference. */
export function statedCompleteness({ completeness, attribution }: Attribution): { readonly sum: number; readonly difference: number } {
  const total = sum(attribution.data);
  return { sum: total, difference: total - completeness!.gap };
}

/** @file A small image, and classifiers of it whose perturbation maps have closed forms. */
import { expect } from "vitest";
import type { AttributeJob, Attribution } from "../../../../../src/engine/attribution/attribute.js";
import type { GraphBuilder } from "../../../../../src/engine/ir/builder.js";
import type { Graph } from "../../../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../../../src/engine/ir/tensor.js";
import { explain, model, weights } from "../smallClassifiers.js";

export const [channels, height, width] = [2, 6, 5];
export const places = height * width;
export const image = weights([1, channels, height, width], 11);
export const x = toNumbers(image);
const matrix = weights([3, channels * places], 4);

/** What class c's logit multiplies each element with. */
export const slopes = (c: number) => toNumbers(matrix).slice(c * channels * places, (c + 1) * channels * places);

/** Logits linear in the elements. */
export const logitsOf = (graph: GraphBuilder, input: string) => graph.add("Gemm", [graph.add("Flatten", [input], { axis: 1 }), graph.constant(matrix)], { transB: 1 });

/** A classifier with such logits, or what `finish` makes of them. */
export const linear = (finish: (graph: GraphBuilder, logits: string) => string = (_, logits) => logits): Graph => model((graph, input) => finish(graph, logitsOf(graph, input)), image);

/** Class c's linear logit of an image. */
export const linearScore = (values: readonly number[], c: number) => slopes(c).reduce((sum, slope, i) => sum + slope * values[i]!, 0);

/** The image where a place is kept, `fill` elsewhere. */
export const masked = (isKept: (place: number) => boolean, fill: readonly number[] = x.map(() => 0)) => x.map((value, i) => (isKept(i % places) ? value : fill[i]!));

/** Six stripes of five places: `[h, w]` of labels that are no row of whole numbers from 0. */
export const stripes = { shape: [height, width], data: Float32Array.from({ length: places }, (_, p) => 10 * Math.floor(p / width) + 3) };
export const stripeOf = (place: number) => Math.floor(place / width);

export const perturb = (graph: Graph, job: Partial<AttributeJob>): Promise<Attribution> => explain(graph, { input: image, ...job });

/** Numbers of their own to take an image's place. */
export const other = (seed: number) => weights(image.shape, seed);
export const plain = (tensor: Tensor) => ({ shape: tensor.shape, data: tensor.data as Float32Array });

/** Equal to five digits behind the point. */
export function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 5);
}

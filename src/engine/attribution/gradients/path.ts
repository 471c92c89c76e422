/** @file The straight path from a baseline to the image, and the scores at its ends. */
import type { MethodContext } from "../context.js";
import type { Remark } from "../method.js";
import type { PlainTensor } from "../parameters.js";
import type { Baseline } from "./baselines.js";

/** Writes the point at `alpha` of the path: 0 is the baseline, 1 the image. */
export function interpolate(x: ArrayLike<number>, baseline: ArrayLike<number>, alpha: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = baseline[i]! + alpha * (x[i]! - baseline[i]!);
}

/** The score at each baseline, by the very program that scores the image: one image at a time needs no other. */
export async function scoresAt(context: MethodContext, baselines: readonly Baseline[]): Promise<readonly number[]> {
  const scores: number[] = [];
  for (const { values } of baselines) await context.forEachScore(1, (_, into) => into.set(values), (_, { score }) => scores.push(score));
  return scores;
}

/** Where nothing leads from the baseline to the image there is nothing to attribute. */
export function isAt(x: ArrayLike<number>, { values }: Baseline): boolean {
  return values.every((value, i) => value === x[i]);
}

/** Said when every baseline is the image itself. */
export function baselineRemarks(x: ArrayLike<number>, baselines: readonly Baseline[]): readonly Remark[] {
  return baselines.every((baseline) => isAt(x, baseline)) ? [{ code: "baselineIsImage", data: {} }] : [];
}

/** The sum of a map, in float64. */
export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** A float64 map as a result. By `map`, as everywhere in this room: `from` with a function takes ten times as long, a fifth of the time of a photo's gradient. */
export function toPlain(shape: readonly number[], values: Float64Array, scale = 1): PlainTensor {
  return { shape, data: new Float32Array(values.map((value) => value * scale)) };
}

export const mean = (values: readonly number[]) => sumOf(values) / values.length;

/** @file The numbers of a comparison's finished maps, each worked out once. Pure. */
import { averageTo, comparisonGrid, noiseShare, rankCorrelations, relativeChange } from "../../src/drawing/comparison.js";
import type { Explanation } from "../../src/protocol/api.js";

const noises = new WeakMap<Explanation, number>();

/** The measured noise of the map as its method draws it, at the size of the model's input. */
export function noiseOf(explanation: Explanation): number {
  const noise = noises.get(explanation) ?? noiseShare(explanation.heatmap);
  noises.set(explanation, noise);
  return noise;
}

/** How alike maps rank their places. */
export interface Correlations {
  /** Not-a-number where a map is the same everywhere. */
  readonly matrix: readonly (readonly number[])[];
  /** The grid of means they were compared on; `undefined` pixel by pixel. */
  readonly grid: readonly [rows: number, columns: number] | undefined;
}

/** Maps of different methods are compared by places, since the texture of single pixels tells methods apart and nothing else; maps of one method pixel by pixel. */
export function correlationsOf(explanations: readonly Explanation[], byPlaces: boolean): Correlations {
  const grid = byPlaces ? explanations.map(({ attribution, inputSize }) => comparisonGrid(attribution, inputSize)).reduce(([rows, columns], next) => [Math.min(rows, next[0]), Math.min(columns, next[1])], [Infinity, Infinity]) : undefined;
  return { matrix: rankCorrelations(explanations.map(({ heatmap }) => (grid ? averageTo(heatmap, grid) : heatmap.data))), grid };
}

/** How a map changed from the one before: over all raw values, and in its ranking of the pixels. */
export function changeBetween(before: Explanation, after: Explanation): { readonly distance: number; readonly correlation: number } {
  return { distance: relativeChange(before.attribution.data, after.attribution.data), correlation: rankCorrelations([before.heatmap.data, after.heatmap.data])[0]?.[1] ?? NaN };
}

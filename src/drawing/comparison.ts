/** @file Comparing maps: their average, where they disagree, how they change, how alike they rank, how noisy they are, and a scale they share. */
import { averageTo, comparisonGrid } from "../engine/attribution/trust/coarse.js";
import { rankCorrelations } from "../engine/attribution/trust/rankCorrelation.js";
import type { Grid } from "./heatmap.js";

/** What is measured of a result: its raw values, and the map as its method draws it, at the size of the model's input. */
export interface Measured {
  readonly attribution: Grid;
  readonly heatmap: Grid;
  readonly inputSize: readonly [height: number, width: number];
}

/** The mean of maps of one shape, value by value. */
export function average(grids: readonly Grid[]): Grid {
  return combine(grids, (values) => values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Where maps of one shape disagree: the standard deviation across them, value by value (of the maps themselves, so divided by their number). */
export function disagreement(grids: readonly Grid[]): Grid {
  return combine(grids, (values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}

function combine(grids: readonly Grid[], make: (values: number[]) => number): Grid {
  const first = grids[0];
  if (!first) return { shape: [0, 0], data: new Float32Array(0) };
  return { shape: first.shape, data: Float32Array.from(first.data, (_, i) => make(grids.map(({ data }) => data[i]!))) };
}

/** How far `after` is from `before`: the Euclidean distance as a share of the length of `after`, which knows more. Infinite when `after` is 0 everywhere and `before` is not. */
export function relativeChange(before: ArrayLike<number>, after: ArrayLike<number>): number {
  let [distance, length] = [0, 0];
  for (let i = 0; i < after.length; i++) {
    distance += (after[i]! - before[i]!) ** 2;
    length += after[i]! ** 2;
  }
  return distance === 0 ? 0 : Math.sqrt(distance / length);
}

/** How alike maps rank their places. */
export interface Correlations {
  /** Spearman's, of every map with every other; not-a-number where a map is the same everywhere, since it ranks nothing. */
  readonly matrix: readonly (readonly number[])[];
  /** The grid of means they were compared on; `undefined` pixel by pixel. */
  readonly grid: readonly [rows: number, columns: number] | undefined;
}

/** Maps of different methods are compared by places, as the trust report does, since the texture of single pixels tells methods apart and nothing else; maps of one method pixel by pixel. */
export function correlationsOf(maps: readonly Measured[], byPlaces: boolean): Correlations {
  const coarser = (a: readonly [number, number], b: readonly [number, number]) => [Math.min(a[0], b[0]), Math.min(a[1], b[1])] as const;
  const grid = byPlaces ? maps.map(({ attribution, inputSize }) => comparisonGrid(attribution, inputSize)).reduce(coarser, [Infinity, Infinity]) : undefined;
  return { matrix: rankCorrelations(maps.map(({ heatmap }) => (grid ? averageTo(heatmap, grid) : heatmap.data))), grid };
}

/** How a map changed from the one before: over all raw values, and in its ranking of the pixels. */
export function changeBetween(before: Measured, after: Measured): { readonly distance: number; readonly correlation: number } {
  return { distance: relativeChange(before.attribution.data, after.attribution.data), correlation: rankCorrelations([before.heatmap.data, after.heatmap.data])[0]![1]! };
}

/**
 * The measured noise of a map `[h, w]`, 0 to 1: the share of its energy (sum of squares) that a median filter of 3 × 3 changes, edges repeated.
 * Single pixels that stand out of their neighbours are noise by this measure; areas and straight edges are none. 0 for a map of zeros.
 */
export function noiseShare({ shape, data }: Grid): number {
  const [height, width] = [shape[0]!, shape[1]!];
  const window = new Float32Array(9);
  let [removed, energy] = [0, 0];
  for (let y = 0; y < height; y++) {
    const rows = [Math.max(0, y - 1) * width, y * width, Math.min(height - 1, y + 1) * width];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
      let filled = 0;
      for (const row of rows) {
        window[filled++] = data[row + left]!;
        window[filled++] = data[row + x]!;
        window[filled++] = data[row + right]!;
      }
      const value = data[y * width + x]!;
      removed += (value - medianOfNine(window)) ** 2;
      energy += value * value;
    }
  }
  return energy === 0 ? 0 : Math.min(1, removed / energy);
}

/** The pairs to put in order so that the median of nine stands in the middle (Paeth, Graphics Gems, 1990: 19 exchanges). */
const exchanges = [1, 2, 4, 5, 7, 8, 0, 1, 3, 4, 6, 7, 1, 2, 4, 5, 7, 8, 0, 3, 5, 8, 4, 7, 3, 6, 1, 4, 2, 5, 4, 7, 4, 2, 6, 4, 4, 2];

/** Sorting nine numbers at every pixel would take far longer. Changes the order of `values`. */
function medianOfNine(values: Float32Array): number {
  for (let i = 0; i < exchanges.length; i += 2) {
    const [low, high] = [exchanges[i]!, exchanges[i + 1]!];
    const [a, b] = [values[low]!, values[high]!];
    if (a > b) {
      values[low] = b;
      values[high] = a;
    }
  }
  return values[4]!;
}

/** The raw values at the ends of a colour scale. */
export type Ends = readonly [low: number, high: number];

/** Ends that hold all of them: from the lowest to the highest, or as far below zero as above where one of them is signed. */
export function commonEnds(all: readonly { readonly ends: Ends; readonly signed: boolean }[]): { readonly ends: Ends; readonly signed: boolean } {
  const low = Math.min(...all.map(({ ends }) => ends[0]));
  const high = Math.max(...all.map(({ ends }) => ends[1]));
  if (!all.some(({ signed }) => signed)) return { ends: [low, high], signed: false };
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return { ends: [-reach, reach], signed: true };
}

/** @file Attention weights made ready to be looked at: one head or the mean of all, some of the tokens, the strongest of each query. */
import type { Grid } from "../heatmap.js";

/** The tokens that a matrix keeps, as indexes into its queries and keys. */
export interface TokenSelection {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** The keys whose weights each row is divided by the sum of; `undefined` leaves rows as they are. */
  readonly renormalised?: readonly number[] | undefined;
}

/** `[queries, keys]` of one head, or of the heads' mean, out of `[windows, heads, queries, keys]`. A head's own matrix is a view into the weights. */
export function headWeights({ shape, data }: Grid, window: number, head: number | "mean"): Grid {
  const [heads, queries, keys] = [shape[1]!, shape[2]!, shape[3]!];
  const size = queries * keys;
  const at = (one: number) => data.subarray((window * heads + one) * size, (window * heads + one + 1) * size);
  if (head !== "mean") return { shape: [queries, keys], data: at(head) };
  const mean = new Float32Array(size);
  for (let one = 0; one < heads; one++) {
    const weights = at(one);
    for (let i = 0; i < size; i++) mean[i]! += weights[i]! / heads;
  }
  return { shape: [queries, keys], data: mean };
}

/** The rows and columns of a selection. A row whose kept keys got nothing becomes zeros. All tokens as they are give the same matrix back. */
export function selectTokens(grid: Grid, { rows, columns, renormalised }: TokenSelection): Grid {
  const { shape, data } = grid;
  const keys = shape[1]!;
  if (!renormalised && rows.length === shape[0] && columns.length === keys) return grid;
  const result = new Float32Array(rows.length * columns.length);
  rows.forEach((row, i) => {
    const sum = renormalised ? renormalised.reduce((total, key) => total + data[row * keys + key]!, 0) : 1;
    if (sum > 0) for (const [j, key] of columns.entries()) result[i * columns.length + j] = data[row * keys + key]! / sum;
  });
  return { shape: [rows.length, columns.length], data: result };
}

/** The largest weight; 0 for none. */
export function largestWeight(data: Float32Array): number {
  let most = 0;
  for (const weight of data) if (weight > most) most = weight;
  return most;
}

/** What is drawn of a matrix: weights of at least `least` that are among the `top` of their query (ties of the last one stay); the others become NaN. */
export function cutWeights({ shape, data }: Grid, least: number, top: number): Grid {
  const [rows, columns] = [shape[0]!, shape[1]!];
  const result = data.slice();
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const bound = Math.max(least, top < columns ? kthLargest(data, from, from + columns, top) : -Infinity);
    for (let i = from; i < from + columns; i++) if (!(data[i]! >= bound)) result[i] = NaN;
  }
  return { shape, data: result };
}

/** The `k`-th largest of `data[from, to)`; `k` is small, so the largest so far are kept in order. -Infinity when there are fewer. */
export function kthLargest(data: Float32Array, from: number, to: number, k: number): number {
  const kept = new Float64Array(Math.max(1, k)).fill(-Infinity);
  const last = kept.length - 1;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (!(value > kept[last]!)) continue;
    let place = last;
    for (; place > 0 && kept[place - 1]! < value; place--) kept[place] = kept[place - 1]!;
    kept[place] = value;
  }
  return kept[last]!;
}

/** One key of a query. */
export interface KeyWeight {
  readonly key: number;
  readonly weight: number;
}

/** A query's keys by their weight, largest first; equal ones in their order. Those that are not drawn (NaN) are left out. */
export function keysByWeight({ shape, data }: Grid, row: number): KeyWeight[] {
  const columns = shape[1]!;
  const keys = Array.from(data.subarray(row * columns, (row + 1) * columns), (weight, key) => ({ key, weight }));
  return keys.filter(({ weight }) => !Number.isNaN(weight)).toSorted((a, b) => b.weight - a.weight || a.key - b.key);
}

/** The largest weight of every `factor` by `factor` block, so that a picture smaller than its matrix loses no strong weight. NaN where a block holds nothing else. */
export function pooledWeights(grid: Grid, factor: number): Grid {
  if (factor <= 1) return grid;
  const [rows, columns] = [grid.shape[0]!, grid.shape[1]!];
  const [height, width] = [Math.ceil(rows / factor), Math.ceil(columns / factor)];
  const data = new Float32Array(height * width).fill(NaN);
  for (let row = 0; row < rows; row++) {
    const to = Math.floor(row / factor) * width;
    for (let column = 0; column < columns; column++) {
      const at = to + Math.floor(column / factor);
      const weight = grid.data[row * columns + column]!;
      if (!(data[at]! >= weight) && !Number.isNaN(weight)) data[at] = weight;
    }
  }
  return { shape: [height, width], data };
}

/** @file Attention over the patches of an image: one value per patch for a query, windows put back in their places. Pure. */
import { headWeights } from "../../src/drawing/attention/weights.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { AttentionLayer, AttentionSummary } from "../../src/protocol/attention.js";
import { hasSharedTokens } from "./tokens.js";

/** How tokens lie on the image. */
export interface PatchPlan {
  /** Tokens before the patches. */
  readonly prefix: number;
  /** Patches of the whole image, rows by columns. */
  readonly grid: readonly [rows: number, columns: number];
  /** Windows, rows by columns, and patches within one; a single window is the image. */
  readonly windows: readonly [rows: number, columns: number];
  readonly window: readonly [rows: number, columns: number];
  /** By how many patches the windows lie moved over the image, which wraps around. */
  readonly shift: readonly [rows: number, columns: number];
}

/** The plan of a layer; `undefined` when it is not known where its tokens lie. */
export function planOf({ windows, grid, windowGrid, windowShift = [0, 0], imageGrid, prefix, queries, keys }: AttentionLayer): PatchPlan | undefined {
  if (!grid || queries !== keys || keys !== prefix + grid[0] * grid[1]) return undefined;
  if (windows === 1) return { prefix, grid, windows: [1, 1], window: grid, shift: [0, 0] };
  if (!windowGrid || windowGrid[0] * windowGrid[1] !== windows) return undefined;
  return { prefix, grid: imageGrid ?? [grid[0] * windowGrid[0], grid[1] * windowGrid[1]], windows: windowGrid, window: grid, shift: windowShift };
}

/** The plan of what is made of all layers: that of a layer with the same tokens. */
export function sharedPlan(summary: Pick<AttentionSummary, "layers" | "tokens">): PatchPlan | undefined {
  const layer = summary.layers.find((one) => hasSharedTokens(summary, one));
  return layer && planOf(layer);
}

/** A place among the patches of the whole image, from 0, as the window it lies in and its place among that window's patches. */
export function placeInWindow({ grid, windows, window, shift }: PatchPlan, patch: number): { readonly window: number; readonly place: number } {
  const within = (at: number, side: 0 | 1) => {
    const size = windows[side] * window[side];
    return (((at - shift[side]) % size) + size) % size;
  };
  const [row, column] = [within(Math.floor(patch / grid[1]), 0), within(patch % grid[1], 1)];
  return { window: Math.floor(row / window[0]) * windows[1] + Math.floor(column / window[1]), place: (row % window[0]) * window[1] + (column % window[1]) };
}

/** The query whose attention is drawn: a prefix token, a patch of the whole image behind them, or the mean of all queries. */
export type PatchQuery = number | "mean";

/** One value per patch of the image, and what went to the prefix tokens instead. NaN where a window's query has no key. */
export interface PatchValues {
  readonly values: Grid;
  readonly onPrefix: number;
}

/** What a query gives to every patch, from `[tokens, tokens]` of one window. */
export function patchValues({ shape, data }: Grid, { prefix, grid }: Pick<PatchPlan, "prefix" | "grid">, query: PatchQuery): PatchValues {
  const [rows, keys] = [shape[0]!, shape[1]!];
  const row = new Float32Array(keys);
  const queries = query === "mean" ? Array.from({ length: rows }, (_, i) => i) : [query];
  for (const one of queries) for (let key = 0; key < keys; key++) row[key]! += data[one * keys + key]! / queries.length;
  return { values: { shape: grid, data: row.slice(prefix) }, onPrefix: row.subarray(0, prefix).reduce((sum, weight) => sum + weight, 0) };
}

/** The same for a layer with windows: the mean of every window's queries, or what one patch gives within its window. */
export function windowValues(weights: Grid, head: number | "mean", plan: PatchPlan, query: PatchQuery): PatchValues {
  const values = new Float32Array(plan.grid[0] * plan.grid[1]).fill(NaN);
  const chosen = query === "mean" ? undefined : placeInWindow(plan, query - plan.prefix);
  const byWindow = new Map<number, Float32Array>();
  for (let patch = 0; patch < values.length; patch++) {
    const { window, place } = placeInWindow(plan, patch);
    if (chosen && window !== chosen.window) continue;
    const known = byWindow.get(window) ?? patchValues(headWeights(weights, window, head), { prefix: plan.prefix, grid: plan.window }, chosen ? plan.prefix + chosen.place : "mean").values.data;
    byWindow.set(window, known);
    values[patch] = known[place]!;
  }
  return { values: { shape: plan.grid, data: values }, onPrefix: 0 };
}

/** @file Attention as a map over an image: what the class token attends to, or the mean of all queries where there is none. */
import type { Grid } from "../drawing/heatmap.js";
import type { AttentionLayer, AttentionSummary } from "../protocol/attention.js";
import { patchRow, queryOf } from "../worker/patchRow.js";
import type { ShownAttention } from "./shownAttention.js";

/** The map to draw; `undefined` where it cannot be told where tokens lie. */
export function shownMap({ layers, tokens }: Pick<AttentionSummary, "layers" | "tokens">, { whole, windows, layer, head }: ShownAttention, hidesSpecial: boolean): Grid | undefined {
  if (windows) return windowMap(windows.weights, windows.layer, head ?? "mean");
  const at = layer === null ? layers.find(({ windows: count, queries, keys }) => count === 1 && queries === tokens.length && keys === tokens.length) : layers[layer];
  if (!at?.grid) return undefined;
  const map = patchRow(whole, at, queryOf({ tokens }));
  const sum = hidesSpecial ? map.data.reduce((a, b) => a + b, 0) : 1;
  return sum > 0 ? { ...map, data: map.data.map((value) => value / sum) } : map;
}

/** The mean of the queries' weights on each patch, within its window. */
function windowMap({ shape, data }: Grid, { grid, windowGrid, windowShift = [0, 0], imageGrid }: AttentionLayer, chosen: number | "mean"): Grid | undefined {
  if (!grid || !windowGrid || !imageGrid) return undefined;
  const [windows, heads, queries, keys] = shape as [number, number, number, number];
  const those = chosen === "mean" ? Array.from({ length: heads }, (_, head) => head) : [chosen];
  const result = new Float32Array(imageGrid[0] * imageGrid[1]);
  for (let window = 0; window < windows; window++) for (let key = 0; key < keys; key++) {
    const row = (Math.floor(window / windowGrid[1]) * grid[0] + Math.floor(key / grid[1]) + windowShift[0]) % (windowGrid[0] * grid[0]);
    const column = ((window % windowGrid[1]) * grid[1] + (key % grid[1]) + windowShift[1]) % (windowGrid[1] * grid[1]);
    if (row >= imageGrid[0] || column >= imageGrid[1]) continue;
    let sum = 0;
    for (const head of those) for (let query = 0; query < queries; query++) sum += data[((window * heads + head) * queries + query) * keys + key]!;
    result[row * imageGrid[1] + column] = sum / (those.length * queries);
  }
  return { shape: imageGrid, data: result };
}

/** @file Small pictures of heads for the view of all layers at once. */
import type { Grid } from "../heatmap.js";

/** The longest side of a small picture. */
export const thumbnailSide = 32;

/**
 * Every head of weights `[windows, heads, queries, keys]` as `[heads, side, side]`, 0 to 255 of the head's own largest weight. A cell shows the largest of the weights it holds, over all windows;
 * where there are fewer weights than cells, they are repeated. Heads without a weight above 0 stay 0.
 */
export function thumbnails({ shape, data }: Grid, side: number): Uint8Array {
  const [windows, heads, queries, keys] = shape as [number, number, number, number];
  const result = new Uint8Array(heads * side * side);
  const cells = new Float32Array(side * side);
  const [rows, columns] = [bounds(queries, side), bounds(keys, side)];
  for (let head = 0; head < heads; head++) {
    cells.fill(0);
    for (let window = 0; window < windows; window++) {
      const from = (window * heads + head) * queries * keys;
      for (let y = 0; y < side; y++) for (let row = rows[y]![0]; row < rows[y]![1]; row++) {
        const line = from + row * keys;
        for (let x = 0; x < side; x++) {
          const [first, end] = columns[x]!;
          let most = cells[y * side + x]!;
          for (let key = first; key < end; key++) if (data[line + key]! > most) most = data[line + key]!;
          cells[y * side + x] = most;
        }
      }
    }
    const peak = cells.reduce((a, b) => Math.max(a, b), 0);
    if (peak > 0) cells.forEach((weight, i) => { result[head * side * side + i] = Math.round((255 * weight) / peak); });
  }
  return result;
}

/** Which weights each cell holds: every weight is in some cell, and every cell has one. */
function bounds(count: number, side: number): (readonly [first: number, end: number])[] {
  return Array.from({ length: side }, (_, i) => {
    const first = Math.floor((i * count) / side);
    return [first, Math.max(first + 1, Math.floor(((i + 1) * count) / side))];
  });
}

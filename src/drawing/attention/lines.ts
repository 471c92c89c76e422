/** @file The lines of the head view: for each query and head its strongest keys, strongest lines first. */
import type { Grid } from "../heatmap.js";
import { kthLargest } from "./weights.js";

/** Parallel arrays, by falling weight. `from` and `to` count rows and columns. */
export interface AttentionLines {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly head: Int32Array;
  readonly weight: Float32Array;
  /** Whether weaker lines were left out because there would be too many to draw. */
  readonly isCapped: boolean;
}

/** More lines than this make no picture, and no file that opens. */
export const mostLines = 65_536;

/** The lines between the tokens of each head's matrix (`[rows, columns]`, all of one size): per query and head the `top` strongest keys with a weight above zero. */
export function strongestLines(heads: readonly Grid[], top: number): AttentionLines {
  const [rows, columns] = [heads[0]?.shape[0] ?? 0, heads[0]?.shape[1] ?? 0];
  const bounds = heads.map(({ data }) => Float64Array.from({ length: rows }, (_, row) => (top < columns ? kthLargest(data, row * columns, (row + 1) * columns, top) : 0)));
  const isDrawn = (head: number, row: number, weight: number) => weight > 0 && weight >= bounds[head]![row]!;
  const least = boundOfMost(heads, columns, isDrawn);
  const found: { from: number; to: number; head: number; weight: number }[] = [];
  heads.forEach(({ data }, head) => {
    for (let i = 0; i < data.length; i++) {
      const [weight, row] = [data[i]!, Math.floor(i / columns)];
      if (weight > least && isDrawn(head, row, weight)) found.push({ from: row, to: i - row * columns, head, weight });
    }
  });
  found.sort((a, b) => b.weight - a.weight);
  const isCapped = least > 0 || found.length > mostLines;
  found.length = Math.min(found.length, mostLines);
  return {
    from: Int32Array.from(found, ({ from }) => from), to: Int32Array.from(found, ({ to }) => to), head: Int32Array.from(found, ({ head }) => head),
    weight: Float32Array.from(found, ({ weight }) => weight), isCapped,
  };
}

const steps = 4096;

/** A weight above which at least `mostLines` lines lie, if there are more of them, found by counting: sorting millions would take seconds. 0 when all may be drawn. */
function boundOfMost(heads: readonly Grid[], columns: number, isDrawn: (head: number, row: number, weight: number) => boolean): number {
  const counts = new Int32Array(steps + 1);
  let total = 0;
  const step = (weight: number) => Math.floor(steps * Math.sqrt(Math.min(1, weight)));
  heads.forEach(({ data }, head) => {
    for (let i = 0; i < data.length; i++) {
      if (!isDrawn(head, Math.floor(i / columns), data[i]!)) continue;
      counts[step(data[i]!)]!++;
      total++;
    }
  });
  if (total <= mostLines) return 0;
  let above = 0;
  for (let at = steps; at >= 0; at--) {
    above += counts[at]!;
    // A little below the step's lower end, which holds weights that round to it.
    if (above >= mostLines) return (at / steps) ** 2 * (1 - 1e-6);
  }
  return 0;
}

/** @file For every token the token it attends to most apart from itself. */
import type { Grid } from "../heatmap.js";

/** A token that attends, the one it attends to most, and the weight. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** One link per row of `[tokens, tokens]`; of equal weights the first counts. None for a single token. */
export function strongestLinks({ shape, data }: Grid): Link[] {
  const tokens = shape[0]!;
  if (tokens < 2) return [];
  return Array.from({ length: tokens }, (_, from) => {
    let to = from === 0 ? 1 : 0;
    for (let key = to + 1; key < tokens; key++) if (key !== from && data[from * tokens + key]! > data[from * tokens + to]!) to = key;
    return { from, to, weight: data[from * tokens + to]! };
  });
}

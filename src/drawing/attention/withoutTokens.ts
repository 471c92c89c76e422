/** @file Attention without some tokens: what is left of each row is made to sum to 1 again. */
import type { Grid } from "../heatmap.js";

/**
 * Weights `[..., tokens, tokens]` without the rows and columns of tokens that are not kept, `[..., kept, kept]`. Rows are divided by their sum;
 * a row that gave all its weight to dropped tokens stays 0.
 */
export function withoutTokens({ shape, data }: Grid, keep: readonly boolean[]): Grid {
  const kept = keep.flatMap((isKept, token) => (isKept ? [token] : []));
  const leading = shape.slice(0, -2);
  const matrices = leading.reduce((a, b) => a * b, 1);
  const [tokens, size] = [keep.length, kept.length];
  const result = new Float32Array(matrices * size * size);
  let at = 0;
  for (let matrix = 0; matrix < matrices; matrix++) for (const row of kept) {
    const from = (matrix * tokens + row) * tokens;
    let sum = 0;
    for (const key of kept) sum += data[from + key]!;
    for (const key of kept) result[at++] = sum > 0 ? data[from + key]! / sum : 0;
  }
  return { shape: [...leading, size, size], data: result };
}

/** @file What the class token gives to every patch of an image, or the mean of all patches where there is no such token. */
import type { Grid } from "../drawing/heatmap.js";
import type { AttentionLayer, AttentionSummary } from "../protocol/attention.js";
import { classToken } from "./imageTokens.js";

/** Whose attention a map shows: the class token's place among the tokens, or all patches'. */
export type MapQuery = number | "mean";

export function queryOf({ tokens }: Pick<AttentionSummary, "tokens">): MapQuery {
  const place = tokens.findIndex(({ token }) => token === classToken);
  return place < 0 ? "mean" : place;
}

/** What a query gives to every patch: `[rows, columns]` out of `[tokens, tokens]`, not divided by anything. */
export function patchRow({ shape, data }: Grid, { prefix, grid }: Pick<AttentionLayer, "prefix" | "grid">, query: MapQuery): Grid {
  const tokens = shape[1]!;
  const queries = query === "mean" ? Array.from({ length: tokens - prefix }, (_, i) => prefix + i) : [query];
  const values = Float32Array.from({ length: tokens - prefix }, (_, patch) => queries.reduce((sum, row) => sum + data[row * tokens + prefix + patch]!, 0) / queries.length);
  return { shape: grid!, data: values };
}

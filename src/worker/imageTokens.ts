/** @file What the tokens of a vision transformer are called. */
import type { FoundLayers } from "../engine/attribution/attention/attentionLayers.js";
import type { TextToken } from "../protocol/text.js";

/** The name of the token that gathers what the answer is read from. */
export const classToken = "[CLS]";

/**
 * Prefix tokens and patches ("row,column", from 1) of the common layers; none where there are no such layers. A prefix token that the answer is read from is the class token, a second one the distillation token; those that nothing reads
 * behind the last layer are registers. `readers` tells by how much the score depends on each token there; without it the first token counts as the class token.
 */
export function tokensOfImage({ layers, common }: FoundLayers, readers: ArrayLike<number> | undefined): TextToken[] {
  const { prefix, grid } = layers[common[0] ?? -1]?.layout ?? { prefix: 0, grid: undefined };
  if (!grid) return [];
  const isRead = (i: number) => (readers ? readers[i]! > 0 : i === 0);
  let [read, registers] = [0, 0];
  const names = Array.from({ length: prefix }, (_, i) => (isRead(i) ? ([classToken, "[DIST]"][read++] ?? `[CLS${read}]`) : `[REG${++registers}]`));
  const patches = Array.from({ length: grid[0] * grid[1] }, (_, i) => `${Math.floor(i / grid[1]) + 1},${(i % grid[1]) + 1}`);
  return [...names, ...patches].map((token, id) => ({ token, id, special: id < prefix, part: 0, start: 0, end: 0 }));
}

/** @file The tokens of a matrix as people read them, and which of them a filter keeps. Pure. */
import type { TokenSelection } from "../../src/drawing/attention/weights.js";
import type { AttentionLayer, AttentionSummary } from "../../src/protocol/attention.js";
import type { TextToken } from "../../src/protocol/text.js";
import type { AttentionViewState, PairFilter } from "./view.js";

/** One row or column of a matrix. */
export interface Label {
  /** Its place among all tokens of the matrix. */
  readonly index: number;
  readonly text: string;
  readonly special: boolean;
}

/** A token's spelling without the marks of its vocabulary, as BertViz shows it: "Ġ" and "▁" are spaces, "</w>" ends a word. Blank ones stay visible. */
export function tokenText(token: string): string {
  const text = token.replace(/[Ġ▁]/g, " ").replace(/<\/w>$/, "").trim();
  return text === "" ? token.replace(/[Ġ▁]/g, "␣").replace(/Ċ/g, "⏎") : text.replace(/Ċ/g, "⏎");
}

/** Whether the summary's own tokens are this layer's. */
export function hasSharedTokens({ tokens }: Pick<AttentionSummary, "tokens">, { windows, queries, keys }: Pick<AttentionLayer, "windows" | "queries" | "keys">): boolean {
  return windows === 1 && tokens.length > 0 && tokens.length === queries && tokens.length === keys;
}

/** The names of a layer's queries or keys: its tokens, or places in its grid, or numbers from 0 where nothing is known. */
export function layerLabels(summary: Pick<AttentionSummary, "tokens">, layer: AttentionLayer, side: "queries" | "keys"): Label[] {
  if (hasSharedTokens(summary, layer)) return sharedLabels(summary);
  const { grid, prefix } = layer;
  const count = layer[side];
  const isGrid = grid !== undefined && count === prefix + grid[0] * grid[1];
  return Array.from({ length: count }, (_, index) => {
    if (!isGrid) return { index, text: String(index), special: false };
    if (index < prefix) return { index, text: summary.tokens[index]?.token ?? `[${index}]`, special: true };
    return { index, text: patchText(index - prefix, grid), special: false };
  });
}

/** The names of the summary's own tokens. */
export function sharedLabels({ tokens }: Pick<AttentionSummary, "tokens">): Label[] {
  return tokens.map(({ token, special }, index) => ({ index, text: tokenText(token), special }));
}

/** "3,5": row and column from 1. */
export function patchText(patch: number, [, columns]: readonly [number, number]): string {
  return `${Math.floor(patch / columns) + 1},${(patch % columns) + 1}`;
}

/** Where the second text of a pair begins: at its first token of its own, so that what lies between the two belongs to the first, as in BertViz. `undefined` for single texts. */
export function pairStart(tokens: readonly TextToken[]): number | undefined {
  const start = tokens.findIndex(({ part, special }) => part === 1 && !special);
  return start < 0 ? undefined : start;
}

const sides: Readonly<Record<PairFilter, readonly [from: 0 | 1 | undefined, to: 0 | 1 | undefined]>> = { all: [undefined, undefined], aa: [0, 0], ab: [0, 1], ba: [1, 0], bb: [1, 1] };

/**
 * What the filters keep. Hidden special tokens leave rows and columns, and the rows are divided by what is left of them; a pair's slices are cut out of that without dividing again.
 * Filters that do not fit the tokens keep all.
 */
export function selectionFor(queries: readonly Label[], keys: readonly Label[], { hideSpecial, pairs }: Pick<AttentionViewState, "hideSpecial" | "pairs">, start: number | undefined): TokenSelection {
  const canHide = hideSpecial && queries.some(({ special }) => !special);
  const shown = (labels: readonly Label[]) => labels.filter(({ special }) => !(canHide && special)).map(({ index }) => index);
  const [from, to] = start === undefined ? sides.all : sides[pairs];
  const ofPart = (part: 0 | 1 | undefined) => (index: number) => part === undefined || (index < (start ?? 0) ? 0 : 1) === part;
  const kept = shown(keys);
  return { rows: shown(queries).filter(ofPart(from)), columns: kept.filter(ofPart(to)), renormalised: canHide && kept.length < keys.length ? kept : undefined };
}

/** @file The matrix that a view shows: the chosen weights, without the tokens that are hidden, cut to what is drawn. Each step is made again only when what it is made of changes. */
import type { Grid } from "../../src/drawing/heatmap.js";
import { scaleFor, type Scale, type WeightScale } from "../../src/drawing/attention/scale.js";
import { cutWeights, keysByWeight, largestWeight, selectTokens, type TokenSelection } from "../../src/drawing/attention/weights.js";
import type { StrongestLink } from "../../src/protocol/attention.js";
import type { Label } from "./tokens.js";

/** A matrix with its tokens. */
export interface ShownMatrix {
  /** Every kept weight, `[rows, columns]`: what is read out. */
  readonly weights: Grid;
  /** The same, NaN where the threshold or the number of keys leaves weights out: what is drawn. */
  readonly drawn: Grid;
  readonly rows: readonly Label[];
  readonly columns: readonly Label[];
  readonly largest: number;
  /** The least weight that is drawn; 0 draws all. */
  readonly least: number;
  readonly scale: Scale;
}

/** Remembers the last result, for as long as the arguments stay the same objects. */
export function remembered<Args extends readonly unknown[], Result>(make: (...args: Args) => Result): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | undefined;
  return (...args) => {
    if (last?.args.length !== args.length || last.args.some((arg, i) => !Object.is(arg, args[i]))) last = { args, result: make(...args) };
    return last.result;
  };
}

/** Makes the shown matrix of one picture. `share` is the threshold as a share of the largest weight. */
export function createShown(): (all: Grid, queries: readonly Label[], keys: readonly Label[], selection: TokenSelection, share: number, top: number, scale: WeightScale) => ShownMatrix {
  const select = remembered((all: Grid, selection: TokenSelection) => {
    const weights = selectTokens(all, selection);
    return { weights, largest: largestWeight(weights.data) };
  });
  const cut = remembered((weights: Grid, least: number, top: number) => (least === 0 && top === Infinity ? weights : cutWeights(weights, least, top)));
  const [nameRows, nameColumns] = [remembered(keptLabels), remembered(keptLabels)];
  return remembered((all, queries, keys, selection, share, top, scale) => {
    const { weights, largest } = select(all, selection);
    const least = share * largest;
    return { weights, drawn: cut(weights, least, top), rows: nameRows(queries, selection.rows), columns: nameColumns(keys, selection.columns), largest, least, scale: scaleFor(scale, largest) };
  });
}

/** The labels of kept tokens, in their order. */
export function keptLabels(labels: readonly Label[], kept: readonly number[]): readonly Label[] {
  return kept.flatMap((index) => labels[index] ?? []);
}

/** A square matrix with zeros where tokens look at themselves. */
export function withoutDiagonal({ shape, data }: Grid): Grid {
  const copy = data.slice();
  for (let i = 0; i < Math.min(shape[0]!, shape[1]!); i++) copy[i * shape[1]! + i] = 0;
  return { shape, data: copy };
}

/** For every row the key it attends to most apart from itself, by the tokens' own indexes; rows that attend to nothing else are left out. */
export function linksOf({ weights, rows, columns }: Pick<ShownMatrix, "weights" | "rows" | "columns">): StrongestLink[] {
  return rows.flatMap(({ index: from }, row) => {
    const best = keysByWeight(weights, row).find(({ key }) => columns[key]?.index !== from);
    return best && best.weight > 0 ? [{ from, to: columns[best.key]!.index, weight: best.weight }] : [];
  });
}

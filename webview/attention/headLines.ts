/** @file What the head view draws, and the numbers beside it. Pure. */
import type { AttentionLines } from "../../src/drawing/attention/lines.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { Label } from "./tokens.js";
import type { LineStrength } from "./view.js";

/** What the head view draws. `heads` are the matrices `[rows, columns]` of every head, `lines` those that are strong enough. */
export interface HeadLines {
  readonly rows: readonly Label[];
  readonly columns: readonly Label[];
  readonly heads: readonly Grid[];
  readonly lines: AttentionLines;
  /** Lines of at least this weight are drawn. */
  readonly least: number;
  /** The heads that are switched on. */
  readonly active: readonly number[];
  /** A line's opacity per weight. */
  readonly strength: number;
}

/** A token that is pointed at or has the focus. */
export interface PointedToken {
  readonly side: "from" | "to";
  readonly index: number;
}

/** A row of the lists, in CSS pixels: short lists spread over the room, so that their lines lie apart. */
const tokenHeight = { least: 20, most: 34 } as const;

/** How high each of so many rows is where `room` pixels are to be filled. */
export function rowHeight(rows: number, room: number): number {
  return Math.min(tokenHeight.most, Math.max(tokenHeight.least, Math.floor(room / Math.max(1, rows))));
}

/** Of the small bars, one per head, in CSS pixels; narrower ones cannot be told apart. */
const bar = { least: 2, most: 6 } as const;

/** How wide each head's bar is in so much room; 0 where not all of them fit, since some alone would mislead. */
export function barWidth(room: number, heads: number): number {
  const width = Math.min(bar.most, Math.floor(room / Math.max(1, heads)));
  return width < bar.least ? 0 : width;
}

/** What a weight is multiplied with: divided by the number of heads that are on, as in BertViz, or by the largest weight. */
export function lineStrength(choice: LineStrength, active: number, largest: number): number {
  return choice === "heads" ? 1 / Math.max(1, active) : largest > 0 ? 1 / largest : 1;
}

/** The opacity of a line. */
export function lineOpacity(weight: number, strength: number): number {
  return Math.min(1, weight * strength);
}

/** The mean over the active heads of the weights between a token and every token of the other side. */
export function meanWeights({ heads, active }: Pick<HeadLines, "heads" | "active">, { side, index }: PointedToken): Float32Array {
  const [rows, columns] = [heads[0]?.shape[0] ?? 0, heads[0]?.shape[1] ?? 0];
  return Float32Array.from({ length: side === "from" ? columns : rows }, (_, other) => {
    const at = side === "from" ? index * columns + other : other * columns + index;
    return active.reduce((sum, head) => sum + heads[head]!.data[at]! / active.length, 0);
  });
}

/** The heads that are on after a click: the last one stays on. */
export function toggledHeads(off: readonly number[], count: number, head: number): readonly number[] {
  if (off.includes(head)) return off.filter((one) => one !== head);
  return off.filter((one) => one < count).length >= count - 1 ? off : [...off, head];
}

/** The heads that are off after a double click: all but this one, or none when it was alone already. */
export function isolatedHead(off: readonly number[], count: number, head: number): readonly number[] {
  const others = Array.from({ length: count }, (_, one) => one).filter((one) => one !== head);
  return others.every((one) => off.includes(one)) && !off.includes(head) ? [] : others;
}

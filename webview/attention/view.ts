/** @file How the reader looks at attention: which view, layer and head, what is left out and how it is coloured; kept across reloads. Pure. */
import { weightScaleIds, type WeightScale } from "../../src/drawing/attention/scale.js";
import { colormapIds, type ColormapId } from "../../src/drawing/colormap.js";
import { attentionViews, type AttentionView } from "../../src/protocol/attention.js";

/** How heads are ordered wherever several are offered. */
export const headOrders = ["index", "entropy", "distance"] as const;
export type HeadOrder = (typeof headOrders)[number];

/** Which part of a pair attends to which: A is the first text, B the second. */
export const pairFilters = ["all", "aa", "ab", "ba", "bb"] as const;
export type PairFilter = (typeof pairFilters)[number];

/** What is made of all layers, and one head's own weights. */
export const matrixSources = ["head", "average", "rollout", "relevance"] as const;
export type MatrixSource = (typeof matrixSources)[number];

/** How many keys of each query are drawn. `auto` draws all of them, in the head view of long texts the ten strongest. */
export const topChoices = ["auto", "all", "1", "3", "5", "10", "20", "50"] as const;
export type TopChoice = (typeof topChoices)[number];

/** How strong lines are: relative to the strongest line, or weight divided by heads as in BertViz, which leaves little to be seen of many heads. */
export const lineStrengths = ["strongest", "heads"] as const;
export type LineStrength = (typeof lineStrengths)[number];

export interface AttentionViewState {
  readonly view: AttentionView;
  readonly layer: number;
  readonly head: number | "mean";
  readonly window: number;
  readonly order: HeadOrder;
  readonly hideSpecial: boolean;
  readonly pairs: PairFilter;
  /** Weights below this share of the largest one are left out. */
  readonly threshold: number;
  readonly top: TopChoice;
  readonly colormap: ColormapId;
  readonly scale: WeightScale;
  /** What the overlay shows, and the average view (never `head` there). */
  readonly overlay: MatrixSource;
  readonly summary: Exclude<MatrixSource, "head">;
  /** Relevance without each token's own, which is one or more and hides the rest. */
  readonly zeroDiagonal: boolean;
  /** The query that was chosen: its token, or its place among the layer's tokens; "mean" is what tokens get from all queries. `undefined` while nobody chose. */
  readonly query: number | "mean" | undefined;
  /** Heads that the head view leaves out. */
  readonly off: readonly number[];
  readonly lines: LineStrength;
  readonly opacity: number;
  readonly smooth: boolean;
}

const first: AttentionViewState = {
  view: "heatmap", layer: 0, head: "mean", window: 0, order: "index", hideSpecial: false, pairs: "all", threshold: 0, top: "auto", colormap: "viridis", scale: "largest",
  overlay: "head", summary: "average", zeroDiagonal: true, query: undefined, off: [], lines: "strongest", opacity: 0.6, smooth: true,
};

const among = (values: readonly unknown[]) => (value: unknown) => values.includes(value);
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;
const isFlag = (value: unknown) => typeof value === "boolean";

const checks: { readonly [Name in keyof AttentionViewState]: (value: unknown) => boolean } = {
  view: among(attentionViews), layer: isCount, head: (value) => value === "mean" || isCount(value), window: isCount, order: among(headOrders), hideSpecial: isFlag, pairs: among(pairFilters),
  threshold: isShare, top: among(topChoices), colormap: among(colormapIds), scale: among(weightScaleIds), overlay: among(matrixSources), summary: among(matrixSources.slice(1)), zeroDiagonal: isFlag,
  query: (value) => value === "mean" || isCount(value), off: (value) => Array.isArray(value) && value.every(isCount), lines: among(lineStrengths), opacity: isShare, smooth: isFlag,
};

/** The view of a new panel: images begin with the overlay of the last layer, texts with the heatmap of the first; then what was stored, without what is none of the choices. */
export function initialAttentionView(kind: "text" | "image", stored: unknown): AttentionViewState {
  const start: AttentionViewState = kind === "image" ? { ...first, view: "overlay", layer: Number.MAX_SAFE_INTEGER } : first;
  const known = Object.entries(typeof stored === "object" && stored !== null ? stored : {}).filter(([name, value]) => Object.hasOwn(checks, name) && checks[name as keyof AttentionViewState](value));
  return { ...start, ...(Object.fromEntries(known) as Partial<AttentionViewState>) };
}

/** A layer or head as people write it: zero-based, negative from the end. `undefined` when there is no such one. */
export function indexFrom(typed: string, count: number): number | undefined {
  if (!/^[-−]?\d+$/.test(typed.trim())) return undefined;
  const number = Number(typed.trim().replace("−", "-"));
  const index = number < 0 ? count + number : number;
  return index >= 0 && index < count ? index : undefined;
}

/** More tokens than this are a long text. */
const long = 64;

/** The strongest keys that are drawn per query, Infinity for all. */
export function topOf(top: TopChoice, view: AttentionView, keys: number): number {
  if (top === "auto") return view === "heads" && keys > long ? 10 : Infinity;
  return top === "all" ? Infinity : Number(top);
}

/** The least weight that is drawn: the slider's share squared, since most weights are small. */
export function leastWeight(threshold: number, largest: number): number {
  return threshold ** 2 * largest;
}

/** Heads in the chosen order: by index, the sharpest first, or the nearest first. Heads without a number come last. */
export function orderedHeads(count: number, order: HeadOrder, values: (head: number) => number): number[] {
  const heads = Array.from({ length: count }, (_, head) => head);
  if (order === "index") return heads;
  const key = (head: number) => (Number.isNaN(values(head)) ? Infinity : values(head));
  return heads.toSorted((a, b) => key(a) - key(b) || a - b);
}

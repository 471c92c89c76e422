/** @file What the views of attention have in common: what each gets to show, what it may ask for, and what it answers. */
import type { Grid } from "../../src/drawing/heatmap.js";
import type { Scale } from "../../src/drawing/attention/scale.js";
import type { AttentionLayer, AttentionSummary } from "../../src/protocol/attention.js";
import type { Picture } from "../heatmapView.js";
import type { AttentionViewState } from "./view.js";

/** Everything that a view draws from. */
export interface Subject {
  readonly summary: AttentionSummary;
  readonly view: AttentionViewState;
  /** The layer that is looked at, by the view's index brought within bounds. */
  readonly layer: AttentionLayer;
  readonly layerIndex: number;
  readonly head: number | "mean";
  readonly window: number;
  /** `[windows, heads, queries, keys]` of that layer; `undefined` while they are on their way. */
  readonly weights: Grid | undefined;
  /** 256 colours, `rgb` triples. */
  readonly colors: Uint8Array;
  /** For images. */
  readonly picture: Picture | undefined;
  /** "review.txt · sentiment", the start of every title. */
  readonly title: string;
}

/** What a view asks of the page. */
export interface PartActions {
  draw(change: Partial<AttentionViewState>): void;
  /** Marks a query here and in the reader's editor; the same one again takes the marks away. */
  choose(query: number | "mean"): void;
  /** Says what is pointed at; `undefined` when nothing is. */
  read(text: string | undefined): void;
  /** The picture was zoomed or fits again. */
  zoomed(): void;
}

/** Why there is no picture, and a button that leads on. */
export interface Empty {
  readonly text: string;
  readonly action?: { readonly text: string; readonly change: Partial<AttentionViewState> };
}

/** A token and what it gets. */
export interface TokenWeight {
  readonly token: number;
  readonly weight: number;
}

/** What a view says of itself after an update. */
export interface Shown {
  /** What is shown, for titles: "Layer 3, head 5". */
  readonly name: string;
  /** Its scale, with what it is a scale of; `undefined` where heads have their own. */
  readonly scale: Scale | undefined;
  /** The least weight that is drawn, of views that have a threshold. */
  readonly least?: number;
  /** Sentences below the picture, which go with it wherever it goes. */
  readonly hints: readonly string[];
  /** What more can be done with it on the page. */
  readonly tips?: readonly string[];
  readonly empty?: Empty | undefined;
  /** The chosen query's strongest keys that are drawn, by the tokens' own indexes; of views that show them. */
  readonly keys?: (() => readonly TokenWeight[]) | undefined;
  /** The picture as a file; `undefined` while there is none. */
  readonly drawing: (() => Drawing) | undefined;
}

/** A picture as a file, and its numbers. */
export interface Drawing {
  readonly svg: string;
  /** Plain values; typed arrays become lists. */
  readonly numbers: Readonly<Record<string, unknown>>;
}

export interface AttentionPart {
  /** The picture. */
  readonly element: HTMLElement;
  /** Its numbers as a table, beside it. */
  readonly table: HTMLElement;
  update(subject: Subject): Shown;
  fit?(): void;
  isZoomed?(): boolean;
}

/** A part that waits for weights. */
export const waiting: Shown = { name: "", scale: undefined, hints: [], drawing: undefined };

/** @file Attention as it crosses processes: a summary of every layer and head at once, and the weights of one layer when a view asks for them. */
import type { PlainTensor } from "../engine/attribution/parameters.js";
import type { Explanation, FailureAction, ImagePreview, Note, PanelState, Phase, Prediction, Region, RuntimeChoice, RuntimeUsed, TargetSpec, Timings } from "./api.js";
import type { ModelTask } from "./tasks.js";
import type { TextInput, TextToken } from "./text.js";
import type { ErrorCode } from "../engine/errors.js";

/** What attention is looked at: a text (or a pair), or an image file. */
export type AttentionInput = ({ readonly kind: "text" } & TextInput) | { readonly kind: "image"; readonly path: string };

export interface AttentionRequest {
  readonly model: string;
  readonly input: AttentionInput;
  /** The class whose gradient weighs the attention; unused by models that give no scores. */
  readonly target: TargetSpec;
  readonly runtime: RuntimeChoice;
}

/** One layer's attention. Weights are `[windows, heads, queries, keys]`, with one window for all but windowed transformers. */
export interface AttentionLayer {
  /** The softmax's name in the model file. */
  readonly node: string;
  readonly windows: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** For images: where the tokens behind `prefix` lie, rows by columns: of the image, or of one window where there are several. `undefined` when it cannot be told. */
  readonly grid: readonly [rows: number, columns: number] | undefined;
  /** For windowed layers: how the windows lie on the image, rows by columns. */
  readonly windowGrid: readonly [rows: number, columns: number] | undefined;
  /** By how many patches the windows lie moved down and to the right, over an image that wraps around (the cyclic shift of Swin); not at all where nothing is given. */
  readonly windowShift?: readonly [rows: number, columns: number] | undefined;
  /** Patches of the whole image, where windows reach beyond it; otherwise they tile it exactly. */
  readonly imageGrid?: readonly [rows: number, columns: number] | undefined;
  /** Tokens before the patches: class, distillation and register tokens. */
  readonly prefix: number;
}

/** A token that attends, and the one it attends to most apart from itself. */
export interface StrongestLink {
  /** Indexes into `tokens`. */
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** How attention ranks tokens beside a gradient-based attribution of this very input. */
export interface AttentionAgreement {
  /** Spearman's rank correlation over the tokens that stand for text (patches, for images), -1 to 1; `null` when either ranks nothing. */
  readonly correlation: number | null;
  /** How many tokens were ranked. Attention ranks them by what each receives: the mean over layers, heads and queries. */
  readonly tokens: number;
  /** The attribution it is held against: the absolute value of the gradient times the embedding, summed over its dimensions. */
  readonly method: "input-x-gradient";
}

/** The attention of one input: everything small; the weights stay in the process that computed them. */
export interface AttentionSummary {
  readonly request: AttentionRequest;
  readonly model: Explanation["model"];
  readonly runtime: RuntimeUsed;
  readonly task: ModelTask;
  /** For texts, the tokens; for images, the prefix tokens ("[CLS]" ...) and one token per patch, named by "row,column" from 1. Empty where layers differ in their tokens. */
  readonly tokens: readonly TextToken[];
  readonly layers: readonly AttentionLayer[];
  /** `[tokens, tokens]`: the mean over layers and heads. Query rows, key columns. This and the next two are over the layers that have one window and the same tokens, `undefined` where there are none. */
  readonly average: PlainTensor | undefined;
  /** `[tokens, tokens]`: Abnar & Zuidema's rollout with residual 1/2. */
  readonly rollout: PlainTensor | undefined;
  /** `[tokens, tokens]`: Chefer et al.'s relevancy for `target`; also `undefined` for models that give no scores. */
  readonly relevance: PlainTensor | undefined;
  /** `[layers, heads]`, padded with NaN where layers differ: mean entropy of the queries' weights in nats. */
  readonly entropy: PlainTensor;
  /** `[layers, heads]`: mean distance between query and key weighed by attention, in tokens (texts) or patches (images). */
  readonly distance: PlainTensor;
  /** Small pictures of every head for the model view: `[layers, heads, side, side]` in row-major order, 0 to 255 of each head's own largest weight; maxima where cells hold several weights. */
  readonly thumbnails: { readonly side: number; readonly heads: number; readonly values: Uint8Array };
  /** From `average`, one per token: the token it attends to most apart from itself. */
  readonly links: readonly StrongestLink[];
  readonly agreement: AttentionAgreement | undefined;
  /** The class that `relevance` is about. */
  readonly target: Prediction | undefined;
  readonly predictions: readonly Prediction[];
  /** For images: the part of the image that became the model's input. */
  readonly region: Region | undefined;
  readonly notes: readonly Note[];
  readonly ms: Timings;
}

/** The weights of one layer; computed again when they were given up meanwhile. */
export interface AttentionLayerRequest {
  readonly request: AttentionRequest;
  readonly layer: number;
}

/** `[windows, heads, queries, keys]`, softmax weights. */
export type AttentionWeights = PlainTensor;

/** The views of the attention panel. Images have `overlay` beside them. */
export const attentionViews = ["overlay", "heatmap", "grid", "heads", "model", "average"] as const;
export type AttentionView = (typeof attentionViews)[number];

/** What an attention view can be saved as. */
export const attentionExports = ["svg", "png", "json", "html"] as const;
export type AttentionExport = (typeof attentionExports)[number];

/** Where a text lies in the reader's documents: offsets of its beginning and, for two, of its pair's. */
export interface AttentionSource {
  /** The document's URI as text. */
  readonly document: string;
  readonly starts: readonly number[];
}

/** Written into the page of an attention panel. */
export interface AttentionConfig {
  readonly page: "attention";
  readonly model: string;
  /** What the panel is restored with; an image is its URI as text. */
  readonly input: AttentionInput;
  /** For texts, kept by the page as it is, so that tokens are found in the editor after a reload too. */
  readonly source?: AttentionSource | undefined;
}

/** What the attention panel shows; sent whole at every change. */
export interface AttentionState {
  readonly strings: Readonly<Record<string, string>>;
  readonly modelName: string;
  /** The file the text or the image comes from: "review.txt", "Untitled-1". */
  readonly inputName: string;
  /** For image inputs. */
  readonly image: ImagePreview | undefined;
  readonly summary: AttentionSummary | undefined;
  readonly busy: { readonly phase: Phase; readonly done: number; readonly total: number; readonly text: string } | undefined;
  readonly failure: { readonly code: ErrorCode; readonly text: string; readonly actions: readonly FailureAction[] } | undefined;
  readonly notes: PanelState["notes"];
  /** The class `relevance` is asked for. */
  readonly target: TargetSpec;
}

/** Webview to host. */
export interface AttentionPanelApi {
  ready(p: Record<string, never>): AttentionState;
  /** The weights of one layer: `[windows, heads, queries, keys]`. */
  layer(p: { readonly layer: number }): AttentionWeights;
  /** Weighs by the gradient of another class; the result comes as a `state` event. */
  setTarget(p: { readonly target: TargetSpec }): void;
  cancel(p: Record<string, never>): void;
  /** Shows tokens in the user's own editor: the selected one, and those it attends to with their weights (0 to 1). Empty clears. */
  highlight(p: { readonly token: number | undefined; readonly keys: readonly { readonly token: number; readonly weight: number }[] }): void;
  /**
   * Saves a view that the page made; the reader is asked where. `name` is the suggested file name with its ending.
   * For `svg`, `png` and `json`, `bytes` is the finished file. For `html` it is the page's content (`packContent` of `attentionPage.ts`, as UTF-8), since a webview cannot read its own script: the host reads `dist/webview.js` and
   * `dist/webview.css`, and writes `attentionPage({ script, style, content: new TextDecoder().decode(bytes), language: env.language })` of `src/report/attentionPage.ts`.
   */
  save(p: { readonly format: AttentionExport; readonly name: string; readonly bytes: Uint8Array }): void;
  act(p: { readonly action: FailureAction["id"] }): void;
}

/** Host to webview. */
export interface AttentionPanelEvents {
  state: AttentionState;
}

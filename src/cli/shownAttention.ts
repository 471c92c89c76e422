/** @file The matrix of attention that is drawn and told: of all layers, of one layer, or of one head, with the names of its tokens. */
import { strongestLinks, type Link } from "../drawing/attention/strongestLinks.js";
import { headWeights, selectTokens } from "../drawing/attention/weights.js";
import type { Grid } from "../drawing/heatmap.js";
import { WhylightError } from "../engine/errors.js";
import { attentionTexts } from "../protocol/attentionTexts.js";
import type { AttentionLayer, AttentionRequest, AttentionSummary } from "../protocol/attention.js";
import type { Jobs } from "../worker/jobs.js";
import type { AttentionOptions, LayerChoice } from "./attentionOptions.js";
import type { Translate } from "./localize.js";

export interface ShownAttention {
  /** For people: "average", "layer 2, head 0". */
  readonly name: string;
  /** For file names: "average", "layer2.head0". */
  readonly stem: string;
  readonly layer: number | null;
  readonly head: number | "mean" | null;
  /** `[queries, keys]`; for layers with windows, of the first one. */
  readonly matrix: Grid;
  /** The same before special tokens were left out. */
  readonly whole: Grid;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Indexes into the summary's tokens of the rows; empty where layers have tokens of their own. */
  readonly tokens: readonly number[];
  /** For layers with windows: all of them, and the layer. */
  readonly windows: { readonly weights: Grid; readonly layer: AttentionLayer } | undefined;
}

/** What was asked for, of one input. Throws `parameterInvalid` for a layer or head that is not there, and for relevance where there is none. */
export async function shownAttention(jobs: Jobs, request: AttentionRequest, summary: AttentionSummary, { shown, hidesSpecial }: Pick<AttentionOptions, "shown" | "hidesSpecial">, translate: Translate): Promise<ShownAttention> {
  const { tokens } = summary;
  // Where layers differ in their tokens there is nothing to put together, and the last layer stands for all.
  const choice = typeof shown === "string" ? (shown === "average" && !summary.average ? { layer: -1, head: "mean" as const } : shown) : shown;
  if (typeof choice === "string") {
    const matrix = summary[choice];
    if (!matrix) throw new WhylightError("parameterInvalid", { parameter: "--map", reason: summary.average ? "this model gives no score that could be differentiated" : "its layers differ in their tokens, so they cannot be put together" });
    return { name: translate(attentionTexts[choice]), stem: choice, layer: null, head: null, windows: undefined, ...named(matrix, tokens, hidesSpecial) };
  }
  const { layer, head } = settle(choice, summary.layers);
  const found = summary.layers[layer]!;
  const weights = await jobs.attentionLayer({ request, layer });
  const matrix = headWeights(weights, 0, head);
  const isShared = found.windows === 1 && found.queries === tokens.length && found.keys === tokens.length;
  return {
    name: head === "mean" ? translate("layer {layer}, mean of its heads", { layer }) : translate("layer {layer}, head {head}", { layer, head }),
    stem: head === "mean" ? `layer${layer}` : `layer${layer}.head${head}`, layer, head, windows: found.windows > 1 ? { weights, layer: found } : undefined,
    ...(isShared ? named(matrix, tokens, hidesSpecial) : { matrix, whole: matrix, rows: numbers(found.queries), columns: numbers(found.keys), tokens: [] }),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

function settle({ layer, head }: LayerChoice, layers: AttentionSummary["layers"]): LayerChoice {
  const at = fromEnd(layer, layers.length, "--layer", "layers");
  return { layer: at, head: head === "mean" ? head : fromEnd(head, layers[at]!.heads, "--head", "heads") };
}

function fromEnd(index: number, count: number, parameter: string, things: string): number {
  const at = index < 0 ? index + count : index;
  if (at < 0 || at >= count) throw new WhylightError("parameterInvalid", { parameter, reason: `there are ${count} ${things}, 0 to ${count - 1}, and -1 is the last` });
  return at;
}

function named(matrix: Grid, tokens: AttentionSummary["tokens"], hidesSpecial: boolean): Pick<ShownAttention, "matrix" | "whole" | "rows" | "columns" | "tokens"> {
  const kept = tokens.flatMap(({ special }, i) => (special && hidesSpecial ? [] : [i]));
  const names = kept.map((i) => tokens[i]!.token);
  const chosen = kept.length === tokens.length ? matrix : selectTokens(matrix, { rows: kept, columns: kept, renormalised: kept });
  return { matrix: chosen, whole: matrix, rows: names, columns: names, tokens: kept };
}

/** For every token that is shown, the token it attends to most apart from itself; indexes into the summary's tokens. None where layers have tokens of their own. */
export function shownLinks({ matrix, tokens }: ShownAttention): readonly Link[] {
  return tokens.length === 0 ? [] : strongestLinks(matrix).map(({ from, to, weight }) => ({ from: tokens[from]!, to: tokens[to]!, weight }));
}

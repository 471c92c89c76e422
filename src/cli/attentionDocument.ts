/** @file The JSON entries of `attention`: a contract that scripts depend on. Add fields; never rename or remove one. */
import type { PlainTensor } from "../engine/attribution/parameters.js";
import type { Prediction, Timings } from "../protocol/api.js";
import type { AttentionAgreement, AttentionLayer, AttentionSummary, StrongestLink } from "../protocol/attention.js";
import type { TextToken } from "../protocol/text.js";
import { roundedMs } from "./resultDocument.js";
import { shownLinks, type ShownAttention } from "./shownAttention.js";
import { codePoints } from "./textDocument.js";

/** The attention of one input. Layers, heads and indexes of tokens count from 0. Paths in `files` are relative to the output folder. */
export interface AttentionEntry {
  /** The file, or "text-1" for a text that was written on the command line. */
  readonly input: string;
  readonly task: string;
  /** `null` for images. */
  readonly text: string | null;
  readonly pair: string | null;
  /** The class that relevance is about; `null` where there is none. */
  readonly target: Prediction | null;
  readonly predictions: readonly Prediction[];
  /** Places in texts are Unicode code points, as Python counts them; 0 and 0 for special tokens and patches. */
  readonly tokens: readonly TextToken[];
  readonly layers: readonly AttentionLayer[];
  /** What was drawn, and what `links` and `analysis` are about: `layer` and `head` are `null` for what is made of all layers. */
  readonly shown: { readonly name: string; readonly layer: number | null; readonly head: number | "mean" | null };
  /** For every token that is shown, the token it attends to most apart from itself. */
  readonly links: readonly (StrongestLink & { readonly token: string; readonly attendsTo: string })[];
  /** The same as sentences, without special tokens; of images, of the class token alone. */
  readonly analysis: readonly string[];
  /** `[layers][heads]`; `null` where a layer has fewer heads, or distances mean nothing. */
  readonly entropy: readonly (readonly (number | null)[])[];
  readonly distance: readonly (readonly (number | null)[])[];
  readonly agreement: AttentionAgreement | null;
  readonly files: { readonly tensors?: string; readonly svg?: string; readonly png?: string; readonly json?: string };
  readonly notes: readonly string[];
  readonly ms: Timings;
}

/** One entry of the document. */
export function attentionEntry(input: string, summary: AttentionSummary, shown: ShownAttention, analysis: readonly string[], files: AttentionEntry["files"], notes: readonly string[]): AttentionEntry {
  const { request, task, target, predictions, tokens, layers, agreement, ms } = summary;
  const text = request.input.kind === "text" ? request.input : undefined;
  const places = [codePoints(text?.text ?? ""), codePoints(text?.pair ?? "")] as const;
  const { name, layer, head } = shown;
  return {
    input, task, text: text?.text ?? null, pair: text?.pair ?? null, target: target ?? null, predictions,
    tokens: tokens.map((token) => ({ ...token, start: places[token.part](token.start), end: places[token.part](token.end) })), layers, shown: { name, layer, head },
    links: shownLinks(shown).map((link) => ({ ...link, token: tokens[link.from]!.token, attendsTo: tokens[link.to]!.token })), analysis,
    entropy: rowsOf(summary.entropy), distance: rowsOf(summary.distance), agreement: agreement ?? null, files, notes, ms: roundedMs(ms),
  };
}

/** The drawn matrix with its tokens, for programs that read no safetensors. */
export function matrixDocument({ name, layer, head, matrix, rows, columns }: ShownAttention): string {
  return JSON.stringify({ name, layer, head, queries: rows, keys: columns, weights: rowsOf(matrix) });
}

function rowsOf({ shape, data }: PlainTensor): (number | null)[][] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns), (value) => (Number.isNaN(value) ? null : value)));
}

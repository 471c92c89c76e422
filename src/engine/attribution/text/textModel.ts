/** @file What attribution needs to know of a text model: its inputs, what it answers, and how long a text it takes. */
import { WhylightError } from "../../errors.js";
import { typeOf, type Graph } from "../../ir/graph.js";
import { isFloat, type Tensor, type DType } from "../../ir/tensor.js";
import type { EncodedToken } from "../../text/tokenizer.js";
import type { OutputActivation } from "../../preprocess/description.js";
import { logitsOf } from "../classifier.js";
import { isCausal } from "./causal.js";
import { longestByPositions, wordLookup } from "./lookups.js";
import { textInputsOf, unsuitable, type TextInputs } from "./textInputs.js";

/** What a text model answers: a class of the whole text, or the token that comes next. Of encoders without a head only the attention can be looked at. */
export type TextTask = "text-classification" | "next-token" | "text-encoder";

export interface TextModel extends TextInputs {
  /** With symbolic shapes, as imported. */
  readonly graph: Graph;
  readonly task: TextTask;
  /** The scores before any softmax: `[batch, classes]`, or `[batch, tokens, vocabulary]` for `next-token`; `undefined` for encoders. */
  readonly scores: string | undefined;
  /** What the graph makes of the scores; `undefined` where it ends in them. */
  readonly activation: OutputActivation | undefined;
  /** Why there are no scores to explain; empty where there are. */
  readonly without: string;
  /** Classes, or the size of the vocabulary. */
  readonly classes: number | undefined;
  /** The rows of its table of words: ids must lie below. `undefined` where no table was found. */
  readonly rows: number | undefined;
  /** The most tokens its table of positions has room for; `undefined` where it has none. */
  readonly longest: number | undefined;
  /** The number of tokens that the file fixes; shorter texts are padded, which takes a mask. */
  readonly fixed: number | undefined;
}

/** Throws `modelUnsuitable` when the graph takes no text, or more than text. */
export function textModelOf(graph: Graph): TextModel {
  const inputs = textInputsOf(graph);
  const words = wordLookup(graph, inputs.ids);
  const tokens = typeOf(graph, inputs.ids).shape?.[1];
  const fixed = typeof tokens === "number" ? tokens : undefined;
  const table = words && longestByPositions(graph, words, inputs.types);
  const longest = fixed === undefined || table === undefined ? (fixed ?? table) : Math.min(fixed, table);
  return { graph, ...inputs, ...answerOf(graph, words), rows: words?.rows, longest, fixed };
}

type Answer = Pick<TextModel, "task" | "scores" | "activation" | "without" | "classes">;

function answerOf(graph: Graph, words: { readonly rows: number; readonly width: number } | undefined): Answer {
  const floats = graph.outputs.filter((name) => {
    const type = graph.types.get(name);
    return type !== undefined && isFloat(type.dtype);
  });
  const rankOf = (name: string) => graph.types.get(name)?.shape?.length;
  const lastOf = (name: string) => graph.types.get(name)?.shape?.at(-1);
  const isNamed = (name: string) => /logit|score|prob/i.test(name);
  // An encoder's pooled state is as wide as its embeddings, and stands beside its states.
  const rows = floats.filter((name) => rankOf(name) === 2);
  const states = floats.filter((name) => rankOf(name) === 3);
  const classified = rows.find(isNamed) ?? rows.find((name) => !/pool|hidden|embedding/i.test(name) && !states.some((state) => lastOf(state) === lastOf(name)));
  if (classified !== undefined) return scored(graph, "text-classification", classified, 1);
  const vocabulary = states.find((name) => isNamed(name) || (words !== undefined && lastOf(name) === words.rows));
  const encoder = (without: string): Answer => ({ task: "text-encoder", scores: undefined, activation: undefined, without, classes: undefined });
  if (vocabulary === undefined) {
    if (floats.length === 0) throw unsuitable("no output is a row of numbers");
    return encoder("it gives states, and no score that could be explained");
  }
  const width = lastOf(vocabulary);
  const isOfVocabulary = words === undefined || (typeof width === "number" && Math.abs(width - words.rows) <= 0.05 * words.rows);
  if (!isOfVocabulary) return encoder("it labels every token by itself");
  return isCausal(graph) ? scored(graph, "next-token", vocabulary, 2) : encoder("it fills in masked tokens, and does not say what comes next");
}

function scored(graph: Graph, task: TextTask, output: string, axis: number): Answer {
  const { logits: scores, activation } = logitsOf(graph, output);
  const classes = typeOf(graph, scores).shape?.[axis];
  return { task, scores, activation, without: "", classes: typeof classes === "number" ? classes : undefined };
}

/**
 * The inputs for texts of equal length, one row each: int64, int32 or whatever else the model's file says. Texts for a file of fixed length are padded with the id `pad` and hidden by the mask.
 * Earlier keys and switches are no longer inputs once a graph is specialised (`specializeText`). Throws `modelUnsuitable` for texts that do not fit a fixed length,
 * and `tokenizerInvalid` for ids that the model has no row for: some runtimes would take zeros there.
 */
export function feedsOf(model: TextModel, texts: readonly (readonly EncodedToken[])[], pad = 0): Record<string, Tensor> {
  const padding: EncodedToken = { id: pad, token: "", start: 0, end: 0, part: 0, type: 0, special: true };
  const unknown = texts.flat().find(({ id }) => id >= (model.rows ?? Infinity));
  if (unknown) throw new WhylightError("tokenizerInvalid", { reason: `it is another model's: its token "${unknown.token}" has the id ${unknown.id}, and the model has ${model.rows} tokens` });
  const length = model.fixed ?? texts[0]!.length;
  if (texts.some((tokens) => tokens.length > length) || (texts[0]!.length < length && model.mask === undefined)) throw unsuitable(`its file takes texts of exactly ${length} tokens`);
  const fill = (name: string, value: (token: EncodedToken, i: number, isPadding: boolean) => number): Tensor => {
    const { dtype, shape } = typeOf(model.graph, name);
    const rows = shape?.length === 1 || shape?.[0] === 1 ? texts.slice(0, 1) : texts;
    const values = rows.flatMap((tokens) => Array.from({ length }, (_, i) => value(tokens[i] ?? padding, i, i >= tokens.length)));
    return tensorOf(dtype, shape?.length === 1 ? [length] : [rows.length, length], values);
  };
  return {
    [model.ids]: fill(model.ids, ({ id }) => id),
    ...(model.mask !== undefined && { [model.mask]: fill(model.mask, (_, __, isPadding) => (isPadding ? 0 : 1)) }),
    ...(model.types !== undefined && { [model.types]: fill(model.types, ({ type }) => type) }),
    ...Object.fromEntries(model.positions.map((name) => [name, fill(name, (_, i) => i)])),
  };
}

const arrays: Partial<Readonly<Record<DType, (values: readonly number[]) => Tensor["data"]>>> = {
  int64: (values) => BigInt64Array.from(values, BigInt), uint64: (values) => BigUint64Array.from(values, BigInt), int32: (values) => Int32Array.from(values), uint32: (values) => Uint32Array.from(values),
  int8: (values) => Int8Array.from(values), uint8: (values) => Uint8Array.from(values), bool: (values) => Uint8Array.from(values), float32: (values) => Float32Array.from(values), float64: (values) => Float64Array.from(values),
};

function tensorOf(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  const make = arrays[dtype];
  if (make === undefined) throw unsuitable(`an input for text is of the type ${dtype}`);
  return { dtype, shape, data: make(values) };
}

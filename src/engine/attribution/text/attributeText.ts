/** @file Explains what a model says of one text: checks what is asked for, reads the text in windows, lets the method work on each, and puts together what came of it. */
import type { CancelSignal } from "../../cancellation.js";
import type { EncodedToken, Tokenizer } from "../../text/tokenizer.js";
import { wordsOf, type Word } from "../../text/words.js";
import { blankRemarks, checkTarget } from "../attribute.js";
import type { Compile } from "../context.js";
import { planning } from "../estimate.js";
import type { Remark } from "../method.js";
import { readParameters, recordParameters, type GivenParameters, type PlainTensor } from "../parameters.js";
import { resolveTarget, type ResolvedTarget, type Target } from "../target.js";
import type { PreparedText } from "./prepareText.js";
import { createTextContext, type TextContext, type TokenRange } from "./textContext.js";
import type { TextMethodResult } from "./textMethod.js";
import { textMethodOf, type TextMethodName } from "./textMethods.js";
import type { TextModel } from "./textModel.js";
import { longestOf, readText, type TextReading, type TextWindow } from "./textWindows.js";

export interface ReadTextJob {
  readonly model: TextModel;
  readonly tokenizer: Tokenizer;
  readonly text: string;
  readonly pair?: string | undefined;
  /** The model fixed to a number of tokens, worked out once per number. */
  readonly prepared: (tokens: number) => PreparedText;
  /** Bytes a batch may take. */
  readonly memory?: number;
  readonly compile: Compile;
  readonly report?: ((done: number, total: number) => void) | undefined;
  readonly signal?: CancelSignal | undefined;
}

export interface AttributeTextJob extends ReadTextJob {
  readonly method: TextMethodName;
  readonly target: Target;
  readonly parameters?: GivenParameters;
}

export interface Attributed {
  readonly raw: number;
  /** `raw` divided by the L2 norm of all tokens' raw values. */
  readonly attribution: number;
}

export interface TextAttribution {
  /** `[classes]`; of several windows their mean. */
  readonly logits: Float32Array;
  readonly target: ResolvedTarget;
  readonly tokens: readonly (EncodedToken & Attributed)[];
  readonly words: readonly (Word & Attributed)[];
  /** `[tokens, width]`, of methods that have one. */
  readonly attribution: PlainTensor | undefined;
  readonly windows: readonly Pick<TextWindow, "start" | "end">[];
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly completeness: { readonly gap: number; readonly relative: number } | undefined;
  readonly facts: Readonly<Record<string, number | string>>;
  /** Texts the model was run on, and differentiated at. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  readonly remarks: readonly (Remark | TextReading["notes"][number])[];
}

const defaultMemory = 1e9;

/**
 * Explains one text. A long one is read in windows: what is explained is the mean of their scores, and a token's value is the sum of its values over the windows divided by their number, so that the values add up
 * to what they would for one window. Throws what `readText` throws, `targetUnknown` and `parameterInvalid`.
 */
export async function attributeText(job: AttributeTextJob): Promise<TextAttribution> {
  const method = textMethodOf(job.method);
  const parameters = readParameters(job.method, method.parameters, job.parameters ?? {});
  const reading = readText(job.tokenizer, job, longestOf(job.tokenizer, job.model), job.model.task);
  const { windows, tokens } = reading;
  checkTarget(job.target, job.prepared(windows[0]!.tokens.length).classes);
  const words = [job.text, job.pair].flatMap((text, part) => (text === undefined ? [] : wordsOf(text, tokens, part as 0 | 1)));
  const isOpen = job.target.index === "predicted" || job.target.versus === "runner-up";
  // The class that several windows predict together is known once all have been read.
  const before = windows.length > 1 && isOpen ? await answersOf(job, windows) : undefined;
  const given = before ? resolveTarget(job.target, meanOf(before)) : job.target;
  const wordAt = wordsOfTokens(words, tokens.length);
  const results: TextMethodResult[] = [];
  const answers: Float32Array[] = [];
  const evaluations = { forward: before?.length ?? 0, gradient: 0 };
  for (const [i, window] of windows.entries()) {
    // What one window takes, those after it take too.
    const compile = planning(job.compile, ({ work }) => ({ work: Array.from({ length: windows.length - i }, () => work).flat() }));
    const context = contextOf({ ...job, compile }, window, given, wordsWithin(wordAt, window), (done, total) => job.report?.(i * total + done, windows.length * total));
    results.push(await method.run(context, parameters));
    answers.push((await context.atInput()).logits);
    evaluations.forward += context.evaluations.forward;
    evaluations.gradient += context.evaluations.gradient;
  }
  const logits = meanOf(answers);
  const target = resolveTarget(given, logits);
  const raw = spread(reading, results.map((result) => result.raw), 1);
  const norm = Math.hypot(...raw);
  const attributed = (value: number): Attributed => ({ raw: value, attribution: norm === 0 ? 0 : value / norm });
  const found = results.flatMap(({ remarks = [] }) => remarks);
  return {
    logits, target, evaluations,
    tokens: tokens.map((token, i) => ({ ...token, ...attributed(raw[i]!) })), words: words.map((word) => ({ ...word, ...attributed(sumOf(raw.subarray(word.from, word.to))) })),
    attribution: dimensionsOf(reading, results), windows: windows.map(({ start, end }) => ({ start, end })), parameters: recordParameters(parameters),
    completeness: completenessOf(results), facts: factsOf(results), remarks: [...reading.notes, ...(found.length > 0 ? found : blankRemarks(raw, { logits, target }, evaluations.gradient > 0))],
  };
}

/** The logits for one text, `[classes]`; of several windows their mean. */
export async function predictText(job: ReadTextJob): Promise<{ readonly logits: Float32Array; readonly reading: TextReading }> {
  const reading = readText(job.tokenizer, job, longestOf(job.tokenizer, job.model), job.model.task);
  return { logits: meanOf(await answersOf(job, reading.windows)), reading };
}

function contextOf(job: ReadTextJob, { tokens }: TextWindow, target: Target, words: readonly TokenRange[], report: (done: number, total: number) => void): TextContext {
  return createTextContext({ prepared: job.prepared(tokens.length), tokenizer: job.tokenizer, tokens, words, target, memory: job.memory ?? defaultMemory, compile: job.compile, signal: job.signal, report });
}

async function answersOf(job: ReadTextJob, windows: readonly TextWindow[]): Promise<Float32Array[]> {
  const answers: Float32Array[] = [];
  for (const window of windows) answers.push((await contextOf(job, window, { index: "predicted", versus: undefined, score: "logit" }, [], () => {}).atInput()).logits);
  return answers;
}

/** The word that each token belongs to, by its place; -1 for those of none. */
function wordsOfTokens(words: readonly Word[], tokens: number): Int32Array {
  const wordAt = new Int32Array(tokens).fill(-1);
  words.forEach(({ from, to }, word) => wordAt.fill(word, from, to));
  return wordAt;
}

/** The words as a window has them: those that it cuts have fewer tokens there. */
function wordsWithin(wordAt: Int32Array, { places }: TextWindow): TokenRange[] {
  const starts = places.flatMap((place, i) => (wordAt[place]! >= 0 && (i === 0 || wordAt[place] !== wordAt[places[i - 1]!]) ? [i] : []));
  return starts.map((from) => {
    const end = places.findIndex((place, i) => i > from && wordAt[place] !== wordAt[places[from]!]);
    return { from, to: end < 0 ? places.length : end };
  });
}

/** Rows of windows as rows of all tokens: sums over the windows, divided by their number. */
function spread({ tokens, windows }: TextReading, rows: readonly ArrayLike<number>[], width: number): Float64Array {
  const all = new Float64Array(tokens.length * width);
  windows.forEach(({ places }, w) => places.forEach((place, i) => {
    for (let k = 0; k < width; k++) all[place * width + k]! += rows[w]![i * width + k]! / windows.length;
  }));
  return all;
}

function dimensionsOf(reading: TextReading, results: readonly TextMethodResult[]): PlainTensor | undefined {
  const rows = results.flatMap(({ attribution }) => (attribution ? [attribution] : []));
  const width = rows[0]?.shape[1];
  return width === undefined ? undefined : { shape: [reading.tokens.length, width], data: Float32Array.from(spread(reading, rows.map(({ data }) => data), width)) };
}

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

function meanOf(rows: readonly Float32Array[]): Float32Array {
  return rows.length === 1 ? rows[0]! : Float32Array.from(rows[0]!, (_, i) => sumOf(rows.map((row) => row[i]!)) / rows.length);
}

function completenessOf(results: readonly TextMethodResult[]): TextAttribution["completeness"] {
  const found = results.flatMap(({ completeness }) => (completeness ? [completeness] : []));
  if (found.length === 0) return undefined;
  const difference = sumOf(found.map((each) => each.difference)) / found.length;
  const gap = sumOf(found.map((each) => each.sum)) / found.length - difference;
  return { gap, relative: gap === 0 ? 0 : gap / difference };
}

/** What the windows agree on once, and what they do not one after the other. */
function factsOf(results: readonly TextMethodResult[]): TextAttribution["facts"] {
  const names = [...new Set(results.flatMap(({ facts = {} }) => Object.keys(facts)))];
  return Object.fromEntries(names.map((name) => {
    const values = results.flatMap(({ facts = {} }) => (facts[name] === undefined ? [] : [facts[name]]));
    return [name, new Set(values).size === 1 ? values[0]! : values.join(", ")];
  }));
}

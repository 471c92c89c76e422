/** @file The JSON document of `explain` and `predict`: a contract that scripts depend on. Add fields; never rename or remove one. */
import type { DrawStyle } from "../drawing/style.js";
import type { Explanation, ModelInput, Prediction, PredictResult, RuntimeUsed, Timings } from "../protocol/api.js";
import { version } from "../worker/version.js";
import type { FailureText } from "./terminal.js";

/** One explanation: an input and a method. Paths in `files` are relative to the output folder. */
export interface ResultEntry {
  readonly input: string;
  readonly method: string;
  readonly parameters: Explanation["parameters"];
  readonly layer: string | null;
  readonly score: string;
  readonly target: Prediction;
  /** The class it was held against; `null` when there is none. */
  readonly versus: Prediction | null;
  /** The library whose defaults were taken over. */
  readonly as: string | null;
  readonly predictions: readonly Prediction[];
  readonly completeness: Explanation["completeness"];
  readonly facts: Explanation["facts"];
  readonly evaluations: Explanation["evaluations"];
  /** How the pictures were drawn, with the raw values at the ends of the scale. */
  readonly drawing: DrawStyle & { readonly ends: readonly [low: number, high: number] };
  /** Those that were asked for; by default `overlay` (PNG) and `tensors`. */
  readonly files: { readonly overlay?: string; readonly tensors?: string; readonly svg?: string; readonly npy?: string };
  readonly notes: readonly string[];
  readonly ms: Timings;
}

/** One prediction. */
export interface PredictionEntry {
  readonly input: string;
  readonly predictions: readonly Prediction[];
  readonly notes: readonly string[];
  readonly ms: Timings;
}

/** An input that failed. */
export interface ErrorEntry extends FailureText {
  readonly input: string;
}

export interface ResultDocument<Entry> {
  /** The version that wrote it. */
  readonly whylight: string;
  /** `null` when the model could not be loaded. */
  readonly model: { readonly path: string; readonly format: string; readonly inputs: readonly ModelInput[]; readonly labels: readonly string[] | null } | null;
  readonly runtime: RuntimeUsed | null;
  readonly results: readonly Entry[];
  /** Only there when something failed. */
  readonly errors?: readonly ErrorEntry[];
}

/** The document of a run. `modelPath` is the model as the caller named it; `last` is any result, for what all results share. */
export function resultDocument<Entry>(
  modelPath: string, last: Pick<PredictResult, "model" | "runtime"> | undefined, results: readonly Entry[], errors: readonly ErrorEntry[],
): ResultDocument<Entry> {
  const model = last && { path: modelPath, format: last.model.format, inputs: last.model.inputs, labels: last.model.labels ?? null };
  return { whylight: version, model: model ?? null, runtime: last?.runtime ?? null, results, ...(errors.length > 0 ? { errors } : {}) };
}

/** One explanation for the document. */
export function resultEntry(input: string, explanation: Explanation, files: ResultEntry["files"], drawing: ResultEntry["drawing"], notes: readonly string[], drawMs: number): ResultEntry {
  const { method, parameters, layer, score, target, versus, as, predictions, completeness, facts, evaluations, ms } = explanation;
  return {
    input, method, parameters, layer: layer ?? null, score, target, versus: versus ?? null, as: as ?? null, predictions, completeness, facts, evaluations, drawing, files, notes,
    ms: roundedMs({ ...ms, draw: ms.draw + drawMs }),
  };
}

/** Milliseconds to the hundredth. */
export function roundedMs(ms: Timings): Timings {
  const round = (value: number) => Math.round(value * 100) / 100;
  return { load: round(ms.load), compile: round(ms.compile), compute: round(ms.compute), draw: round(ms.draw) };
}

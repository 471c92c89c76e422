/** @file `whylight predict`: the classes of inputs, without an explanation. */
import { basename } from "node:path";
import type { PredictResult, RuntimeChoice } from "../protocol/api.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { concernsAllInputs } from "./explainCommand.js";
import { resultDocument, roundedMs, type ErrorEntry, type PredictionEntry } from "./resultDocument.js";
import { describeFailure, describeNote, exitCodeOf, predictionLines, type Terminal } from "./terminal.js";

export interface PredictOptions {
  readonly top: number;
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
}

/** Predicts every input. Returns the exit code: 0, or 1 when anything failed. */
export async function runPredict(model: string, inputs: readonly string[], { top, runtime, json }: PredictOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const results: PredictionEntry[] = [];
  const errors: ErrorEntry[] = [];
  let last: PredictResult | undefined;
  for (const input of inputs) {
    try {
      const result = await jobs.predict({ model, input, top, runtime }, { onProgress: (phase) => terminal.progress(phase, basename(input)) });
      const notes = result.notes.map((note) => describeNote(note, terminal.translate));
      results.push({ input, predictions: result.predictions, notes, ms: roundedMs(result.ms) });
      if (!json) printPrediction(input, result, notes, last === undefined, terminal);
      last = result;
    } catch (thrown) {
      const failure = describeFailure(thrown, terminal.translate);
      errors.push({ input, ...failure });
      terminal.err(`${failure.text} ${failure.next}`);
      if (concernsAllInputs(thrown)) break;
    }
  }
  if (json) terminal.out(JSON.stringify(resultDocument(model, last, results, errors), undefined, 2));
  return exitCodeOf(errors);
}

function printPrediction(input: string, { model, runtime, predictions }: PredictResult, notes: readonly string[], isFirst: boolean, { out }: Terminal): void {
  if (isFirst) out(`${basename(model.path)} · ${runtime.detail}`);
  out(`\n${input}`);
  for (const line of predictionLines(predictions)) out(line);
  for (const note of notes) out(`  ${note}`);
}

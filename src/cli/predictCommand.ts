/** @file `whylight predict`: the classes of inputs, without an explanation. */
import { basename } from "node:path";
import type { PredictResult, RuntimeChoice } from "../protocol/api.js";
import { modelLabel } from "../protocol/modelNames.js";
import { createJobs, type JobContext, type Jobs } from "../worker/jobs.js";
import type { GivenText } from "./textInputs.js";
import { estimateTeller } from "./estimateTeller.js";
import { decodeAhead } from "./decodeAhead.js";
import { concernsAllInputs } from "./explainCommand.js";
import { resultDocument, roundedMs, type ErrorEntry, type PredictionEntry } from "./resultDocument.js";
import { describeFailure, describeNote, exitCodeOf, failureLine, inputTitle, predictionLines, type Terminal } from "./terminal.js";

export interface PredictOptions {
  readonly top: number;
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
}

/** One input and how it is predicted. */
interface Asked {
  readonly input: string;
  /** What it is called in the table, where that is not its name. */
  readonly title?: (result: PredictResult) => string;
  readonly predict: (context: JobContext) => Promise<PredictResult>;
}

/** Predicts every image or tensor file. Returns the exit code: 0, or 1 when anything failed. */
export async function runPredict(model: string, inputs: readonly string[], options: PredictOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { top, runtime } = options;
  return predictAll(model, inputs.map((input, i) => ({
    input,
    predict: (context) => {
      const pending = jobs.predict({ model, input, top, runtime }, context);
      decodeAhead(jobs, inputs[i + 1]);
      return pending;
    },
  })), options, terminal);
}

/** Predicts every text, with one and the same second text where a pair is given. */
export async function runPredictText(model: string, texts: readonly GivenText[], options: PredictOptions & { readonly pair: string | undefined }, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { top, runtime, pair } = options;
  return predictAll(model, texts.map((given) => ({ input: given.input, title: (result) => inputTitle(given.input, result.input), predict: async (context) => jobs.predictText({ model, ...given.content, pair, top, runtime }, context) })), options, terminal);
}

async function predictAll(model: string, asked: readonly Asked[], { json }: PredictOptions, terminal: Terminal): Promise<number> {
  const results: PredictionEntry[] = [];
  const errors: ErrorEntry[] = [];
  const tellEstimate = estimateTeller(terminal);
  let last: PredictResult | undefined;
  for (const { input, title, predict } of asked) {
    try {
      const result = await predict({ onEstimate: tellEstimate("predict"), onProgress: (phase) => terminal.progress(phase, basename(input)) });
      const notes = result.notes.map((note) => describeNote(note, terminal.translate));
      results.push({ input, predictions: result.predictions, notes, ms: roundedMs(result.ms) });
      if (!json) printPrediction(title?.(result) ?? input, result, notes, last === undefined, terminal);
      last = result;
    } catch (thrown) {
      const failure = describeFailure(thrown, terminal.translate);
      errors.push({ input, ...failure });
      terminal.err(failureLine(input, failure, asked.length > 1 && !concernsAllInputs(thrown)));
      if (concernsAllInputs(thrown)) break;
    }
  }
  if (json) terminal.out(JSON.stringify(resultDocument(model, last, results, errors), undefined, 2));
  return exitCodeOf(errors);
}

function printPrediction(input: string, { model, runtime, predictions }: PredictResult, notes: readonly string[], isFirst: boolean, { out }: Terminal): void {
  if (isFirst) out(`${modelLabel(model.path)} · ${runtime.detail}`);
  out(`\n${input}`);
  for (const line of predictionLines(predictions)) out(line);
  for (const note of notes) out(`  ${note}`);
}

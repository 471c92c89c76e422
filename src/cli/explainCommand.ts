/** @file `whylight explain`: explanations of inputs, as pictures, tensors and one document. */
import { basename, join } from "node:path";
import { defaultStyle } from "../drawing/style.js";
import { toWhylightError, type ErrorCode } from "../engine/errors.js";
import { writeSafetensors } from "../engine/importers/safetensors.js";
import type { Explanation, MethodId, ParameterValue, RuntimeChoice, Score, TargetSpec } from "../protocol/api.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { isTensorFile } from "../worker/prepareInput.js";
import { renderOverlay } from "../worker/renderImage.js";
import type { ReportItem } from "./htmlReport.js";
import { makeFolder, stemsOf, writeOutput } from "./outputFolder.js";
import { resultDocument, resultEntry, type ErrorEntry, type ResultEntry } from "./resultDocument.js";
import { cut, describeFailure, describeNote, exitCodeOf, percent, predictionLines, type Terminal } from "./terminal.js";

export interface ExplainOptions {
  readonly methods: readonly MethodId[];
  readonly target: TargetSpec;
  readonly layer: string | undefined;
  readonly score: Score;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly runtime: RuntimeChoice;
  readonly out: string;
  /** Also write `index.html`, one page with every picture in it. */
  readonly html: boolean;
  readonly json: boolean;
}

/** The longer side of pictures within the page. */
const pageSide = 1024;

/** What no other input can mend. */
const aboutTheModel: ReadonlySet<ErrorCode> = new Set([
  "modelNotFound", "modelFormatUnknown", "modelCorrupt", "modelTooLarge", "modelUnsuitable", "opUnsupported", "gradientUndefined", "shapeUnknown", "descriptionInvalid", "layerUnknown", "layerUnsuitable",
  "targetUnknown", "parameterInvalid", "runtimeUnavailable", "outOfMemory", "outputUnwritable",
]);

/** Whether further inputs would fail for the same reason. */
export function concernsAllInputs(thrown: unknown): boolean {
  return aboutTheModel.has(toWhylightError(thrown).code);
}

/** Explains every input by every method. Returns the exit code: 0, or 1 when anything failed. An input that fails does not stop the others. */
export async function runExplain(model: string, inputs: readonly string[], options: ExplainOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const results: ResultEntry[] = [];
  const errors: ErrorEntry[] = [];
  const report: ReportItem[] = [];
  const stems = stemsOf(inputs);
  let last: Explanation | undefined;
  inputs: for (const [i, input] of inputs.entries()) {
    for (const method of options.methods) {
      try {
        const pending = jobs.explain(requestOf(model, input, method, options), { onProgress: (phase) => terminal.progress(phase, basename(input)) });
        // Decoding runs in other threads, so the next image is ready when its turn comes.
        const next = inputs[i + 1];
        if (next !== undefined && !isTensorFile(next)) jobs.images.get(next).catch(() => {});
        const explanation = await pending;
        const started = performance.now();
        const png = await renderOverlay(jobs.images, explanation, defaultStyle);
        const files = writeFiles(options.out, `${stems[i]!}.${method}`, png, explanation);
        const notes = explanation.notes.map((note) => describeNote(note, terminal.translate));
        results.push(resultEntry(input, explanation, files, notes, performance.now() - started));
        if (options.html) report.push({ input, explanation, notes, png, original: explanation.region && (await jobs.previewImage(input, pageSide)) });
        if (!options.json) printResult(input, explanation, join(options.out, files.overlay), notes, last, terminal);
        last = explanation;
      } catch (thrown) {
        const failure = describeFailure(thrown, terminal.translate);
        errors.push({ input, ...failure });
        terminal.err(`${failure.text} ${failure.next}`);
        if (concernsAllInputs(thrown)) break inputs;
        break;
      }
    }
  }
  const document = JSON.stringify(resultDocument(model, last, results, errors), undefined, 2);
  const failedToWrite = results.length > 0 && await finish(terminal, () => writeSummary(options, document, report, model, terminal));
  if (options.json) terminal.out(document);
  else if (results.length > 0) terminal.out(`\n${terminal.translate("{count} explanations in {folder}", { count: results.length, folder: options.out })}`);
  return failedToWrite ? 1 : exitCodeOf(errors);
}

function requestOf(model: string, input: string, method: MethodId, { target, score, layer, parameters, runtime }: ExplainOptions) {
  return { model, input, method, target, score, layer, parameters, runtime };
}

function writeFiles(folder: string, name: string, png: Uint8Array, { attribution, heatmap }: Explanation): ResultEntry["files"] {
  const files = { overlay: `${name}.png`, tensors: `${name}.safetensors` };
  makeFolder(folder);
  writeOutput(folder, files.overlay, png);
  writeOutput(folder, files.tensors, writeSafetensors({ attribution: { dtype: "float32", ...attribution }, heatmap: { dtype: "float32", ...heatmap } }));
  return files;
}

async function writeSummary(options: ExplainOptions, document: string, report: readonly ReportItem[], model: string, terminal: Terminal): Promise<void> {
  makeFolder(options.out);
  writeOutput(options.out, "result.json", `${document}\n`);
  if (!options.html) return;
  const { htmlReport } = await import("./htmlReport.js");
  writeOutput(options.out, "index.html", htmlReport(basename(model), report, terminal.translate));
}

/** The summary may fail for the same reason as the pictures; said once is enough. */
async function finish(terminal: Terminal, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (thrown) {
    const { text, next } = describeFailure(thrown, terminal.translate);
    terminal.err(`${text} ${next}`);
    return true;
  }
}

function printResult(input: string, explanation: Explanation, picture: string, notes: readonly string[], last: Explanation | undefined, { out, translate }: Terminal): void {
  if (last === undefined) {
    out(`${basename(explanation.model.path)} · ${explanation.runtime.detail}`);
    for (const { name, reason } of explanation.runtime.passedOver) out(`  ${translate("{name} was passed over: {reason}", { name, reason })}`);
  }
  if (last?.input !== explanation.input) {
    out(`\n${input}`);
    for (const line of predictionLines(explanation.predictions)) out(line);
  }
  const { method, layer, target, ms } = explanation;
  const title = `${cut(target.label, 40)} ${percent(target.probability)} · ${method}${layer === undefined ? "" : ` · ${layer}`}`;
  out(`  ${title} · ${Math.round(ms.load + ms.compile + ms.compute + ms.draw)} ms → ${picture}`);
  for (const note of notes) out(`  ${note}`);
}

/** @file `whylight explain`: explanations of inputs, as pictures, tensors and one document. */
import { basename, join } from "node:path";
import { styleOf } from "../drawing/referenceStyles.js";
import type { DrawStyle } from "../drawing/style.js";
import { methodOf } from "../engine/attribution/methods.js";
import { toWhylightError, type ErrorCode } from "../engine/errors.js";
import type { Explanation, ExplainRequest, MethodId } from "../protocol/api.js";
import { reportTexts } from "../protocol/reportTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import type { ReportItem } from "../report/htmlReport.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { makeExport, reportItem } from "../worker/exportPicture.js";
import { drawExplanation } from "../worker/renderImage.js";
import { version } from "../worker/version.js";
import { decodeAhead } from "./decodeAhead.js";
import type { ExplainOptions } from "./explainOptions.js";
import { makeFolder, stemsOf, writeOutput } from "./outputFolder.js";
import { resultDocument, resultEntry, type ErrorEntry, type ResultEntry } from "./resultDocument.js";
import { estimateTeller } from "./estimateTeller.js";
import { cut, describeFailure, describeNote, exitCodeOf, percent, predictionLines, type Terminal } from "./terminal.js";

/** What no other input can mend. */
const aboutTheModel: ReadonlySet<ErrorCode> = new Set([
  "modelNotFound", "modelFormatUnknown", "modelCorrupt", "modelTooLarge", "modelUnsuitable", "opUnsupported", "gradientUndefined", "shapeUnknown", "descriptionInvalid", "layerUnknown", "layerUnsuitable",
  "tokenizerMissing", "attentionMissing", "targetUnknown", "methodNotInLibrary", "parameterInvalid", "runtimeUnavailable", "outOfMemory", "outputUnwritable", "labelsInvalid",
]);

/** Whether further inputs would fail for the same reason. */
export function concernsAllInputs(thrown: unknown): boolean {
  return aboutTheModel.has(toWhylightError(thrown).code);
}

/** Explains every input by every method. Returns the exit code: 0, or 1 when anything failed. An input that fails does not stop the others. */
export async function runExplain(model: string, inputs: readonly string[], options: ExplainOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const tellEstimate = estimateTeller(terminal);
  const results: ResultEntry[] = [];
  const errors: ErrorEntry[] = [];
  const report: ReportItem[] = [];
  const stems = stemsOf(inputs);
  let last: Explanation | undefined;
  inputs: for (const [i, input] of inputs.entries()) {
    for (const method of options.methods) {
      try {
        const pending = jobs.explain(requestOf(model, input, method, options), { onEstimate: tellEstimate(method), onProgress: (phase) => terminal.progress(phase, basename(input)) });
        decodeAhead(jobs, inputs[i + 1]);
        const explanation = await pending;
        const started = performance.now();
        const style = styleOf(options.drawing, options.as, methodOf(method).form);
        const files = await writeFiles(jobs, options, `${stems[i]!}.${method}`, explanation, style, terminal);
        const notes = explanation.notes.map((note) => describeNote(note, terminal.translate));
        const drawing = { ...style, ends: drawExplanation(explanation, style).ends };
        results.push(resultEntry(input, explanation, files, drawing, notes, performance.now() - started));
        if (options.formats.includes("html")) report.push(await reportItem(jobs.images, explanation, style, input, notes));
        if (!options.json) printResult(input, explanation, Object.values(files).map((file) => join(options.out, file)), notes, last, terminal);
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

function requestOf(model: string, input: string, method: MethodId, { target, versus, score, layer, parameters, as, runtime }: ExplainOptions): ExplainRequest {
  return { model, input, method, target, versus, score, layer, parameters, as, runtime };
}

/** Where each format's file stands in the document, and how its name ends. */
const fileKinds = { png: { key: "overlay", format: "png" }, tensors: { key: "tensors", format: "safetensors" }, svg: { key: "svg", format: "svg" }, npy: { key: "npy", format: "npy" } } as const;

async function writeFiles({ images }: Jobs, { out, formats }: ExplainOptions, name: string, explanation: Explanation, style: DrawStyle, { translate }: Terminal): Promise<ResultEntry["files"]> {
  const files: Partial<Record<keyof ResultEntry["files"], string>> = {};
  makeFolder(out);
  for (const kind of ["png", "tensors", "svg", "npy"] as const) {
    if (!formats.includes(kind)) continue;
    const { key, format } = fileKinds[kind];
    files[key] = `${name}.${format}`;
    writeOutput(out, files[key], await makeExport(images, explanation, format, style, translate));
  }
  return files;
}

async function writeSummary(options: ExplainOptions, document: string, report: readonly ReportItem[], model: string, terminal: Terminal): Promise<void> {
  makeFolder(options.out);
  writeOutput(options.out, "result.json", `${document}\n`);
  if (!options.formats.includes("html")) return;
  const { htmlReport } = await import("../report/htmlReport.js");
  writeOutput(options.out, "index.html", htmlReport(modelLabel(model), report, version, terminal.translate));
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

function printResult(input: string, explanation: Explanation, files: readonly string[], notes: readonly string[], last: Explanation | undefined, { out, translate }: Terminal): void {
  if (last === undefined) {
    out(`${modelLabel(explanation.model.path)} · ${explanation.runtime.detail}`);
    for (const { name, reason } of explanation.runtime.passedOver) out(`  ${translate("{name} was passed over: {reason}", { name, reason })}`);
  }
  if (last?.input !== explanation.input) {
    out(`\n${input}`);
    for (const line of predictionLines(explanation.predictions)) out(line);
  }
  const { method, layer, target, versus, completeness, ms } = explanation;
  const what = versus ? translate(reportTexts.rather, { target: cut(target.label, 40), versus: cut(versus.label, 40) }) : `${cut(target.label, 40)} ${percent(target.probability)}`;
  const title = `${what} · ${method}${layer === undefined ? "" : ` · ${layer}`}`;
  out(`  ${title} · ${Math.round(ms.load + ms.compile + ms.compute + ms.draw)} ms${files.length > 0 ? ` → ${files[0]}` : ""}`);
  if (completeness) out(`  ${translate(reportTexts.gap)}: ${percent(Math.abs(completeness.relative))}`);
  for (const note of notes) out(`  ${note}`);
}

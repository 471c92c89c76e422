/** @file `whylight debug`: why a model may get an image wrong, as a report per image. */
import { basename, join, resolve } from "node:path";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import { causeTexts, sentenceText, strengthTexts } from "../protocol/debugTexts.js";
import type { DebugReport, LabelSource } from "../protocol/debug.js";
import type { TargetSpec } from "../protocol/api.js";
import { modelLabel } from "../protocol/modelNames.js";
import { debugDocument } from "../report/debugJson.js";
import { debugText } from "../report/debugText.js";
import { makeDebugFiles } from "../worker/debug/exportDebug.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { version } from "../worker/version.js";
import type { DebugOptions } from "./debugOptions.js";
import { estimateTeller } from "./estimateTeller.js";
import { concernsAllInputs } from "./explainCommand.js";
import { makeFolder, stemsOf, writeOutput } from "./outputFolder.js";
import { resultDocument, type ErrorEntry } from "./resultDocument.js";
import { cut, describeFailure, describeNote, exitCodeOf, failureLine, percent, type Terminal } from "./terminal.js";

/** Examines every image. Returns the exit code: 0 whatever was found, or 1 when anything failed. An image that fails does not stop the others. */
export async function runDebug(model: string, inputs: readonly string[], options: DebugOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { translate, out, err } = terminal;
  const results: object[] = [];
  const errors: ErrorEntry[] = [];
  const stems = stemsOf(inputs);
  const tellEstimate = estimateTeller(terminal);
  let last: DebugReport | undefined;
  for (const [i, input] of inputs.entries()) {
    try {
      const { label, from } = await labelOf(model, input, options, jobs);
      const report = await jobs.debugImage(
        { model, input, label, labelFrom: from, expected: options.expected, among: options.among === undefined ? undefined : resolve(options.among), integrated: options.integrated, runtime: options.runtime },
        { onEstimate: tellEstimate("debug"), onProgress: (phase) => terminal.progress(phase, basename(input)) },
      );
      const files = await writeFiles(jobs, options, `${stems[i]!}.debug`, report, terminal);
      results.push({ ...debugDocument(report, version, translate), input, files });
      if (!options.json) print(input, report, options, files, last === undefined, terminal);
      last = report;
    } catch (thrown) {
      const failure = describeFailure(thrown, translate);
      errors.push({ input, ...failure });
      err(failureLine(input, failure, inputs.length > 1 && !concernsAllInputs(thrown)));
      const { near } = toWhylightError(thrown).data;
      if (near !== undefined && near !== "") err(translate("Labels spelt alike: {labels}", { labels: near }));
      if (concernsAllInputs(thrown)) break;
    }
  }
  if (options.json) out(JSON.stringify(resultDocument(model, last, results, errors), undefined, 2));
  else if (results.length > 0 && options.out !== undefined) out(`\n${translate("Reports written to {folder}: {count}", { count: results.length, folder: options.out })}`);
  return exitCodeOf(errors);
}

/** The class given, or what the image's surroundings say. Throws `labelMissing`. */
async function labelOf(model: string, input: string, { label, labels }: DebugOptions, jobs: Jobs): Promise<{ readonly label: TargetSpec; readonly from: LabelSource }> {
  if (label !== undefined) return { label, from: "given" };
  const found = await jobs.findLabel({ model, input, labels });
  if (!found) throw new WhylightError("labelMissing", { path: input });
  return { label: found.index, from: found.from };
}

/** Names of the files by format, relative to the output folder; nothing without one. */
async function writeFiles({ images }: Jobs, { out, formats }: DebugOptions, name: string, report: DebugReport, { translate }: Terminal): Promise<Readonly<Record<string, string>>> {
  if (out === undefined) return {};
  makeFolder(out);
  const main: Record<string, string> = {};
  for (const format of formats) {
    const files = await makeDebugFiles(images, report, format, name, translate);
    for (const file of files) writeOutput(out, file.name, file.bytes);
    main[format] = files[0]!.name;
  }
  return main;
}

function print(input: string, report: DebugReport, { formats, out: folder }: DebugOptions, files: Readonly<Record<string, string>>, isFirst: boolean, { out, translate }: Terminal): void {
  if (formats.includes("text")) {
    out(debugText(report, translate).trimEnd());
    return;
  }
  if (isFirst) out(`${modelLabel(report.model.path)} · ${report.runtime.detail}`);
  const { true: real, predicted } = report;
  out(`\n${input}`);
  out(`  ${cut(predicted.label, 40)} ${percent(predicted.probability)} · ${translate("true: {label}, rank {rank}, {probability}", { label: cut(real.label, 40), rank: real.rank, probability: percent(real.probability) })}`);
  out(`  ${sentenceText(report.verdict, translate)}`);
  for (const [i, { id, strength, evidence }] of report.causes.entries()) {
    out(`  ${i + 1}. ${translate(causeTexts[id])} (${translate(strengthTexts[strength])})`);
    for (const sentence of evidence) out(`     - ${sentenceText(sentence, translate)}`);
  }
  for (const note of report.notes) out(`  ${describeNote(note, translate)}`);
  for (const file of Object.values(files)) out(`  ${join(folder ?? "", file)}`);
}

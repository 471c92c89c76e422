/** @file `whylight attention`: who attends to whom in texts and images, as tensors, pictures, one document and sentences. */
import { basename, join } from "node:path";
import { writeSafetensors } from "../engine/importers/safetensors.js";
import type { AttentionInput, AttentionRequest, AttentionSummary } from "../protocol/attention.js";
import { modelLabel } from "../protocol/modelNames.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { attentionEntry, matrixDocument, type AttentionEntry } from "./attentionDocument.js";
import { shownMap } from "./attentionOnImage.js";
import type { AttentionOptions } from "./attentionOptions.js";
import { mapSvg, matrixSvg, rasterized } from "./attentionPictures.js";
import { analysisLines, attentionLines, queryTitle } from "./attentionTable.js";
import { attentionTensors } from "./attentionTensors.js";
import { estimateTeller } from "./estimateTeller.js";
import { concernsAllInputs } from "./explainCommand.js";
import { makeFolder, stemsOf, writeOutput } from "./outputFolder.js";
import { resultDocument, type ErrorEntry } from "./resultDocument.js";
import { shownAttention, type ShownAttention } from "./shownAttention.js";
import { describeFailure, describeNote, exitCodeOf, failureLine, inputTitle, oneLine, predictionLines, type Terminal } from "./terminal.js";
import type { GivenText } from "./textInputs.js";

/** One input by the name of its files. */
export interface AttendedInput {
  readonly input: string;
  readonly stem: string;
  /** Reads a text's file; a file that cannot be read does not stop the others. Throws `inputNotFound` and `textFileInvalid`. */
  asked(): AttentionInput;
}

/** Texts with the pair they share. */
export function textInputs(texts: readonly GivenText[], pair: string | undefined): AttendedInput[] {
  return texts.map((given) => ({ input: given.input, stem: given.stem, asked: () => ({ kind: "text", ...given.content, ...(pair === undefined ? {} : { pair }) }) }));
}

export function imageInputs(paths: readonly string[]): AttendedInput[] {
  const stems = stemsOf(paths);
  return paths.map((path, i) => ({ input: path, stem: stems[i]!, asked: () => ({ kind: "image", path }) }));
}

/** Looks at every input. Returns the exit code: 0, or 1 when anything failed. An input that fails does not stop the others. */
export async function runAttention(model: string, inputs: readonly AttendedInput[], options: AttentionOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { target, runtime, out, json } = options;
  const results: AttentionEntry[] = [];
  const errors: ErrorEntry[] = [];
  const tellEstimate = estimateTeller(terminal);
  let last: AttentionSummary | undefined;
  for (const { input, stem, asked } of inputs) {
    try {
      const request: AttentionRequest = { model, input: asked(), target, runtime };
      const summary = await jobs.attention(request, { onEstimate: tellEstimate("attention"), onProgress: (phase) => terminal.progress(phase, basename(input)) });
      const shown = await shownAttention(jobs, request, summary, options, terminal.translate);
      const analysis = analysisLines(summary, shown, options.hidesSpecial, terminal.translate);
      const files = await writeFiles(jobs, request, stem, summary, shown, options, terminal);
      const notes = summary.notes.map((note) => describeNote(note, terminal.translate));
      const entry = attentionEntry(input, summary, shown, analysis, files, notes);
      results.push(entry);
      if (!json) print(entry, summary, shown, last === undefined, options, terminal);
      last = summary;
    } catch (thrown) {
      const failure = describeFailure(thrown, terminal.translate);
      errors.push({ input, ...failure });
      terminal.err(failureLine(input, failure, inputs.length > 1 && !concernsAllInputs(thrown)));
      if (concernsAllInputs(thrown)) break;
    }
  }
  const document = JSON.stringify(resultDocument(model, last, results, errors), undefined, 2);
  if (json) terminal.out(document);
  if (results.length === 0) return exitCodeOf(errors);
  try {
    makeFolder(out);
    writeOutput(out, "result.json", `${document}\n`);
  } catch (thrown) {
    const { text, next } = describeFailure(thrown, terminal.translate);
    terminal.err(`${text} ${next}`);
    return 1;
  }
  return exitCodeOf(errors);
}

async function writeFiles(jobs: Jobs, request: AttentionRequest, stem: string, summary: AttentionSummary, shown: ShownAttention, options: AttentionOptions, terminal: Terminal): Promise<AttentionEntry["files"]> {
  const { formats, out } = options;
  const picture = `${stem}.attention.${shown.stem}`;
  makeFolder(out);
  const files: { -readonly [Key in keyof AttentionEntry["files"]]: AttentionEntry["files"][Key] } = {};
  if (formats.includes("tensors")) writeOutput(out, (files.tensors = `${stem}.attention.safetensors`), writeSafetensors(await attentionTensors(jobs, request, summary)));
  if (formats.includes("json")) writeOutput(out, (files.json = `${picture}.json`), matrixDocument(shown));
  if (!formats.includes("svg") && !formats.includes("png")) return files;
  const svg = await drawn(jobs, request, summary, shown, options, terminal);
  if (formats.includes("svg")) writeOutput(out, (files.svg = `${picture}.svg`), svg);
  if (formats.includes("png")) {
    const { hasFont } = await import("../worker/contactSheet.js");
    if (!(await hasFont())) terminal.err(terminal.translate("The picture has no words, since no font is installed here; its SVG has them."));
    writeOutput(out, (files.png = `${picture}.png`), await rasterized(svg));
  }
  return files;
}

/** A map over the image where the input is one; otherwise the matrix. */
function drawn(jobs: Jobs, { input, model }: AttentionRequest, summary: AttentionSummary, shown: ShownAttention, { hidesSpecial, theme }: AttentionOptions, { translate }: Terminal): Promise<string> | string {
  const subject = input.kind === "image" ? basename(input.path) : input.tokens ? `${input.tokens.ids.length} tokens` : oneLine(input.text, 60);
  const title = [subject, modelLabel(model), shown.name].join(" · ");
  const map = input.kind === "image" && summary.region ? shownMap(summary, shown, hidesSpecial) : undefined;
  const renormalised = hidesSpecial && shown.rows.length < summary.tokens.length ? ` ${translate("Special tokens are left out, and the other weights of a row sum to 1.")}` : "";
  if (input.kind === "image" && map) return mapSvg(jobs, input.path, summary.region!, map, { title, caption: `${queryTitle(summary, shown, translate)}${renormalised}`, theme });
  return matrixSvg(shown, { title, caption: translate("Query rows, key columns.") + renormalised, theme });
}

function print({ input, files, notes }: AttentionEntry, summary: AttentionSummary, shown: ShownAttention, isFirst: boolean, { hidesSpecial, out: folder }: AttentionOptions, { out, translate }: Terminal): void {
  const { model, runtime, request, predictions, ms } = summary;
  if (isFirst) {
    out(`${modelLabel(model.path)} · ${runtime.detail}`);
    for (const { name, reason } of runtime.passedOver) out(`  ${translate("{name} was passed over: {reason}", { name, reason })}`);
  }
  out(`\n${request.input.kind === "text" ? inputTitle(input, request.input.text) : input}`);
  for (const line of predictionLines(predictions)) out(line);
  for (const line of attentionLines(summary, shown, analysisLines(summary, shown, hidesSpecial, translate), translate)) out(`  ${line}`);
  for (const note of notes) out(`  ${note}`);
  const written = Object.values(files);
  out(`  ${Math.round(ms.load + ms.compile + ms.compute + ms.draw)} ms${written.length > 0 ? ` → ${written.map((file) => join(folder, file)).join(", ")}` : ""}`);
}

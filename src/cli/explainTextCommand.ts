/** @file `whylight explain` of texts: each token's and word's share of the prediction, as tables, tensors, one document and a page. */
import { basename, join } from "node:path";
import { writeSafetensors } from "../engine/importers/safetensors.js";
import { WhylightError } from "../engine/errors.js";
import { int64 } from "../engine/ir/tensor.js";
import type { ParameterValue, RuntimeChoice, Score, TargetSpec } from "../protocol/api.js";
import { reportTexts } from "../protocol/reportTexts.js";
import { textMethodIds, type TextExplanation, type TextMethodId, type TextScale } from "../protocol/text.js";
import { modelLabel } from "../protocol/modelNames.js";
import { shortNumber } from "../report/markup.js";
import { textReport, type TextReportItem } from "../report/textReport.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { version } from "../worker/version.js";
import { concernsAllInputs } from "./explainCommand.js";
import { drawingChoices } from "./drawingOptions.js";
import type { ExplainFlags } from "./explainOptions.js";
import { makeFolder, writeOutput } from "./outputFolder.js";
import { parseParameters, parseTarget } from "./parameters.js";
import { resultDocument, type ErrorEntry } from "./resultDocument.js";
import { cut, describeFailure, describeNote, exitCodeOf, failureLine, inputTitle, percent, predictionLines, type Terminal } from "./terminal.js";
import { textEntry, type TextResultEntry } from "./textDocument.js";
import type { GivenText } from "./textInputs.js";
import { estimateTeller } from "./estimateTeller.js";
import { wordLines } from "./textTable.js";

export interface ExplainTextOptions {
  readonly methods: readonly TextMethodId[];
  readonly pair: string | undefined;
  readonly target: TargetSpec;
  readonly versus: TargetSpec | undefined;
  readonly score: Score;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly runtime: RuntimeChoice;
  readonly colors: TextScale;
  readonly out: string;
  readonly formats: readonly ("tensors" | "html")[];
  readonly json: boolean;
}

/** What was asked for. Throws `methodUnknown`, and `parameterInvalid` for what is meant for images. */
export function explainTextOptions(flags: ExplainFlags): ExplainTextOptions {
  const { method, target, versus, layer, score, set, as, runtime, out, format, html = false, json = false, pair, textColors } = flags;
  const drawn = Object.keys(drawingChoices(flags))[0];
  const misplaced = layer.length > 0 ? "--layer" : as !== undefined ? "--as" : drawn === undefined ? undefined : `the drawing option for ${drawn}`;
  if (misplaced !== undefined) throw new WhylightError("parameterInvalid", { parameter: misplaced, reason: "it is for images" });
  const formats = (format ?? ["tensors"]).map((kind) => {
    if (kind === "tensors" || kind === "html") return kind;
    throw new WhylightError("parameterInvalid", { parameter: "--format", reason: `${kind} is for images; texts have tensors and html` });
  });
  return {
    methods: parseTextMethods(method ?? textMethodIds[0]), pair, target: parseTarget(target), versus: versus === undefined ? undefined : parseTarget(versus), score,
    parameters: parseParameters(set), runtime, colors: textColors, out, formats: html ? [...new Set([...formats, "html" as const])] : formats, json,
  };
}

function parseTextMethods(text: string): TextMethodId[] {
  const unknown = (method: string): never => { throw new WhylightError("methodUnknown", { method, methods: textMethodIds.join(", ") }); };
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const methods = names.map((name) => textMethodIds.find((id) => id === name) ?? unknown(name));
  return methods.length > 0 ? [...new Set(methods)] : unknown(text);
}

/** Explains every text by every method. Returns the exit code: 0, or 1 when anything failed. A text that fails does not stop the others. */
export async function runExplainText(model: string, texts: readonly GivenText[], options: ExplainTextOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const tellEstimate = estimateTeller(terminal);
  const results: TextResultEntry[] = [];
  const errors: ErrorEntry[] = [];
  const report: TextReportItem[] = [];
  const { pair, target, versus, score, parameters, runtime } = options;
  let last: TextExplanation | undefined;
  texts: for (const given of texts) {
    const { input, stem } = given;
    for (const [i, method] of options.methods.entries()) {
      try {
        const explanation = await jobs.explainText({ model, ...given.content, pair, method, target, versus, score, parameters, runtime }, { onEstimate: tellEstimate(method), onProgress: (phase) => terminal.progress(phase, basename(input)) });
        const files = writeTensors(options, `${stem}.${method}`, explanation);
        const notes = explanation.notes.map((note) => describeNote(note, terminal.translate));
        results.push(textEntry(input, explanation, files, notes));
        report.push({ input, explanation, notes });
        if (!options.json) printResult(input, explanation, files.tensors && join(options.out, files.tensors), notes, i === 0, last === undefined, terminal);
        last = explanation;
      } catch (thrown) {
        const failure = describeFailure(thrown, terminal.translate);
        errors.push({ input, ...failure });
        terminal.err(failureLine(input, failure, texts.length > 1 && !concernsAllInputs(thrown)));
        if (concernsAllInputs(thrown)) break texts;
        break;
      }
    }
  }
  const document = JSON.stringify(resultDocument(model, last, results, errors), undefined, 2);
  const hasFailed = results.length > 0 && failsToWrite(terminal, () => {
    makeFolder(options.out);
    writeOutput(options.out, "result.json", `${document}\n`);
    if (options.formats.includes("html")) writeOutput(options.out, "index.html", textReport(modelLabel(model), report, options.colors, version, terminal.translate));
  });
  if (options.json) terminal.out(document);
  else if (results.length > 0) terminal.out(`\n${terminal.translate("{count} explanations in {folder}", { count: results.length, folder: options.out })}`);
  return hasFailed ? 1 : exitCodeOf(errors);
}

/** `attributions` and `raw` `[tokens]`, `input_ids` `[tokens]`, and `embedding_attributions` `[tokens, width]` of methods that have them. */
function writeTensors({ out, formats }: ExplainTextOptions, name: string, { tokens, attribution }: TextExplanation): TextResultEntry["files"] {
  if (!formats.includes("tensors")) return {};
  const row = (values: readonly number[]) => ({ dtype: "float32", shape: [tokens.length], data: Float32Array.from(values) }) as const;
  makeFolder(out);
  writeOutput(out, `${name}.safetensors`, writeSafetensors({
    attributions: row(tokens.map((token) => token.attribution)), raw: row(tokens.map((token) => token.raw)), input_ids: int64([tokens.length], tokens.map(({ id }) => id)),
    ...(attribution && { embedding_attributions: { dtype: "float32", ...attribution } }),
  }));
  return { tensors: `${name}.safetensors` };
}

function failsToWrite(terminal: Terminal, write: () => void): boolean {
  try {
    write();
    return false;
  } catch (thrown) {
    const { text, next } = describeFailure(thrown, terminal.translate);
    terminal.err(`${text} ${next}`);
    return true;
  }
}

function printResult(input: string, explanation: TextExplanation, file: string | undefined, notes: readonly string[], isFirstOfText: boolean, isFirst: boolean, { out, translate }: Terminal): void {
  if (isFirst) {
    out(`${modelLabel(explanation.model.path)} · ${explanation.runtime.detail}`);
    for (const { name, reason } of explanation.runtime.passedOver) out(`  ${translate("{name} was passed over: {reason}", { name, reason })}`);
  }
  const { method, target, versus, completeness, ms, text } = explanation;
  if (isFirstOfText) {
    out(`\n${inputTitle(input, text)}`);
    for (const line of predictionLines(explanation.predictions)) out(line);
  }
  const what = versus ? translate(reportTexts.rather, { target: cut(target.label, 40), versus: cut(versus.label, 40) }) : `${cut(target.label, 40)} ${percent(target.probability)}`;
  out(`  ${what} · ${method} · ${Math.round(ms.load + ms.compile + ms.compute + ms.draw)} ms${file === undefined ? "" : ` → ${file}`}`);
  for (const line of wordLines(explanation, translate)) out(line);
  if (completeness) out(`  ${translate(reportTexts.gap)}: ${translate(reportTexts.gapOf, { gap: shortNumber(completeness.gap), share: percent(completeness.relative) })}`);
  for (const note of notes) out(`  ${note}`);
}

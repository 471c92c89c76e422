/** @file `whylight compare`: several maps of one input side by side, with what tells them apart as numbers. */
import { basename } from "node:path";
import { average, commonEnds, disagreement, type Ends } from "../drawing/comparison.js";
import { defaultStyle, type DrawStyle } from "../drawing/style.js";
import { writeSafetensors } from "../engine/importers/safetensors.js";
import type { Explanation, ExplainRequest, Prediction } from "../protocol/api.js";
import type { TileRequest } from "../protocol/comparison.js";
import { comparisonTexts } from "../protocol/comparisonTexts.js";
import { reportTexts } from "../protocol/reportTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import type { ComparedPicture } from "../report/comparisonHtml.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { drawExplanation, renderOverlay } from "../worker/renderImage.js";
import { version } from "../worker/version.js";
import type { CompareOptions } from "./compareOptions.js";
import { comparisonDocument, type ComparedMap, type ComparisonDocument } from "./comparisonDocument.js";
import { comparisonTable, correlationTable } from "./comparisonTables.js";
import { concernsAllInputs } from "./explainCommand.js";
import { makeFolder, stemsOf, writeOutput } from "./outputFolder.js";
import type { ErrorEntry } from "./resultDocument.js";
import { estimateTeller } from "./estimateTeller.js";
import { alignColumns, cut, describeFailure, describeNote, exitCodeOf, percent, predictionLines, type Terminal } from "./terminal.js";

/** Pictures on a page and a sheet need no more. */
const mostPixels = 1024;

/** Compares the maps of one input. Returns the exit code: 0, or 1 when a map failed; the others are compared all the same. */
export async function runCompare(model: string, input: string, options: CompareOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { kind, out, json, scale } = options;
  const { results, errors } = await explainAll(model, input, options, terminal, jobs);
  try {
    const pictures = results.length > 0 ? await drawAll(results, input, options, terminal, jobs) : undefined;
    const document = comparisonDocument(model, kind, input, scale, pictures?.maps ?? [], pictures?.files ?? null, errors);
    if (pictures) await writeSummary(document, pictures.shown, input, options, terminal);
    if (json) terminal.out(JSON.stringify(document, undefined, 2));
    else if (pictures) print(document, out, terminal);
    return exitCodeOf(errors);
  } catch (thrown) {
    const { text, next } = describeFailure(thrown, terminal.translate);
    terminal.err(`${text} ${next}`);
    return 1;
  }
}

interface Result {
  readonly request: TileRequest;
  readonly explanation: Explanation;
}

async function explainAll(model: string, input: string, options: CompareOptions, terminal: Terminal, jobs: Jobs): Promise<{ results: Result[]; errors: ErrorEntry[] }> {
  const tellEstimate = estimateTeller(terminal);
  const { target, versus, score, layer, runtime } = options;
  const results: Result[] = [];
  const errors: ErrorEntry[] = [];
  for (const request of options.tiles) {
    const asked: ExplainRequest = { model, input, method: request.method, parameters: request.parameters, target, versus, score, layer, runtime };
    try {
      results.push({ request, explanation: await jobs.explain(asked, { onEstimate: tellEstimate(request.id), onProgress: (phase) => terminal.progress(phase, `${basename(input)} · ${request.id}`) }) });
    } catch (thrown) {
      const failure = describeFailure(thrown, terminal.translate);
      errors.push({ input, ...failure });
      terminal.err(`${request.id}: ${failure.text} ${failure.next}`);
      // A layer or a parameter may not suit one method and suit the next.
      if (concernsAllInputs(thrown) && !["layerUnsuitable", "parameterInvalid", "gradientUndefined", "outOfMemory"].includes(failure.code)) break;
    }
  }
  return { results, errors };
}

interface Drawn {
  readonly maps: readonly ComparedMap[];
  readonly files: NonNullable<ComparisonDocument["files"]>;
  readonly shown: readonly ComparedPicture[];
}

/** Draws every map, the maps made of them, and the sheet. */
async function drawAll(results: readonly Result[], input: string, options: CompareOptions, { translate, err }: Terminal, jobs: Jobs): Promise<Drawn> {
  const { kind, out, scale } = options;
  const [stem = ""] = stemsOf([input]);
  const style: DrawStyle = { ...defaultStyle, ...options.drawing };
  const mean = kind === "baselines" && results.length > 1 ? averaged(results) : undefined;
  const all = [...results.map(({ explanation }) => explanation), ...(mean ? [mean] : [])].map((explanation) => drawExplanation(explanation, style));
  // Ends that the caller gave are the same for all as they are.
  const shared: DrawStyle = scale === "own" || typeof style.scale === "object" ? style : { ...style, scale: commonEnds(all).ends };
  makeFolder(out);
  const draw = async (name: string, id: string, explanation: Explanation, how: DrawStyle, lines: readonly string[]) => {
    const bytes = await renderOverlay(jobs.images, explanation, how, mostPixels);
    const { colors, ends } = drawExplanation(explanation, how);
    const file = `${stem}.${fileName(id)}.png`;
    writeOutput(out, file, bytes);
    const picture: ComparedPicture = { name, mime: "image/png", bytes, lines, scale: { colors, ends } };
    return { file, ends, picture };
  };

  const maps: ComparedMap[] = [];
  const shown: ComparedPicture[] = [];
  if (results[0]?.explanation.region) {
    const { bytes, mime } = await jobs.previewImage(input, mostPixels);
    shown.push({ name: translate(comparisonTexts.original), mime, bytes, lines: [basename(input)], scale: undefined });
  }
  for (const { request, explanation } of results) {
    const { file, ends, picture } = await draw(request.id, request.id, explanation, shared, captionLines(explanation, scale, translate));
    const tensors = file.replace(/png$/, "safetensors");
    writeOutput(out, tensors, writeSafetensors({ attribution: { dtype: "float32", ...explanation.attribution }, heatmap: { dtype: "float32", ...explanation.heatmap } }));
    maps.push({ request, explanation, ends, notes: explanation.notes.map((note) => describeNote(note, translate)), files: { overlay: file, tensors } });
    shown.push(picture);
  }
  let files: Drawn["files"] = { sheet: `${stem}.comparison.png` };
  if (mean) {
    const { file, picture } = await draw(translate(comparisonTexts.average), "average", mean, shared, [translate(comparisonTexts.averageOf), translate(scale === "shared" ? comparisonTexts.shared : comparisonTexts.own)]);
    const spread = disagreementOf(results.map(({ explanation }) => drawExplanation(explanation, style).values), mean);
    const { file: spreadFile, picture: spreadPicture } = await draw(translate(comparisonTexts.disagreement), "disagreement", spread.explanation, { ...style, scale: spread.ends }, [translate(comparisonTexts.disagreementOf), translate(comparisonTexts.own)]);
    shown.push(picture, spreadPicture);
    files = { ...files, average: file, disagreement: spreadFile };
  }
  const { hasFont, renderContactSheet } = await import("../worker/contactSheet.js");
  if (!(await hasFont())) err(translate("The sheet has no captions, since no font is installed here; the pictures stand in the order of the table."));
  const first = results[0]!.explanation;
  const title = [basename(input), modelLabel(first.model.path), targetText(first.target, first.versus, translate), translate(scale === "shared" ? comparisonTexts.shared : comparisonTexts.own)].join(" · ");
  writeOutput(out, files.sheet, await renderContactSheet(title, shown.map(({ name, bytes, lines, scale: colors }) => ({ picture: bytes, lines: [name, ...lines], scale: colors }))));
  return { maps, files, shown };
}

/** The map of raw values averaged, signs and channels and all: the map of Integrated Gradients averaged over its baselines. */
function averaged(results: readonly Result[]): Explanation {
  return { ...results[0]!.explanation, attribution: average(results.map(({ explanation }) => explanation.attribution)) };
}

/** The standard deviation of the maps as they are drawn, on a scale from zero. */
function disagreementOf(drawn: readonly Explanation["attribution"][], like: Explanation): { readonly explanation: Explanation; readonly ends: Ends } {
  const grid = disagreement(drawn);
  return { explanation: { ...like, attribution: grid }, ends: [0, grid.data.reduce((most, value) => Math.max(most, value), 0)] };
}

function captionLines({ ms, completeness, isCached }: Explanation, scale: "own" | "shared", translate: Terminal["translate"]): string[] {
  const cost = isCached ? translate(comparisonTexts.cached) : translate(comparisonTexts.ms, { ms: Math.round(ms.compute) });
  return [[cost, ...(completeness ? [translate(comparisonTexts.gapIs, { gap: percent(Math.abs(completeness.relative)) })] : [])].join(" · "), translate(scale === "shared" ? comparisonTexts.shared : comparisonTexts.own)];
}

function targetText(target: Prediction, versus: Prediction | null | undefined, translate: Terminal["translate"]): string {
  return versus ? translate(reportTexts.rather, { target: target.label, versus: versus.label }) : `${target.label} ${percent(target.probability)}`;
}

/** An id as part of a file's name: baselines may be paths. */
function fileName(id: string): string {
  return basename(id).replace(/[^\w.+-]/g, "_");
}

async function writeSummary(document: ComparisonDocument, pictures: readonly ComparedPicture[], input: string, { out, html }: CompareOptions, { translate }: Terminal): Promise<void> {
  writeOutput(out, "comparison.json", `${JSON.stringify(document, undefined, 2)}\n`);
  if (!html) return;
  const { comparisonHtml } = await import("../report/comparisonHtml.js");
  const { kind, model, runtime, target, versus } = document;
  const page = {
    kind, modelName: modelLabel(model?.path ?? ""), inputName: basename(input), target: target ? targetText(target, versus, translate) : "", runtime: runtime?.detail ?? "", version, isShared: document.scale === "shared", pictures,
    tables: [comparisonTable(document, translate), correlationTable(document, translate)],
  };
  writeOutput(out, "index.html", comparisonHtml(page, translate));
}

function print(document: ComparisonDocument, folder: string, { out, translate }: Terminal): void {
  const { input, model, runtime, target, results } = document;
  out(`${modelLabel(model?.path ?? "")} · ${runtime?.detail ?? ""}`);
  out(`\n${input}`);
  if (target) for (const line of predictionLines([target])) out(line);
  for (const { title, head, rows, footnotes } of [comparisonTable(document, translate), correlationTable(document, translate)]) {
    out(`\n${title}`);
    for (const line of alignColumns([head, ...rows].map((row) => row.map((cell) => cut(cell, 100))))) out(`  ${line}`);
    for (const note of footnotes) out(`  ${note}`);
  }
  for (const { id, notes } of results) for (const note of notes) out(`${id}: ${note}`);
  out(`\n${translate("{count} maps compared in {folder}", { count: results.length, folder })}`);
}

/** @file What an audit's report says, as texts and tables: the same for the page and for Markdown. */
import { basename } from "node:path";
import type { QualityFlag, Sentence } from "../engine/debug/evidence.js";
import type { AuditSummary, SharedRegion } from "../engine/audit/summary.js";
import { auditReportTexts as texts, regionGroupTexts, regionVerdictTexts } from "../protocol/auditReportTexts.js";
import { placeTexts, qualityTexts, variantText } from "../protocol/debugTexts.js";
import { meanMapTexts } from "../protocol/meanMaps.js";
import type { Translate } from "../protocol/reportTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import type { PageTable } from "./comparisonHtml.js";
import { percent, shortNumber } from "./markup.js";
import { mapColumns, type MapColumns } from "./meanMapColumns.js";

/** What all parts of a report are made with. */
export interface ReportContext {
  readonly summary: AuditSummary;
  readonly translate: Translate;
  /** A sentence in the reader's language. */
  readonly sentence: (sentence: Sentence) => string;
  /** Of the product. */
  readonly version: string;
}

/** A table, with the columns of numbers by their place. */
export interface ReportTable extends PageTable {
  readonly numbers: readonly number[];
  /** Mean maps, after the other columns. */
  readonly maps?: MapColumns | undefined;
}

type Row = readonly [name: string, value: string];

/** More rows than this are left to the JSON report. */
const mostClasses = 60;
const mostFailed = 50;
const mostTrials = 8;

export function titleOf({ summary, translate }: ReportContext): string {
  return translate(texts.title, { model: modelLabel(summary.model.path), folder: basename(summary.folder) });
}

/** What stands below the title. */
export function headFacts({ summary, translate, version }: ReportContext): string[] {
  return [translate(texts.imageCount, { images: summary.images }), ...(summary.finished === undefined ? [translate(texts.unfinished)] : []), (summary.finished ?? summary.started).slice(0, 16).replace("T", " "), summary.runtime, `Whylight ${version}`];
}

export function labelOf({ summary }: Pick<ReportContext, "summary">, index: number): string {
  return index < 0 ? "–" : (summary.labels[index] ?? `class ${index}`);
}

/** Accuracy and what belongs to it. */
export function headlineRows({ summary, translate }: ReportContext): Row[] {
  const { accuracy, accuracyRange, labelled, mistakes, topFive, failedCount, images } = summary;
  const rows: (Row | undefined)[] = [
    accuracy === null ? undefined : [translate(texts.accuracy), accuracyRange ? translate(texts.accuracyWithRange, { accuracy: percent(accuracy), low: percent(accuracyRange[0]), high: percent(accuracyRange[1]) }) : percent(accuracy)],
    labelled === 0 ? undefined : [translate(texts.mistakes), translate(texts.countOf, { count: mistakes, total: labelled })],
    topFive === null ? undefined : [translate(texts.topFive), percent(topFive)],
    labelled === images ? undefined : [translate(texts.withoutClass), String(images - labelled)],
    failedCount === 0 ? undefined : [translate(texts.unreadable), String(failedCount)],
  ];
  return rows.filter((row) => row !== undefined);
}

/** Most frequent confusions. */
export function pairTable(context: ReportContext): ReportTable | undefined {
  const { summary, translate } = context;
  if (summary.pairs.length === 0) return undefined;
  const totals = new Map(summary.classes.map(({ index, images }) => [index, images]));
  return {
    title: translate(texts.pairs), head: [texts.label, texts.answer, texts.images].map((text) => translate(text)), numbers: [2], footnotes: [],
    rows: summary.pairs.map(({ label, predicted, images }) => [labelOf(context, label), labelOf(context, predicted), translate(texts.countOf, { count: images, total: totals.get(label) ?? images })]),
    maps: mapColumns(summary, [translate(meanMapTexts.meanMap)], summary.pairs.map(({ label, predicted }) => [{ kind: "pair", label, predicted }])),
  };
}

/** Classes that occur, those with the lowest recall first. */
export function classTable({ summary, translate }: ReportContext): ReportTable {
  const used = summary.classes.filter(({ images, predicted }) => images > 0 || predicted > 0).toSorted((a, b) => (a.recall ?? 2) - (b.recall ?? 2) || b.images - a.images);
  const share = (value: number | null) => (value === null ? "–" : percent(value));
  const others = used.length - mostClasses;
  const told = used.slice(0, mostClasses);
  return {
    title: translate(texts.classes), numbers: [1, 2, 3, 4, 5, 6, 7],
    head: [texts.class, texts.images, texts.answered, texts.right, texts.recall, texts.precision, texts.f1, texts.meanConfidence].map((text) => translate(text)),
    rows: told.map(({ label, images, predicted, right, recall, precision, f1, confidence }) => [label, ...[images, predicted, right].map(String), ...[recall, precision, f1, confidence].map(share)]),
    maps: mapColumns(summary, [meanMapTexts.ofRight, meanMapTexts.ofMistakes].map((text) => translate(text)), told.map(({ index }) => (["right", "mistakesInto"] as const).map((kind) => ({ kind, predicted: index })))),
    footnotes: others > 0 ? [translate(texts.classesLeftOut, { count: mostClasses, others })] : [],
  };
}

export function calibrationRows({ summary: { calibration }, translate }: ReportContext): Row[] {
  return calibration ? [[translate(texts.expectedError), percent(calibration.expectedError)], [translate(texts.worstError), percent(calibration.worstError)]] : [];
}

/** The bins that hold images. */
export function calibrationTable({ summary: { calibration }, translate }: ReportContext): ReportTable | undefined {
  return calibration ? {
    title: translate(texts.calibration), head: [texts.confidence, texts.images, texts.shareRight, texts.meanConfidence].map((text) => translate(text)), numbers: [0, 1, 2, 3], footnotes: [],
    rows: calibration.bins.filter(({ images }) => images > 0).map(({ from, to, images, accuracy, confidence }) => [`${percent(from)} – ${percent(to)}`, String(images), percent(accuracy ?? 0), percent(confidence ?? 0)]),
  } : undefined;
}

/** "Mistakes into mug · the bottom right · confirmed by the counter-test". */
export function regionTitle(context: ReportContext, { group, place, verdict }: SharedRegion): string {
  const { translate } = context;
  const data = { predicted: labelOf(context, group.predicted), label: group.kind === "pair" ? labelOf(context, group.label) : "" };
  return `${translate(regionGroupTexts[group.kind], data)} · ${translate(placeTexts[place])} · ${translate(regionVerdictTexts[verdict])}`;
}

/** The numbers of a region and of what was tried with it. */
export function regionRows({ translate }: ReportContext, { area, inRegion, images, elsewhereShare, pValue, masked, planted }: SharedRegion): Row[] {
  const of = (count: number, total: number) => translate(texts.countOf, { count, total });
  return [
    [translate(texts.where), translate(texts.whereIs, { left: percent(area.x), right: percent(area.x + area.width), top: percent(area.y), bottom: percent(area.y + area.height) })],
    [translate(texts.inRegion), of(inRegion, images)],
    [translate(texts.elsewhere), percent(elsewhereShare)],
    [translate(texts.byChance), pValue < 1e-12 ? "p < 1e-12" : `p = ${shortNumber(pValue)}`],
    ...(masked ? [
      [translate(texts.maskedChanged), of(masked.changed, masked.tried)], [translate(texts.maskedCorrected), of(masked.corrected, masked.tried)], [translate(texts.maskedElsewhere), of(masked.changedElsewhere, masked.tried)],
      [translate(texts.maskedProbability), translate(texts.fromTo, { before: percent(masked.before), after: percent(masked.after) })],
    ] as const : []),
    ...(planted ? [[translate(texts.planted), translate(texts.turned, { turned: planted.turned, tried: planted.tried })] as const] : []),
  ];
}

/** Other preprocessing that was tried, what helps most first; the mean log-probabilities of the labels tell more than the counts. */
export function trialTable({ summary, translate }: ReportContext): ReportTable | undefined {
  if (summary.preprocessing.length === 0) return undefined;
  const best = summary.preprocessing.toSorted((a, b) => b.likelihoodChanged - b.likelihood - (a.likelihoodChanged - a.likelihood));
  return {
    title: translate(texts.preprocessing), head: [texts.trial, texts.images, texts.rightAsDescribed, texts.rightChanged, texts.likelihood, texts.likelihoodChanged, texts.betterByChance].map((text) => translate(text)), numbers: [1, 2, 3, 4, 5, 6],
    rows: best.slice(0, mostTrials).map(({ id, images, right, rightChanged, likelihood, likelihoodChanged, pValue, isLikely }) => [
      `${variantText(id, translate)}${isLikely ? ` (${translate(texts.likelyMeant)})` : ""}`, ...[images, right, rightChanged].map(String), likelihood.toFixed(3), likelihoodChanged.toFixed(3), shortNumber(pValue),
    ]),
    footnotes: [translate(texts.likelihoodHow), ...(best.length > mostTrials ? [translate(texts.moreLeftOut, { count: best.length - mostTrials })] : [])],
  };
}

/** Flags of the pictures themselves. */
export function qualityTable({ summary, translate }: ReportContext): ReportTable | undefined {
  const found = summary.quality.filter(({ images }) => images > 0);
  if (found.length === 0) return undefined;
  return {
    title: translate(texts.quality), head: [texts.flag, texts.images, texts.mistakes].map((text) => translate(text)), numbers: [1, 2], footnotes: [],
    rows: found.map(({ flag, images, mistakes }) => [Object.hasOwn(qualityTexts, flag) ? translate(qualityTexts[flag as QualityFlag]) : flag, String(images), String(mistakes)]),
  };
}

/** Files that could not be read. */
export function failedTable({ summary, translate }: ReportContext): ReportTable | undefined {
  if (summary.failedCount === 0) return undefined;
  const shown = summary.failed.slice(0, mostFailed);
  return {
    title: translate(texts.failedTitle), head: [texts.file, texts.reason].map((text) => translate(text)), numbers: [],
    rows: shown.map(({ file, reason }) => [file, reason]), footnotes: summary.failedCount > shown.length ? [translate(texts.moreLeftOut, { count: summary.failedCount - shown.length })] : [],
  };
}

/** Labels that name no class of the model. */
export function unknownTable({ summary, translate }: ReportContext): ReportTable | undefined {
  if (summary.unknownLabels.length === 0) return undefined;
  return { title: translate(texts.unknownTitle), head: [texts.label, texts.images].map((text) => translate(text)), numbers: [1], footnotes: [], rows: summary.unknownLabels.map(({ label, images }) => [label, String(images)]) };
}

/** How the audit came to be. */
export function provenanceRows({ summary, translate, version }: ReportContext): Row[] {
  const { model, folder, labelsFrom, layer, runtime, started, seconds, images } = summary;
  const rate = seconds > 0 ? (images / seconds).toFixed(1) : "–";
  return [
    [translate(texts.model), `${model.path} (SHA-256 ${model.sha256})`], [translate(texts.folder), folder], [translate(texts.labelsFrom), labelsFrom],
    ...(layer === undefined ? [] : [[translate(texts.layer), layer] as const]), [translate(texts.runtime), runtime], [translate(texts.started), started],
    [translate(texts.duration), translate(texts.durationRate, { seconds: seconds.toFixed(1), rate })], [translate(texts.version), `Whylight ${version}`],
  ];
}

/** "umbrella, answered mug 99.1 %". */
export function mistakeCaption(context: ReportContext, { label, predicted, confidence }: AuditSummary["worst"][number]): string {
  return context.translate(texts.labelledAs, { label: labelOf(context, label), predicted: labelOf(context, predicted), confidence: percent(confidence) });
}

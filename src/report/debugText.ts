/** @file A misclassification report as plain text: the textbook's lines, with its questions answered by what was measured. */
import type { Translate } from "../protocol/reportTexts.js";
import { debugReportTexts as texts } from "../protocol/debugReportTexts.js";
import { causeTexts, sentenceText, strengthTexts } from "../protocol/debugTexts.js";
import { otherFindings, type DebugReport, type MapSubject } from "../protocol/debug.js";
import { measuredName } from "./debugTables.js";
import { percent, shortNumber } from "./markup.js";

const rule = "=".repeat(60);

/** The report. Lines have no control characters but those that end them, whatever labels hold. */
export function debugText(report: DebugReport, translate: Translate): string {
  const { true: real, predicted, expected, predictions } = report;
  const rank = (prediction: typeof real) => translate(texts.trueRank, { rank: prediction.rank, probability: exact(prediction.probability) });
  const lines = [
    rule, translate(texts.title), rule, "",
    translate(texts.trueIs, { label: real.label }), translate(texts.predictedIs, { label: predicted.label, probability: exact(predicted.probability) }),
    ...(expected ? [translate(texts.expectedIs, { label: expected.label, rank: expected.rank, probability: exact(expected.probability) })] : []), "",
    translate(texts.topFive, { count: predictions.length }),
    ...predictions.map(({ index, label, probability }, i) => `  ${index === real.index ? "✓" : " "} ${i + 1}. ${label}: ${exact(probability)}`), "",
    rank(real), "",
    rule, translate(texts.diagnosis), rule,
    ...diagnosis(report, translate), "",
    sentenceText(report.verdict, translate), "",
    ...(report.isMistake ? [translate(texts.causes), ...causeLines(report, translate), ""] : []),
    translate(report.isMistake ? texts.otherFindings : texts.findings), ...otherFindings(report).map((sentence) => `  - ${sentenceText(sentence, translate)}`),
  ];
  return `${lines.map((line) => line.replace(/\p{Cc}+/gu, " ")).join("\n")}\n`;
}

/** "45.23%", as the textbook writes it. */
function exact(probability: number): string {
  return `${(100 * probability).toFixed(2)}%`;
}

function diagnosis(report: DebugReport, translate: Translate): string[] {
  const { overlap, focus, textbook } = report;
  const answers = [translate(texts.regionsOverlap, { iou: percent(overlap.iou), shared: percent(overlap.shared) }), translate(texts.onBackground, { border: percent(focus.predicted.border), uniform: percent(focus.predicted.uniform), area: percent(focus.predicted.uniformArea) })];
  const parts: readonly (readonly [string, readonly string[]])[] = [
    [translate(texts.compareCam, { method: measuredName(report, translate) }), answers], [translate(texts.checkIg), evidenceLines(report, translate)], [translate(texts.possibleCauses), textbook.map((sentence) => sentenceText(sentence, translate))],
  ];
  return parts.flatMap(([title, lines], i) => [...(i === 0 ? [] : [""]), `${i + 1}. ${title}`, ...lines.map((line) => `   - ${line}`)]);
}

/** Whether features of a class are in the picture, as its map tells: what speaks for it and what against. */
function evidenceLines({ maps }: DebugReport, translate: Translate): string[] {
  const subjects: readonly MapSubject[] = ["true", "predicted"];
  return subjects.flatMap((of) => {
    const found = maps.find((map) => map.of === of && map.explanation.method === "integrated-gradients");
    if (!found) return [];
    const { attribution: { data }, target } = found.explanation;
    const sum = (sign: 1 | -1) => data.reduce((total, value) => total + (value * sign > 0 ? value : 0), 0);
    return [translate(texts.evidenceFor, { label: target.label, for: shortNumber(sum(1)), against: shortNumber(sum(-1)) })];
  });
}

function causeLines({ causes }: DebugReport, translate: Translate): string[] {
  if (causes.length === 0) return [`  - ${translate(texts.noCauses)}`];
  return causes.flatMap(({ id, strength, evidence }, i) => [`  ${i + 1}. ${translate(causeTexts[id])} (${translate(strengthTexts[strength])})`, ...evidence.map((sentence) => `     - ${sentenceText(sentence, translate)}`)]);
}

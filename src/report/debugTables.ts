/** @file The tables of a misclassification report, as text for pages and Markdown alike. */
import { variantFamilies } from "../engine/debug/evidence.js";
import { debugReportTexts as texts } from "../protocol/debugReportTexts.js";
import { familyTexts, qualityTexts, variantText } from "../protocol/debugTexts.js";
import { measuredOn, type DebugReport, type LabelSource, type RankedPrediction, type VariantResult } from "../protocol/debug.js";
import type { Translate } from "../protocol/reportTexts.js";
import { percent, shortNumber } from "./markup.js";

/** A class of the list, with what it is to the report. */
export interface ClassRow {
  readonly prediction: RankedPrediction;
  readonly marks: readonly string[];
}

/** The likeliest classes, and below them the true and the expected one where they are not among them. */
export function classRows({ predictions, true: real, expected }: DebugReport, translate: Translate): ClassRow[] {
  const shown = predictions.map((prediction, i) => ({ ...prediction, rank: i + 1 }));
  const others = [real, ...(expected && expected.index !== real.index ? [expected] : [])].filter(({ index }) => !shown.some((one) => one.index === index)).toSorted((a, b) => a.rank - b.rank);
  return [...shown, ...others].map((prediction) => ({
    prediction, marks: [...(prediction.index === real.index ? [translate(texts.isTrue)] : []), ...(prediction.index === expected?.index ? [translate(texts.isExpected)] : [])],
  }));
}

/** One change as a row: its name, what is predicted then, the probability of the class predicted before, and that of the true one. */
export interface TriedRow {
  readonly cells: readonly [change: string, predicted: string, before: string, truly: string];
  readonly fixes: boolean;
}

/** A family with its rows. `telling` are those worth reading first: all masks, of the others those that fix the prediction, or the best. */
export interface TriedGroup {
  readonly name: string;
  readonly all: readonly TriedRow[];
  readonly telling: readonly TriedRow[];
}

const mostTelling = 2;

/** What was tried, by family. */
export function triedGroups(report: DebugReport, translate: Translate): TriedGroup[] {
  const rowOf = (variant: VariantResult): TriedRow => ({
    cells: [variantText(variant.id, translate), report.classNames[variant.predicted] ?? `class ${variant.predicted}`, percent(variant.predictedProbability), percent(variant.trueProbability)], fixes: variant.fixes,
  });
  return variantFamilies.flatMap((family) => {
    const all = report.variants.filter((variant) => variant.family === family);
    if (all.length === 0) return [];
    const best = all.toSorted((a, b) => b.trueProbability - a.trueProbability);
    const fixing = best.filter(({ fixes }) => fixes).slice(0, mostTelling);
    const telling = family === "mask" ? all : fixing.length > 0 ? fixing : best.slice(0, 1);
    return [{ name: translate(familyTexts[family]), all: all.map(rowOf), telling: all.filter((variant) => telling.includes(variant)).map(rowOf) }];
  });
}

/** The picture's flags in words, or that nothing stands out, and the numbers behind them. */
export function qualityLines({ quality }: DebugReport, translate: Translate): { readonly flags: readonly string[]; readonly numbers: string } {
  const { sharpness, brightness, contrast, width, height, cutOff } = quality;
  const numbers = [
    `${translate(texts.size)} ${width} × ${height}`, `${translate(texts.sharpness)} ${shortNumber(sharpness)}`, `${translate(texts.brightness)} ${percent(brightness)}`, `${translate(texts.contrast)} ${percent(contrast)}`,
    ...(cutOff > 0 ? [`${percent(cutOff)} ${translate(texts.cutOff)}`] : []),
  ];
  return { flags: quality.flags.length > 0 ? quality.flags.map((flag) => translate(qualityTexts[flag])) : [translate(texts.noFlags)], numbers: numbers.join(" · ") };
}

/** How sure the model is, in two lines. */
export function surenessLines({ margin, entropy, isMistake }: DebugReport, translate: Translate): string[] {
  return [
    ...(isMistake ? [`${translate(texts.margin)}: ${translate(texts.marginOf, { probability: percent(margin.probability), logit: shortNumber(margin.logit) })}`] : []),
    `${translate(texts.entropy)}: ${translate(texts.entropyOf, { nats: shortNumber(entropy.nats), share: percent(entropy.share) })}`,
  ];
}

/** The maps that regions and masks were measured on. */
export function measuredName(report: DebugReport, translate: Translate): string {
  return { relevance: translate(texts.attentionRelevance), "grad-cam": "Grad-CAM", "integrated-gradients": "Integrated Gradients" }[measuredOn(report)];
}

const sources: Readonly<Record<LabelSource, keyof typeof texts>> = { given: "fromGiven", folder: "fromFolder", "labels file": "fromLabelsFile", "file name": "fromFileName" };

/** Where the true label came from. */
export function labelSourceLine({ labelFrom }: DebugReport, translate: Translate): string {
  return translate(texts.labelFrom, { source: translate(texts[sources[labelFrom]]) });
}

/** @file A misclassification report as one JSON document: what was measured and said, without the maps' raw tensors. `media/debug.schema.json` describes it. */
import type { Note } from "../protocol/api.js";
import { noteTexts } from "../protocol/errorTexts.js";
import { sentenceText } from "../protocol/debugTexts.js";
import type { DebugMap, DebugReport, Neighbour, Sentence, VariantResult } from "../protocol/debug.js";
import type { Translate } from "../protocol/reportTexts.js";

/** A sentence with its words. */
export interface SaidSentence extends Sentence {
  readonly text: string;
}

/** The document. Everything but texts is the same in every language; nothing is `undefined`. */
export function debugDocument(report: DebugReport, version: string, translate: Translate): object {
  const { model, runtime, maps, attention, neighbours, variants, expected, verdict, findings, causes, textbook, notes, classNames, ...measured } = report;
  const said = (sentence: Sentence): SaidSentence => ({ ...sentence, text: sentenceText(sentence, translate) });
  const nameOf = (index: number) => classNames[index] ?? model.labels?.[index] ?? `class ${index}`;
  return {
    whylight: version, ...measured, model: { path: model.path, format: model.format }, runtime: { name: runtime.name, detail: runtime.detail }, expected: expected ?? null,
    maps: maps.map(mapEntry), attention: attention.map(({ kind, of, grid }) => ({ kind, of, rows: grid.shape[0], columns: grid.shape[1] })),
    variants: variants.map((variant: VariantResult) => ({ ...variant, predictedLabel: nameOf(variant.predicted) })),
    neighbours: neighbours ? { ...neighbours, found: neighbours.found.map((found: Neighbour) => ({ ...found, labelName: nameOf(found.label) })) } : null,
    verdict: said(verdict), findings: findings.map(said), causes: causes.map(({ id, strength, evidence }) => ({ id, strength, evidence: evidence.map(said) })), textbook: textbook.map(said),
    notes: notes.map(({ code, data }: Note) => ({ code, text: translate(noteTexts[code], data) })),
  };
}

/** The document as text. */
export function debugJson(report: DebugReport, version: string, translate: Translate): string {
  return `${JSON.stringify(debugDocument(report, version, translate), undefined, 2)}\n`;
}

function mapEntry({ id, of, ends, isSigned, explanation: { method, layer, target, versus, parameters, facts, completeness } }: DebugMap): object {
  return { id, of, method, layer: layer ?? null, target, versus: versus ?? null, parameters, facts, completeness, ends, isSigned };
}

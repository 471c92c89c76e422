/** @file What is told first of an audit: each kind of finding where its numbers call for it, and not where they do not; every sentence in two languages. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../../../src/engine/audit/findings.js";
import { createSummary } from "../../../../src/engine/audit/summarize.js";
import type { AuditFinding, AuditSummary, PreprocessingTrial, SharedRegion } from "../../../../src/engine/audit/summary.js";
import { auditSentenceText, auditSentenceTexts } from "../../../../src/protocol/auditTexts.js";
import { head, record } from "./records.js";

/** A hundred cats and a hundred dogs, 95 right of each, answered with 95 % confidence. */
const healthy: Omit<AuditSummary, "findings"> = (() => {
  const summary = createSummary(head);
  for (let i = 0; i < 200; i++) {
    const label = i % 2;
    const predicted = i < 10 ? 1 - label : label;
    summary.add(record(`${i}`, label, predicted === 0 ? [0.95, 0.05, 0] : [0.05, 0.95, 0]));
  }
  return { ...summary.finish({ finished: "", seconds: 1 }), labelSuspects: [] };
})();

const tell = (over: Partial<AuditSummary>) => findingsOf({ ...healthy, ...over });
const read = (findings: readonly AuditFinding[]) => findings.map(({ sentences }) => sentences.map((sentence) => auditSentenceText(sentence, (english) => english)).join(" "));
const only = (over: Partial<AuditSummary>) => {
  const findings = tell(over);
  expect(findings).toHaveLength(1);
  return { ...findings[0]!, text: read(findings)[0]! };
};

const region: SharedRegion = {
  id: "mistakes-into-1", group: { kind: "mistakesInto", predicted: 1 }, area: { x: 0, y: 0, width: 0.25, height: 0.25 }, place: "topLeft", inRegion: 41, images: 50, elsewhereShare: 0.02, pValue: 1e-9,
  meanMap: [], files: [], masked: { tried: 24, changed: 22, corrected: 20, changedElsewhere: 1, before: 0.9, after: 0.04 }, planted: { tried: 24, turned: 18 }, verdict: "confirmed",
};
const trial: PreprocessingTrial = { id: "channels-bgr", images: 100, right: 60, rightChanged: 95, likelihood: -1.2, likelihoodChanged: -0.15, pValue: 1e-12, isLikely: true };

describe("findings", () => {
  it("are none where nothing is wrong beyond chance", () => {
    expect(tell({})).toEqual([]);
  });

  it("tell a confirmed shortcut with what was counted and tested", () => {
    expect(only({ regions: [region] })).toMatchObject({
      id: "shortcut", about: "mistakes-into-1", severity: "high",
      text: "41 of 50 mistakes into 'dog' put over half of their mass in the top left; of images with another answer, 2.0 % do. Masking it changes 22 of 24 answers, masking as much elsewhere 1; the mean probability of 'dog' goes from 90.0 % to 4.0 %. Put onto 24 right images of other classes, its pixels turn 18 of them into 'dog'. So these answers depend on what is there: if it is not the object, it is a shortcut.",
    });
  });

  it("tell apart what was not tested, what was refuted, and what lies in the middle", () => {
    expect(only({ regions: [{ ...region, verdict: "suspected", masked: undefined, planted: undefined }] })).toMatchObject({ id: "shortcut", severity: "medium" });
    expect(only({ regions: [{ ...region, verdict: "refuted" }] })).toMatchObject({ id: "region", severity: "low" });
    expect(only({ regions: [{ ...region, verdict: "suspected", place: "centre" }] })).toMatchObject({ id: "region", severity: "low" });
    expect(only({ regions: [{ ...region, verdict: "confirmed", place: "centre" }] })).toMatchObject({ id: "shortcut", severity: "high" });
  });

  it("name the group of a region", () => {
    expect(only({ regions: [{ ...region, group: { kind: "pair", label: 0, predicted: 1 } }] }).text).toContain("41 of 50 images of 'cat' that are answered 'dog' put");
    expect(only({ regions: [{ ...region, group: { kind: "predictedAs", predicted: 1 } }] }).text).toContain("41 of 50 images that are answered 'dog' put");
    const classes = healthy.classes.map((row) => ({ ...row, predicted: row.index === 1 ? healthy.images : 0 }));
    expect(only({ regions: [region], classes }).text).toContain("there is no other answer to compare them with");
  });

  it("tell the preprocessing that is likelier, and what it is about", () => {
    expect(only({ preprocessing: [trial, { ...trial, id: "resize-stretch", isLikely: false }] })).toMatchObject({
      id: "preprocessing", about: "channels-bgr", severity: "high",
      text: "With another preprocessing (the channels in the order blue, green, red (BGR)) the labels are likelier: their mean log-probability is -0.15 instead of -1.20 (p < 0.001). Of 100 images tried, 60 are right as the model is described, and 95 with the change. So the colour channels may be in the wrong order: compare the description beside the model with how it was trained.",
    });
  });

  it("tell label errors, as far as the model can judge them", () => {
    const suspect = { file: "cat/7.jpg", label: 0, likely: 1, labelProbability: 0.01, likelyProbability: 0.98, neighbours: null };
    expect(only({ labelSuspects: [suspect] })).toMatchObject({ id: "labelErrors", severity: "medium", text: expect.stringContaining("First of all cat/7.jpg: labelled 'cat' (1.0 %), looks like 'dog' (98.0 %).") as string });
    // Wrong on 60 of 200, it is no judge; unless 40 of them have a known reason.
    const weak = { labelSuspects: [suspect], mistakes: 60 };
    expect(only(weak).severity).toBe("low");
    expect(tell({ ...weak, regions: [{ ...region, inRegion: 40 }] }).find(({ id }) => id === "labelErrors")!.severity).toBe("medium");
  });

  it("tell duplicates in different classes only", () => {
    const files = (labels: readonly number[]) => labels.map((label, i) => ({ file: `${label}/${i}`, label }));
    expect(tell({ duplicates: [{ isAcrossClasses: false, files: files([0, 0]) }] })).toEqual([]);
    expect(only({ duplicates: [{ isAcrossClasses: true, files: files([-1, 0, 0, 1]) }] }).text).toContain("First of all 0/1 and 1/3.");
  });

  it("tell a confidence that lies outside the accuracy's interval, and by five percent or more", () => {
    const bins = (confidence: number) => ({ bins: [{ from: 0, to: 1, images: 200, confidence, accuracy: 0.95 }], expectedError: Math.abs(confidence - 0.95), worstError: 0 });
    expect(tell({ calibration: bins(0.97) })).toEqual([]);
    expect(only({ calibration: bins(0.8) })).toMatchObject({ id: "calibration", severity: "medium", text: expect.stringContaining("less sure than it could be") as string });
    expect(only({ calibration: bins(0.8), accuracy: 0.7, accuracyRange: [0.63, 0.76] }).text).toContain("surer than it is right: its mean confidence is 80.0 %, its accuracy 70.0 %");
    // Of few images nothing is certain.
    expect(tell({ calibration: bins(0.8), accuracy: 0.7, accuracyRange: [0.4, 0.9] })).toEqual([]);
  });

  it("tell the most confused pair where it is a good part of its class", () => {
    expect(only({ pairs: [{ label: 0, predicted: 1, images: 12 }] })).toMatchObject({ id: "pair", severity: "low", text: "Most confused: 12 of 100 images of 'cat' are answered 'dog'." });
    expect(tell({ pairs: [{ label: 0, predicted: 1, images: 9 }] })).toEqual([]);
  });

  it("tell files that could not be read, and images without a label", () => {
    expect(only({ failed: [{ file: "a.jpg", code: "imageInvalid", reason: "" }], failedCount: 3 }).text).toBe("Files that could not be read and were left out: 3; the first is a.jpg.");
    expect(only({ images: 210, unknownLabels: [{ label: "giraffe", images: 10 }] })).toMatchObject({ id: "unlabelled", severity: "low", text: expect.stringContaining("Labels that are no class of the model: giraffe.") as string });
  });

  it("tell a flag that mistakes bear more often than chance would have it", () => {
    // Ten mistakes of 200. Eight of twelve dark ones are mistakes, and two of the other 188; or one of twelve, which is nothing.
    expect(only({ quality: [{ flag: "dark", images: 12, mistakes: 8 }] })).toMatchObject({ id: "quality", about: "dark", text: "Mistakes are more frequent among the 12 images flagged 'dark': 66.7 %, and 1.1 % of the others." });
    expect(tell({ quality: [{ flag: "dark", images: 12, mistakes: 1 }] })).toEqual([]);
    expect(tell({ quality: [{ flag: "dark", images: 4, mistakes: 4 }] })).toEqual([]);
  });

  it("come most severe first", () => {
    const suspect = { file: "cat/7.jpg", label: 0, likely: 1, labelProbability: 0.01, likelyProbability: 0.98, neighbours: null };
    const findings = tell({ failedCount: 1, failed: [{ file: "a", code: "", reason: "" }], labelSuspects: [suspect], regions: [{ ...region, verdict: "refuted" }, { ...region, id: "other" }], preprocessing: [trial] });
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([["preprocessing", "high"], ["shortcut", "high"], ["labelErrors", "medium"], ["region", "low"], ["failed", "low"]]);
  });

  it("say all they can say in English and Japanese, with every fact in its place", () => {
    const japanese = JSON.parse(readFileSync(new URL("../../../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Readonly<Record<string, string>>;
    const suspect = { file: "cat/7.jpg", label: 0, likely: 1, labelProbability: 0.01, likelyProbability: 0.98, neighbours: null };
    const bins = { bins: [{ from: 0, to: 1, images: 200, confidence: 0.8, accuracy: 0.95 }], expectedError: 0.15, worstError: 0 };
    const verdicts = (["confirmed", "suspected", "refuted"] as const).map((verdict) => ({ ...region, verdict }));
    const groups = [{ kind: "pair", label: 0, predicted: 1 }, { kind: "predictedAs", predicted: 1 }] as const;
    const findings = [
      ...tell({ preprocessing: [trial], regions: [...verdicts, ...groups.map((group) => ({ ...region, group })), { ...region, place: "centre", verdict: "suspected" }], labelSuspects: [suspect], calibration: bins, pairs: [{ label: 0, predicted: 1, images: 12 }] }),
      ...tell({ duplicates: [{ isAcrossClasses: true, files: [{ file: "a", label: 0 }, { file: "b", label: 1 }] }], failed: [{ file: "a", code: "", reason: "" }], failedCount: 1, images: 210, unknownLabels: [{ label: "giraffe", images: 1 }] }),
      ...tell({ quality: [{ flag: "dark", images: 12, mistakes: 8 }], calibration: { ...bins, bins: [{ ...bins.bins[0]!, confidence: 0.99 }] }, accuracy: 0.5, accuracyRange: [0.4, 0.6] }),
      ...tell({ labelled: 0, unknownLabels: [{ label: "giraffe", images: 1 }] }),
      ...tell({ regions: [region], classes: healthy.classes.map((row) => ({ ...row, predicted: healthy.images })) }),
    ];
    expect(new Set(findings.flatMap(({ sentences }) => sentences.map(({ code }) => code)))).toEqual(new Set(Object.keys(auditSentenceTexts)));
    for (const sentence of findings.flatMap(({ sentences }) => sentences)) {
      expect(auditSentenceText(sentence, (english) => english)).not.toMatch(/[{}@]/);
      expect(auditSentenceText(sentence, (english) => japanese[english]!)).not.toMatch(/[{}@]|undefined/);
    }
  });
});

/** @file The audit's page in numbers and words: the matrix, filters, findings, tables, progress, comparison. */
import { describe, expect, it } from "vitest";
import type { AuditSummary } from "../../../src/protocol/audit.js";
import { chosenMap } from "../../../webview/audit/chosenMap.js";
import { confusionOf, linesInSight, placeAfterKey } from "../../../webview/audit/confusion.js";
import { filterOfFinding } from "../../../webview/audit/findingFilters.js";
import { findingTitle } from "../../../webview/audit/findingTitles.js";
import { chanceText, figures } from "../../../webview/audit/headline.js";
import { countText } from "../../../webview/audit/matrix.js";
import { runningText, timeText } from "../../../webview/audit/running.js";
import { sortedRows } from "../../../webview/audit/sortableTable.js";
import { imageText } from "../../../webview/audit/tile.js";
import { firstImages, imageFilter, pressed } from "../../../webview/audit/view.js";
import { auditComparison, auditImages, auditLabels, auditSummary } from "../../e2e/webviewHarness/syntheticAudit.js";

const row = (index: number, label: string, images: number, predicted: number, right: number) => ({ index, label, images, predicted, right, precision: null, recall: null, f1: null, confidence: null });
/** Three classes by hand, and one that nothing is about: 7 right, 2 cats as dogs, 1 dog as cow. */
const small: Pick<AuditSummary, "classes" | "confusion"> = {
  classes: [row(0, "cat", 5, 3, 3), row(1, "dog", 4, 5, 3), row(2, "ant", 0, 0, 0), row(3, "cow", 1, 2, 1)],
  confusion: [{ label: 0, predicted: 0, images: 3 }, { label: 0, predicted: 1, images: 2 }, { label: 1, predicted: 1, images: 3 }, { label: 1, predicted: 3, images: 1 }, { label: 3, predicted: 3, images: 1 }],
};

describe("the matrix", () => {
  it("shows the classes that have images or predictions, with their cells", () => {
    const { classes, cells, allClasses, allMistakes, mistakes } = confusionOf(small, true);
    expect(classes.map(({ label, images, mistakes: of }) => [label, images, of])).toEqual([["cat", 5, 2], ["dog", 4, 3], ["cow", 1, 1]]);
    expect([...cells].map(([at, { images }]) => [at, images])).toEqual([[0, 3], [1, 2], [4, 3], [5, 1], [8, 1]]);
    expect([allClasses, allMistakes, mistakes]).toEqual([3, 3, 3]);
  });

  it("counts mistakes of classes that are not shown", () => {
    const summary = auditSummary("large", auditImages("large"));
    const [short, whole] = [confusionOf(summary, true), confusionOf(summary, false)];
    expect([short.classes.length, whole.classes.length, short.allClasses]).toEqual([18, 1000, 1000]);
    expect(whole.mistakes).toBe(summary.mistakes);
    expect(short.mistakes).toBeLessThan(short.allMistakes);
    expect(short.allMistakes).toBe(summary.mistakes);
    // The largest confusion of all is among those shown.
    const shown = new Set(short.classes.map(({ index }) => index));
    expect(shown.has(summary.pairs[0]!.label) && shown.has(summary.pairs[0]!.predicted)).toBe(true);
  });

  it("leaves images without a label out", () => {
    expect(confusionOf({ ...small, confusion: [...small.confusion, { label: -1, predicted: 0, images: 9 }] }, true)).toMatchObject({ allMistakes: 3, mistakes: 3 });
  });

  it("is walked over with keys, names included, the corner not", () => {
    const from = (row: number, column: number, key: string) => placeAfterKey({ row, column }, key, 10, 4);
    expect(from(0, 0, "ArrowRight")).toEqual({ row: 0, column: 1 });
    expect(from(0, 0, "ArrowUp")).toEqual({ row: -1, column: 0 });
    expect(from(-1, 0, "ArrowLeft")).toEqual({ row: -1, column: 0 });
    expect(from(0, -1, "ArrowUp")).toEqual({ row: 0, column: -1 });
    expect(from(9, 9, "ArrowDown")).toEqual({ row: 9, column: 9 });
    expect(from(3, 5, "End")).toEqual({ row: 3, column: 9 });
    expect(from(3, 5, "PageDown")).toEqual({ row: 7, column: 5 });
    expect(from(3, 5, "x")).toBeUndefined();
    expect(placeAfterKey({ row: 0, column: 0 }, "ArrowDown", 0, 4)).toBeUndefined();
  });

  it("makes only lines in sight", () => {
    expect(linesInSight(1000, 22, 0, 440)).toEqual({ first: 0, end: 22 });
    expect(linesInSight(1000, 22, 11_000, 440)).toEqual({ first: 498, end: 522 });
    expect(linesInSight(10, 40, 0, 440)).toEqual({ first: 0, end: 10 });
  });

  it("writes numbers that fit their cells", () => {
    expect([countText(999, 22), countText(1240, 22), countText(1240, 40), countText(23_456, 22)]).toEqual(["999", "1.2k", "1240", "23k"]);
  });
});

describe("the mean map of what is shown", () => {
  const summary = auditSummary("shortcut", auditImages("shortcut"));
  const [pair] = summary.pairs;
  const { label, predicted } = pair!;

  it("is a cell's, a class's right answers', or of the mistakes into a class", () => {
    expect(chosenMap({ label, predicted }, summary)?.group).toEqual({ kind: "pair", label, predicted });
    expect(chosenMap({ label, predicted, outcome: "wrong" }, summary)?.group).toEqual({ kind: "pair", label, predicted });
    expect(chosenMap({ label: 0, predicted: 0 }, summary)?.group).toEqual({ kind: "right", predicted: 0 });
    expect(chosenMap({ label: 4, outcome: "right" }, summary)?.group).toEqual({ kind: "right", predicted: 4 });
    expect(chosenMap({ predicted: 0, outcome: "wrong" }, summary)?.group).toEqual({ kind: "mistakesInto", predicted: 0 });
  });

  it("is none where other images are shown, and of groups that have no map", () => {
    for (const images of [{}, { outcome: "wrong" }, { label }, { predicted }, { label, outcome: "wrong" }, { label, predicted, outcome: "right" }, { label: 0, predicted: 0, outcome: "wrong" }, { label, predicted, text: "0" }, { label, predicted, finding: "pair/" }] as const) {
      expect(chosenMap(images, summary)).toBeUndefined();
    }
    expect(chosenMap({ label, predicted }, { maps: [] })).toBeUndefined();
    expect(chosenMap({ label, predicted, text: "  " }, summary)).toBeDefined();
  });
});

describe("which images", () => {
  const images = auditImages("shortcut");
  const summary = auditSummary("shortcut", images);

  it("begin with the mistakes, or the least sure where nothing is labelled", () => {
    expect(firstImages(summary)).toEqual({ images: { outcome: "wrong" }, order: "confidence" });
    expect(firstImages(auditSummary("unlabelled", auditImages("unlabelled")))).toEqual({ images: {}, order: "entropy" });
  });

  it("are those of a cell, of a row or column with the outcome, and the mistakes after a second press", () => {
    expect(imageFilter(pressed({ outcome: "wrong" }, { label: 2, predicted: 2 }), summary)).toEqual({ label: 2, predicted: 2 });
    expect(imageFilter(pressed({ outcome: "wrong" }, { predicted: 0 }), summary)).toEqual({ outcome: "wrong", predicted: 0 });
    expect(imageFilter(pressed({ outcome: "unlabelled" }, { label: 3 }), summary)).toEqual({ label: 3 });
    const cell = pressed({ outcome: "wrong", text: "00" }, { label: 1, predicted: 0 });
    expect(imageFilter(cell, summary)).toEqual({ label: 1, predicted: 0, text: "00" });
    expect(imageFilter(pressed(cell, { label: 1, predicted: 0 }), summary)).toEqual({ outcome: "wrong", text: "00" });
  });

  it("leave a finding when the matrix is pressed, and blanks out of a name", () => {
    expect(imageFilter(pressed({ finding: "duplicates/" }, { label: 1 }), summary)).toEqual({ label: 1 });
    expect(imageFilter({ text: "  " }, summary)).toEqual({});
  });

  it("of findings are their own", () => {
    expect(filterOfFinding("shortcut/mistakes-into-0", summary)).toEqual({ files: summary.regions[0]!.files });
    expect(filterOfFinding("labelErrors/", summary)).toEqual({ files: summary.labelSuspects.map(({ file }) => file) });
    expect(filterOfFinding("duplicates/", summary)).toEqual({ files: summary.duplicates.flatMap(({ files }) => files.map(({ file }) => file)) });
    expect(filterOfFinding("quality/blurred", summary)).toEqual({ flag: "blurred" });
    expect(filterOfFinding("pair/", summary)).toEqual({ label: summary.pairs[0]!.label, predicted: summary.pairs[0]!.predicted });
    expect(filterOfFinding("failed/", summary)).toBeUndefined();
    // One that is not there any more filters nothing.
    expect(imageFilter({ finding: "shortcut/gone" }, summary)).toEqual({});
  });

  it("of duplicates across classes leave out those within one", () => {
    const files = (...names: string[]) => names.map((file) => ({ file, label: 0 }));
    const duplicates = [{ files: files("a", "b"), isAcrossClasses: false }, { files: files("c", "d"), isAcrossClasses: true }];
    expect(filterOfFinding("duplicates/", { ...summary, duplicates })).toEqual({ files: ["c", "d"] });
  });
});

describe("words", () => {
  const summary = auditSummary("shortcut", auditImages("shortcut"));

  it("name findings", () => {
    expect(findingTitle({ id: "shortcut", about: "mistakes-into-0" }, summary)).toBe("Mistakes into stop sign: the top left");
    expect(findingTitle({ id: "quality", about: "blurred" }, summary)).toBe("Image quality: blurred");
    expect(findingTitle({ id: "pair", about: "" }, { ...summary, pairs: [{ label: 1, predicted: 2, images: 4 }] })).toBe("yield taken for no entry");
    expect(findingTitle({ id: "region", about: "gone" }, summary)).toBe("Shared region");
  });

  it("say what is counted, and nothing that cannot be known", () => {
    const names = (state: Parameters<typeof figures>[0]) => figures(state).map(({ name }) => name);
    expect(names({ busy: undefined, summary, comparison: undefined })).toEqual(["Accuracy", "Among the first five", "Calibration error", "Mistakes", "Images", "Not read"]);
    expect(names({ busy: undefined, summary: auditSummary("unlabelled", auditImages("unlabelled")), comparison: undefined })).toEqual(["Images", "Not read"]);
    expect(figures({ busy: { images: 1240, total: 20_000, mistakes: 103, failed: 0, perSecond: 142, text: "Auditing" }, summary: undefined, comparison: undefined }).map(({ value }) => value)).toEqual(["1,240", "103"]);
    expect(names({ busy: undefined, summary: undefined, comparison: undefined })).toEqual([]);
  });

  it("say how far an audit is", () => {
    const busy = { images: 1240, total: 20_000, mistakes: 0, failed: 0, perSecond: 142.4, text: "Auditing" };
    // 18,760 images at 142.4 a second: 131.7 seconds.
    expect(runningText(busy)).toBe("Auditing · 1,240 of 20,000 · 142 images/s · 2 min 10 s left");
    expect(runningText({ ...busy, images: 0, total: 0, perSecond: 0 })).toBe("Auditing");
    // At its end the model is asked about what was found.
    expect(runningText({ ...busy, images: 20_000, text: "Looking", perSecond: 4, tests: { done: 80, total: 480 } })).toBe("Looking · 80 of 480 · 1 min 40 s left");
    expect(runningText({ ...busy, images: 20_000, perSecond: 3.26 })).toBe("Auditing · 20,000 of 20,000 · 3.3 images/s");
    expect([0.2, 45, 125, 139, 600, 3599, 3900, 90_000].map(timeText)).toEqual(["1 s", "45 s", "2 min", "2 min 10 s", "10 min", "1 h 0 min", "1 h 5 min", "25 h 0 min"]);
  });

  it("say of a p-value what it means", () => {
    expect(chanceText({ fixed: 60, broken: 27, pValue: 0.0005 })).toContain("hardly chance (McNemar's test, p < 0.001)");
    expect(chanceText({ fixed: 9, broken: 2, pValue: 0.0327 })).toContain("probably not chance (McNemar's test, p = 0.033)");
    expect(chanceText({ fixed: 3, broken: 4, pValue: 1 })).toContain("could be chance");
    expect(chanceText({ fixed: 0, broken: 0, pValue: 1 })).toBe("No answer became right or wrong.");
    const comparison = auditComparison(auditImages("shortcut"), auditLabels("shortcut"));
    expect(figures({ busy: undefined, summary, comparison })[0]).toMatchObject({ name: "Accuracy", value: expect.stringMatching(/^\d\d\.\d % → \d\d\.\d %$/) });
  });

  it("stand in the order of a column, what is unknown last", () => {
    const rows = [{ v: 2 }, { v: null }, { v: 10 }, { v: 1 }];
    expect(sortedRows(rows, ({ v }) => v, false).map(({ v }) => v)).toEqual([1, 2, 10, null]);
    expect(sortedRows(rows, ({ v }) => v, true).map(({ v }) => v)).toEqual([10, 2, 1, null]);
    expect(sortedRows(["b", "a", "C"], (name) => name, false)).toEqual(["a", "b", "C"]);
  });
});

describe("a tile", () => {
  const name = (index: number) => ["cat", "dog"][index] ?? "";
  const image = { file: "a/1.jpg", label: 0, predicted: 1, confidence: 0.931, trueProbability: 0.04, rank: 2, flags: ["blurred"] };

  it("says the answer, and the label with its probability where they differ", () => {
    expect(imageText(image, name)).toEqual({ file: "a/1.jpg", answers: [{ text: "dog", number: "93.1 %" }], below: "cat", belowNumber: "4.0 %", mark: "wrong", tip: "a/1.jpg · blurred", label: "a/1.jpg: predicted dog 93.1 %, labelled cat 4.0 %" });
    expect(imageText({ ...image, label: 1, flags: [] }, name)).toMatchObject({ below: "dog", belowNumber: "", mark: "right", tip: "a/1.jpg", label: "a/1.jpg: predicted dog 93.1 %, as labelled" });
    expect(imageText({ ...image, label: -1 }, name)).toMatchObject({ below: "no label", mark: "none", label: "a/1.jpg: predicted dog 93.1 %, no label" });
  });
});

/** @file The logic behind the page of a misclassification report: ranks, places, scales, and what is shown of what was tried. */
import { describe, expect, it } from "vitest";
import type { VariantResult } from "../../../src/engine/debug/evidence.js";
import type { DebugReport, RankedPrediction, Sentence } from "../../../src/protocol/debug.js";
import { areasOf } from "../../../webview/debug/areas.js";
import { squareAround } from "../../../webview/debug/cutOut.js";
import { otherFindings } from "../../../src/protocol/debug.js";
import { areaRegion, createReportRows, shapeOf, type ReportRow } from "../../../webview/debug/maps.js";
import { reportTitle, rowFacts, rowName, tileName } from "../../../webview/debug/names.js";
import { rankedRows } from "../../../webview/debug/ranking.js";
import { variantGroups } from "../../../webview/debug/variantGroups.js";
import { initialDebugView } from "../../../webview/debug/view.js";
import { debugReport } from "../../e2e/webviewHarness/syntheticDebug.js";
import { imageSize } from "../../e2e/webviewHarness/syntheticState.js";

const ranked = (index: number, rank: number): RankedPrediction => ({ index, label: `class ${index}`, logit: 0, probability: 1 / rank, rank });

describe("the list of classes", () => {
  const five = [10, 11, 12, 13, 14].map((index, i) => ranked(index, i + 1));
  const marks = (of: Parameters<typeof rankedRows>[0]) => rankedRows(of).map(({ prediction, marks: of_, isApart }) => [prediction.rank, of_.join(" "), isApart]);

  it("marks the true class among the likeliest", () => {
    expect(marks({ predictions: five, true: ranked(11, 2), expected: undefined })).toEqual([[1, "", false], [2, "true", false], [3, "", false], [4, "", false], [5, "", false]]);
  });

  it("puts classes that are not among them below, by rank, and says where others are left out", () => {
    expect(marks({ predictions: five, true: ranked(99, 40), expected: ranked(50, 6) }).slice(4)).toEqual([[5, "", false], [6, "expected", false], [40, "true", true]]);
  });

  it("shows one line for a class that is both", () => {
    expect(marks({ predictions: five, true: ranked(99, 40), expected: ranked(99, 40) }).slice(5)).toEqual([[40, "true expected", true]]);
  });

  it("has as many lines as a model of three classes has classes", () => {
    expect(rankedRows({ predictions: five.slice(0, 3), true: ranked(12, 3), expected: undefined })).toHaveLength(3);
  });
});

describe("what a sentence is about", () => {
  const focus = (change: object) => ({ region: { x: 0.5, y: 0.25, width: 0.25, height: 0.5 }, cornerPlace: "bottomRight", ...change }) as DebugReport["focus"]["predicted"];
  const of = { focus: { predicted: focus({}), true: focus({ region: { x: 0, y: 0, width: 0.1, height: 0.1 } }) }, inputSize: [200, 400] as const };
  const say = (code: string): Sentence => ({ code, data: {} });

  it("is the hot region of the class it names, or of both", () => {
    expect(areasOf(say("maskChanges"), of)).toEqual([of.focus.predicted.region]);
    expect(areasOf(say("highlightsTrue"), of)).toEqual([of.focus.true.region]);
    expect(areasOf(say("overlapLow"), of)).toEqual([of.focus.predicted.region, of.focus.true.region]);
  });

  it("is a quarter of each side for a corner, and all but a tenth of the shorter side for the border", () => {
    expect(areasOf(say("cornerMass"), of)).toEqual([{ x: 0.75, y: 0.75, width: 0.25, height: 0.25 }]);
    // A tenth of 200 is 20: 5 % of the width of 400, 10 % of the height.
    const [all, inner] = areasOf(say("borderMass"), of);
    expect(all).toEqual({ x: 0, y: 0, width: 1, height: 1 });
    expect(Object.values(inner!).map((share) => Number(share.toFixed(6)))).toEqual([0.05, 0.1, 0.9, 0.8]);
  });

  it("is no place for sentences about none, unknown ones, and maps that are blank", () => {
    for (const code of ["rankClose", "qualityDark", "no such sentence"]) expect(areasOf(say(code), of)).toEqual([]);
    expect(areasOf(say("keepsAnswer"), { ...of, focus: { ...of.focus, predicted: focus({ region: { x: 0, y: 0, width: 0, height: 0 } }) } })).toEqual([]);
  });

  it("lies on the part of the image that the model saw", () => {
    expect(areaRegion({ x: 0.5, y: 0.25, width: 0.25, height: 0.5 }, { x: 100, y: 20, width: 400, height: 200 })).toEqual({ x: 300, y: 70, width: 100, height: 100 });
  });

  it("is cut out as a square that stays in the picture", () => {
    const picture = { width: 640, height: 480 };
    expect(squareAround({ x: 100, y: 100, width: 80, height: 40 }, picture)).toEqual({ x: 100, y: 80, width: 80, height: 80 });
    expect(squareAround({ x: 600, y: 470, width: 40, height: 10 }, picture)).toEqual({ x: 600, y: 440, width: 40, height: 40 });
    expect(squareAround({ x: 0, y: 0, width: 640, height: 480 }, picture)).toEqual({ x: 80, y: 0, width: 480, height: 480 });
  });
});

describe("findings", () => {
  it("that speak for a cause are said there and not again", () => {
    const [a, b, c] = [{ code: "a", data: { share: "1 %" } }, { code: "a", data: { share: "2 %" } }, { code: "c", data: {} }];
    const causes = [{ id: "background", strength: "strong", evidence: [{ code: "a", data: { share: "2 %" } }] }] as const;
    expect(otherFindings({ findings: [a, b, c], causes })).toEqual([a, c]);
  });
});

describe("what was tried", () => {
  const tried = (id: string, family: VariantResult["family"], trueProbability: number, fixes = false): VariantResult => ({ id, family, predicted: 0, confidence: 0.5, predictedProbability: 0.5, trueProbability, fixes });
  const telling = (variants: readonly VariantResult[]) => variantGroups(variants).map(({ family, telling: few, all }) => [family, few.map(({ id }) => id), all.length]);

  it("stands in the order of the families, masking whole", () => {
    expect(telling([tried("flip", "flip", 0.1), tried("mask-hot", "mask", 0.1), tried("mask-elsewhere", "mask", 0.9, true)])).toEqual([["mask", ["mask-hot", "mask-elsewhere"], 2], ["flip", ["flip"], 1]]);
  });

  it("is told by the best fixes, in the order in which they were tried, or by what helps most", () => {
    expect(telling([tried("a", "crop", 0.6, true), tried("b", "crop", 0.5, true), tried("c", "crop", 0.9, true), tried("d", "crop", 0.95)])).toEqual([["crop", ["a", "c"], 4]]);
    expect(telling([tried("a", "rotation", 0.1), tried("b", "rotation", 0.3), tried("c", "rotation", 0.2)])).toEqual([["rotation", ["b"], 3]]);
  });
});

describe("rows of maps", () => {
  const rows = (report: DebugReport | undefined) => createReportRows()(report, imageSize, { smooth: true });
  const shown = (of: readonly ReportRow[]) => of.map(({ id, groups }) => [id, ...groups.map(({ tiles }) => tiles.map(({ of: subject }) => subject).join(" "))]);

  it("have their places before there is a report", () => {
    expect(shown(rows(undefined))).toEqual([["grad-cam", "predicted true", "contrast"], ["integrated-gradients", "predicted true", "contrast"]]);
    expect(rows(undefined).map(shapeOf)).toEqual(rows(debugReport("shortcut")).map(shapeOf));
  });

  it("share a scale where their ends are the same", () => {
    const [cam] = rows(debugReport("shortcut"));
    expect(cam?.groups.map(({ tiles }) => tiles.map(({ heat }) => heat?.ends))).toEqual([[[0, 3], [0, 3]], [[-3, 3]]]);
    expect(cam?.groups.map(({ tiles }) => tiles[0]?.heat?.signed)).toEqual([false, true]);
  });

  it("have the contrast of attributions to a logit as their difference", () => {
    const report = debugReport("gridless");
    const [row] = rows(report);
    expect(shown([row!])).toEqual([["integrated-gradients", "predicted true", "contrast"]]);
    const contrast = row!.groups[1]!.tiles[0]!;
    const [predicted, label] = report.maps.map(({ explanation }) => explanation.attribution.data);
    // A pixel of the predicted class's hill and one of the true class's: the three channels' differences, added with their signs.
    for (const [y, x] of [[140, 80], [110, 140]] as const) {
      const at = y * 224 + x;
      const sum = [0, 1, 2].reduce((total, c) => total + predicted![c * 50176 + at]! - label![c * 50176 + at]!, 0);
      expect(contrast.heat?.grid.data[at]).toBeCloseTo(sum, 7);
    }
    expect(contrast.heat?.ends[0]).toBe(-contrast.heat!.ends[1]);
    expect(contrast.isExplanation).toBe(false);
  });

  it("draw attention from zero to its largest weight, one scale for each kind", () => {
    const attention = createReportRows()(debugReport("transformer"), imageSize, { smooth: false }).at(-1)!;
    expect(shown([attention])).toEqual([["attention", "predicted true", "any"]]);
    const [relevance, rollout] = attention.groups.map(({ tiles }) => tiles.map(({ heat }) => heat!));
    const most = Math.max(...relevance!.flatMap(({ grid }) => [...grid.data]));
    expect(relevance!.map(({ ends }) => ends)).toEqual([[0, most], [0, most]]);
    expect(relevance![0]!.cells).toEqual([14, 14]);
    expect(rollout![0]!.ends[1]).toBeLessThan(most);
  });

  it("are one class's where the model is right", () => {
    expect(shown(rows(debugReport("right")))).toEqual([["grad-cam", "predicted", "contrast"], ["integrated-gradients", "predicted"]]);
  });

  it("are not made again while nothing changed", () => {
    const make = createReportRows();
    const report = debugReport("shortcut");
    expect(make(report, imageSize, { smooth: true })).toBe(make(report, imageSize, { smooth: true }));
    expect(make(report, imageSize, { smooth: true })).not.toBe(make(report, imageSize, { smooth: false }));
  });

  it("are called by method and class", () => {
    const report = debugReport("right");
    const [cam, integrated] = rows(report);
    expect(reportTitle({ imageName: "03.jpg", modelName: "scenes.onnx" })).toBe("03.jpg · scenes · Misclassification report");
    expect(rowName(cam!)).toBe("Grad-CAM at features.18.2/Clip");
    expect(rowFacts(integrated!)).toBe("64 steps · gap 0.4 % · 912 ms");
    expect(cam!.groups.flatMap(({ tiles }) => tiles).map((tile) => tileName(tile, report))).toEqual(["Predicted: mushroom", "mushroom rather than flower"]);
    expect(tileName({ id: "relevance/true", of: "true" }, debugReport("transformer"))).toBe("Relevance · True: house");
    expect(tileName({ id: "rollout/any", of: "any" }, undefined)).toBe("Rollout · the same for every class");
  });
});

describe("the view", () => {
  it("takes the settings, then what was stored, and nothing that is no choice", () => {
    const view = { opacity: 0.3, colormap: "inferno" };
    expect(initialDebugView({ view }, undefined)).toEqual({ opacity: 0.3, colormap: "inferno", smooth: true });
    expect(initialDebugView({ view }, { opacity: 0.8, smooth: false })).toEqual({ opacity: 0.8, colormap: "inferno", smooth: false });
    expect(initialDebugView({ view: { opacity: 7, colormap: "none" } }, null)).toEqual({ opacity: 0.5, colormap: "viridis", smooth: true });
  });
});

/** @file An audit's summary made up for tests: a model with a shortcut, and one of everything an audit can find. */
import type { AuditSummary, MeanMap } from "../../../src/engine/audit/summary.js";

const labels = ["balloon", "butterfly", "car", "fish", "flower", "house", "mug", "mushroom", "sailboat", "umbrella"];
const mug = 6;

/** Mass in the lower right quarter of a grid of `side`. */
function cornerMap(side: number): number[] {
  const raw = Array.from({ length: side * side }, (_, i) => (i % side >= side * 0.7 && Math.floor(i / side) >= side * 0.7 ? 10 : 1));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
}

/** Mass in the middle. */
function centreMap(side: number): number[] {
  const raw = Array.from({ length: side * side }, (_, i) => (Math.abs((i % side) - side / 2 + 0.5) < 2 && Math.abs(Math.floor(i / side) - side / 2 + 0.5) < 2 ? 4 : 1));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
}

function averaged(group: MeanMap["group"], images: number, mean: readonly number[], place: MeanMap["place"], inPlace: number, clusters: MeanMap["clusters"] = []): MeanMap {
  return { group, images, mean, place, inPlace, clustered: images, clusters };
}

/** 1000 labelled images, 100 of each class; 20 of each class but mugs are taken for mugs. */
export function madeSummary(changes: Partial<AuditSummary> = {}): AuditSummary {
  const others = labels.map((_, index) => index).filter((index) => index !== mug);
  const worst = others.flatMap((label) => Array.from({ length: 4 }, (_, i) => ({ file: `${labels[label]}/${i}.jpg`, label, predicted: mug, confidence: 0.99 - 0.01 * i })));
  return {
    version: 1, model: { path: "/models/scenes.onnx", sha256: "ab".repeat(32) }, folder: "/pictures/shop <b>", labelsFrom: "folder names", labels, layer: "/layer4/Relu_output_0", started: "2026-11-28T21:00:00.000Z", finished: "2026-11-28T21:00:12.500Z", seconds: 12.5,
    runtime: "ONNX Runtime 1.30.0, CPU", images: 1003, labelled: 1000, failed: [{ file: "car/broken.jpg", code: "imageInvalid", reason: "the file is empty" }], failedCount: 1, unknownLabels: [{ label: "teapot", images: 3 }],
    mistakes: 180, accuracy: 0.82, accuracyRange: [0.795, 0.8426], topFive: 0.991,
    classes: labels.map((label, index) => ({
      index, label, images: 100, predicted: index === mug ? 280 : 80, right: index === mug ? 100 : 80, precision: index === mug ? 100 / 280 : 1, recall: index === mug ? 1 : 0.8, f1: index === mug ? 0.526 : 0.889, confidence: 0.93,
    })),
    confusion: [...labels.map((_, index) => ({ label: index, predicted: index, images: index === mug ? 100 : 80 })), ...others.map((label) => ({ label, predicted: mug, images: 20 }))],
    calibration: {
      bins: Array.from({ length: 10 }, (_, i) => ({ from: i / 10, to: (i + 1) / 10, images: i < 4 ? 0 : 20 * (i - 3) ** 2, confidence: i < 4 ? null : i / 10 + 0.06, accuracy: i < 4 ? null : i / 10 - 0.05 })), expectedError: 0.11, worstError: 0.13,
    },
    pairs: others.map((label) => ({ label, predicted: mug, images: 20 })), worst,
    labelSuspects: [
      { file: "fish/31.jpg", label: 3, likely: 8, labelProbability: 0.001, likelyProbability: 0.97, neighbours: { agree: 7, of: 8 } }, { file: "car/7.jpg", label: 2, likely: 5, labelProbability: 0.02, likelyProbability: 0.9, neighbours: null },
    ],
    duplicates: [
      { files: [{ file: "fish/1.jpg", label: 3 }, { file: "flower/9.jpg", label: 4 }], isAcrossClasses: true }, { files: [{ file: "car/1.jpg", label: 2 }, { file: "car/2.jpg", label: 2 }], isAcrossClasses: false },
    ],
    quality: [{ flag: "dark", images: 12, mistakes: 4 }, { flag: "blurred", images: 0, mistakes: 0 }],
    regions: [{
      id: "mistakes-into-6", group: { kind: "mistakesInto", predicted: mug }, area: { x: 0.625, y: 0.625, width: 0.375, height: 0.375 }, place: "bottomRight", inRegion: 171, images: 180, elsewhereShare: 0.02, pValue: 3.1e-140, meanMap: cornerMap(8),
      files: worst.map(({ file }) => file).slice(0, 24), masked: { tried: 40, changed: 38, corrected: 37, changedElsewhere: 1, before: 0.91, after: 0.06 }, planted: { tried: 20, turned: 15 }, verdict: "confirmed",
    }],
    maps: [
      averaged({ kind: "right", predicted: mug }, 100, centreMap(8), "centre", 0.4), averaged({ kind: "mistakesInto", predicted: mug }, 180, cornerMap(8), "bottomRight", 0.62),
      ...others.slice(0, 2).map((label) => averaged({ kind: "pair", label, predicted: mug }, 20, cornerMap(8), "bottomRight", 0.62, [{ images: 13, mean: cornerMap(8), place: "bottomRight", inPlace: 0.62 }, { images: 7, mean: centreMap(8), place: "centre", inPlace: 0.4 }])),
    ],
    preprocessing: [{ id: "channels-bgr", images: 64, right: 52, rightChanged: 41, likelihood: -0.61, likelihoodChanged: -1.02, pValue: 1, isLikely: false }],
    findings: [], ...changes,
  };
}

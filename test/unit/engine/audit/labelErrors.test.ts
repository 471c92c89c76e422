/** @file Suspected label errors by hand, and against the paper's definition written down plainly. */
import { describe, expect, it } from "vitest";
import type { ImageFacts } from "../../../../src/engine/audit/factTable.js";
import { confidenceThresholds, labelSuspects } from "../../../../src/engine/audit/labelErrors.js";
import { randomFrom } from "./random.js";

function facts(label: number, shares: readonly number[], image = 0): ImageFacts {
  const top = shares.map((share, index) => [index, share] as const).toSorted((a, b) => b[1] - a[1]).slice(0, 5);
  return { image, file: "", label, predicted: top[0]![0], confidence: top[0]![1], trueProbability: label < 0 ? 0 : shares[label]!, top, hash: [0, 0] };
}

describe("label errors", () => {
  it("finds the one fish among flowers by hand", () => {
    const images = [facts(0, [0.9, 0.1]), facts(0, [0.8, 0.2]), facts(0, [0.1, 0.9], 2), facts(1, [0.3, 0.7]), facts(1, [0.2, 0.8]), facts(-1, [0.5, 0.5])];
    const thresholds = confidenceThresholds(images);
    expect(thresholds.get(0)).toBeCloseTo(0.6, 12);
    expect(thresholds.get(1)).toBeCloseTo(0.75, 12);
    expect(labelSuspects(images)).toEqual([{ image: 2, likely: 1, labelProbability: 0.1, likelyProbability: 0.9 }]);
  });

  it("does not suspect an unsure mistake", () => {
    // 0.55 is below the 0.75 that images of class 1 usually reach.
    expect(labelSuspects([facts(0, [0.45, 0.55]), facts(1, [0.2, 0.8]), facts(1, [0.3, 0.7])])).toEqual([]);
  });

  it("equals the definition where all probabilities are known", () => {
    const random = randomFrom(6);
    const classes = 5;
    const rows = Array.from({ length: 400 }, () => {
      const raw = Array.from({ length: classes }, () => random() ** 3);
      const sum = raw.reduce((total, value) => total + value, 0);
      return { label: Math.floor(random() * classes), shares: raw.map((value) => value / sum) };
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const thresholds = Array.from({ length: classes }, (_, j) => mean(rows.filter(({ label }) => label === j).map(({ shares }) => shares[j]!)));
    const expected = rows.flatMap(({ label, shares }, image) => {
      const above = shares.map((share, j) => ({ share, j })).filter(({ share, j }) => share >= thresholds[j]!).toSorted((a, b) => b.share - a.share);
      return above[0] && above[0].j !== label ? [`${image}: ${above[0].j}`] : [];
    });
    const found = labelSuspects(rows.map(({ label, shares }, image) => facts(label, shares, image)));
    expect(expected.length).toBeGreaterThan(50);
    expect(found.map(({ image, likely }) => `${image}: ${likely}`).toSorted()).toEqual(expected.toSorted());
    const margins = found.map(({ likelyProbability, labelProbability }) => likelyProbability - labelProbability);
    expect(margins).toEqual(margins.toSorted((a, b) => b - a));
  });
});

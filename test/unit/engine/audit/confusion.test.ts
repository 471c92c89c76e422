/** @file The confusion matrix by hand, and against loops over all images for each number. */
import { describe, expect, it } from "vitest";
import { confusedPairs, createConfusion } from "../../../../src/engine/audit/confusion.js";
import { randomFrom } from "./random.js";

describe("confusion", () => {
  it("counts three cats and two dogs by hand", () => {
    const confusion = createConfusion();
    // Cats: two right, one taken for a dog. Dogs: one right, one taken for a cat. One image without a label, taken for a cat.
    for (const [label, predicted, confidence] of [[0, 0, 0.9], [0, 0, 0.7], [0, 1, 0.6], [1, 1, 0.8], [1, 0, 0.5], [-1, 0, 0.3]] as const) confusion.add(label, predicted, confidence);
    expect(confusion.cells()).toEqual([{ label: 0, predicted: 0, images: 2 }, { label: 0, predicted: 1, images: 1 }, { label: 1, predicted: 0, images: 1 }, { label: 1, predicted: 1, images: 1 }]);
    const [cat, dog, bird] = confusion.classes(["cat", "dog", "bird"]);
    expect(cat).toMatchObject({ index: 0, label: "cat", images: 3, predicted: 4, right: 2, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 });
    expect(cat!.confidence).toBeCloseTo((0.9 + 0.7 + 0.5 + 0.3) / 4, 12);
    expect(dog).toMatchObject({ images: 2, predicted: 2, right: 1, precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, confidence: 0.7 });
    expect(bird).toEqual({ index: 2, label: "bird", images: 0, predicted: 0, right: 0, precision: null, recall: null, f1: null, confidence: null });
  });

  it("equals loops over all images, for random answers", () => {
    const random = randomFrom(1);
    const classes = 7;
    const images = Array.from({ length: 500 }, () => ({ label: Math.floor(random() * (classes + 1)) - 1, predicted: Math.floor(random() ** 2 * classes), confidence: random() }));
    const confusion = createConfusion();
    for (const { label, predicted, confidence } of images) confusion.add(label, predicted, confidence);
    for (const { label, predicted, images: count } of confusion.cells()) expect(count).toBe(images.filter((image) => image.label === label && image.predicted === predicted).length);
    expect(confusion.cells().reduce((sum, cell) => sum + cell.images, 0)).toBe(images.filter(({ label }) => label >= 0).length);
    for (const row of confusion.classes(Array.from({ length: classes }, (_, i) => `class ${i}`))) {
      const truePositives = images.filter(({ label, predicted }) => label === row.index && predicted === row.index).length;
      const falsePositives = images.filter(({ label, predicted }) => label >= 0 && label !== row.index && predicted === row.index).length;
      const falseNegatives = images.filter(({ label, predicted }) => label === row.index && predicted !== row.index).length;
      const [precision, recall] = [truePositives / (truePositives + falsePositives), truePositives / (truePositives + falseNegatives)];
      expect(row.precision).toBeCloseTo(precision, 12);
      expect(row.recall).toBeCloseTo(recall, 12);
      expect(row.f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
    }
  });

  it("lists the most frequent confusions first, equal ones by class, and nothing that is right", () => {
    const cells = [{ label: 0, predicted: 0, images: 90 }, { label: 2, predicted: 1, images: 3 }, { label: 0, predicted: 1, images: 3 }, { label: 1, predicted: 2, images: 8 }];
    expect(confusedPairs(cells, 2)).toEqual([{ label: 1, predicted: 2, images: 8 }, { label: 0, predicted: 1, images: 3 }]);
  });
});

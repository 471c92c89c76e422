/** @file The calibration curve by hand, and its errors against a loop written from their definitions. */
import { describe, expect, it } from "vitest";
import { calibrationBins, createCalibration } from "../../../../src/engine/audit/calibration.js";
import { randomFrom } from "./random.js";

describe("calibration", () => {
  it("has nothing to say without images", () => {
    expect(createCalibration().result()).toBeNull();
  });

  it("puts a confidence at a bin's end into the bin below", () => {
    const calibration = createCalibration();
    for (const confidence of [0, 1 / 15, 2 / 15, 2 / 15 + 1e-9, 1]) calibration.add(confidence, true);
    expect(calibration.result()!.bins.map(({ images }) => images)).toEqual([2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("measures four images by hand", () => {
    const calibration = createCalibration();
    // Two at 95 %, one of them right: a gap of 45 %. Two at 50 %, one right: none.
    for (const [confidence, isRight] of [[0.95, true], [0.95, false], [0.5, true], [0.5, false]] as const) calibration.add(confidence, isRight);
    const { expectedError, worstError, bins } = calibration.result()!;
    expect(expectedError).toBeCloseTo(0.225, 12);
    expect(worstError).toBeCloseTo(0.45, 12);
    expect(bins[7]).toEqual({ from: 7 / 15, to: 8 / 15, images: 2, confidence: 0.5, accuracy: 0.5 });
    expect(bins[0]).toMatchObject({ images: 0, confidence: null, accuracy: null });
  });

  it("equals the definitions, for random answers", () => {
    const random = randomFrom(2);
    const images = Array.from({ length: 2000 }, () => ({ confidence: Math.sqrt(random()), isRight: random() < 0.6 }));
    const calibration = createCalibration();
    for (const { confidence, isRight } of images) calibration.add(confidence, isRight);
    const gaps = Array.from({ length: calibrationBins }, (_, bin) => {
      const inside = images.filter(({ confidence }) => confidence > bin / calibrationBins && confidence <= (bin + 1) / calibrationBins);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      return { share: inside.length / images.length, gap: inside.length === 0 ? 0 : Math.abs(mean(inside.map(({ isRight }) => Number(isRight))) - mean(inside.map(({ confidence }) => confidence))) };
    });
    const { expectedError, worstError } = calibration.result()!;
    expect(expectedError).toBeCloseTo(gaps.reduce((sum, { share, gap }) => sum + share * gap, 0), 10);
    expect(worstError).toBeCloseTo(Math.max(...gaps.map(({ gap }) => gap)), 10);
  });
});

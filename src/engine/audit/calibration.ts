/** @file Whether confidence can be taken at its word: of images answered with 80 % confidence, are 80 % right? */
import type { AuditSummary, CalibrationBin } from "./summary.js";

/** As many equal bins as the literature uses. */
export const calibrationBins = 15;

export interface Calibration {
  add(confidence: number, isRight: boolean): void;
  /** `null` without images. */
  result(): AuditSummary["calibration"];
}

/**
 * The reliability curve over bins of equal width, each without its lower and with its upper end, with the expected calibration error (the mean over images of the gap between a bin's accuracy and its mean confidence)
 * and the maximum calibration error (the widest gap), as in Naeini, Cooper and Hauskrecht 2015 and Guo et al. 2017 (arXiv 1706.04599).
 */
export function createCalibration(): Calibration {
  const images = new Float64Array(calibrationBins);
  const confidences = new Float64Array(calibrationBins);
  const rights = new Float64Array(calibrationBins);
  return {
    add(confidence, isRight) {
      const bin = Math.min(calibrationBins - 1, Math.max(0, Math.ceil(confidence * calibrationBins) - 1));
      images[bin]! += 1;
      confidences[bin]! += confidence;
      rights[bin]! += isRight ? 1 : 0;
    },
    result() {
      const total = images.reduce((sum, count) => sum + count, 0);
      if (total === 0) return null;
      const bins = Array.from(images, (count, bin): CalibrationBin => {
        const range = { from: bin / calibrationBins, to: (bin + 1) / calibrationBins, images: count };
        return count === 0 ? { ...range, confidence: null, accuracy: null } : { ...range, confidence: confidences[bin]! / count, accuracy: rights[bin]! / count };
      });
      const gaps = bins.map(({ confidence, accuracy }) => (confidence === null || accuracy === null ? 0 : Math.abs(confidence - accuracy)));
      return { bins, expectedError: gaps.reduce((sum, gap, bin) => sum + (gap * images[bin]!) / total, 0), worstError: Math.max(...gaps) };
    },
  };
}

/** @file Flags about a picture's own quality, each from one number and one threshold. */
import type { PixelImage, Rectangle } from "../preprocess/resample.js";
import type { Quality, QualityFlag } from "./evidence.js";
import { lumaOf } from "./seenPixels.js";

/** What quality is told from. */
export interface QualitySubject {
  /** The picture as the model sees it (`seenPixels`). */
  readonly seen: PixelImage;
  /** The file's own size, EXIF turned. */
  readonly width: number;
  readonly height: number;
  /** The share of the file's pixels that are transparent at all; 0 for files without an alpha channel. */
  readonly transparent: number;
  /** The part of the file that became the input, in the file's pixels. */
  readonly region: Rectangle;
}

/** The measured numbers and the sides of the model's input. */
type Measured = Omit<Quality, "flags"> & { readonly inputSide: number };

/**
 * When a flag is raised. CleanVision (0.3) is the field's reference for thresholds on single pictures; where its measure is another one, the threshold here is stated with its own reason.
 */
const rules: Readonly<Record<QualityFlag, (measured: Measured) => boolean>> = {
  // The threshold most used for the variance of the Laplacian is 100, at the file's own size; shrinking to the input sharpens, and pictures of smooth things must pass.
  blurred: ({ sharpness, contrast }) => sharpness < 50 && contrast >= 0.05,
  // CleanVision's first rule for the mean brightness; later versions use the 99th percentile below 0.37.
  dark: ({ brightness }) => brightness < 0.22,
  // CleanVision: less than 0.05 from white.
  bright: ({ brightness }) => brightness > 0.95,
  // Photographs mostly lie between 0.15 and 0.3; scikit-image calls a picture of low contrast when its values span less than 5 % of the range.
  lowContrast: ({ contrast }) => contrast < 0.05,
  // Enlarged more than twice, so that most of what the model sees was made up between pixels.
  small: ({ width, height, inputSide }) => Math.min(width, height) * 2 < inputSide,
  // CleanVision's odd aspect ratio.
  elongated: ({ width, height }) => Math.min(width, height) / Math.max(width, height) < 0.35,
  // More than a fringe: what lies behind is drawn in white, and the model sees that.
  transparent: ({ transparent }) => transparent > 0.01,
  // The usual crop of 224 out of 256 cuts off 43 % of a 4:3 photograph; beyond half is unusual.
  cropped: ({ cutOff }) => cutOff > 0.5,
};

/** Measures a picture. */
export function qualityOf({ seen, width, height, transparent, region }: QualitySubject): Quality {
  const luma = lumaOf(seen);
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  const variance = luma.reduce((sum, value) => sum + (value - mean) ** 2, 0) / luma.length;
  const numbers = {
    sharpness: laplacianVariance(luma, seen.width, seen.height), brightness: mean / 255, contrast: Math.sqrt(variance) / 255, width, height, transparent, cutOff: cutOffShare(region, width, height),
  };
  const measured = { ...numbers, inputSide: Math.min(seen.width, seen.height) };
  return { flags: (Object.keys(rules) as QualityFlag[]).filter((flag) => rules[flag](measured)), ...numbers };
}

/** The variance of the Laplacian (4 neighbours) over the pixels that have all of them; 0 for pictures without any. */
function laplacianVariance(luma: Float32Array, width: number, height: number): number {
  let [count, sum, squares] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const value = luma[i - 1]! + luma[i + 1]! + luma[i - width]! + luma[i + width]! - 4 * luma[i]!;
      count++;
      sum += value;
      squares += value * value;
    }
  }
  return count === 0 ? 0 : Math.max(0, squares / count - (sum / count) ** 2);
}

/** The share of the picture outside the region, which may reach beyond it. */
function cutOffShare(region: Rectangle, width: number, height: number): number {
  const within = (from: number, size: number, limit: number) => Math.max(0, Math.min(limit, from + size) - Math.max(0, from));
  const share = 1 - (within(region.x, region.width, width) * within(region.y, region.height, height)) / (width * height);
  // Sizes that are cut to whole numbers leave a trace.
  return share < 1e-3 ? 0 : share;
}

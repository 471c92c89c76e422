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
  // Measured on 100 sample pictures at 128 pixels: none under 100 as they are, none over 20 when blurred by 2 pixels (standard deviation). The threshold of 100 that is often used goes by the whole picture at the file's own size.
  blurred: ({ sharpness, contrast }) => sharpness < 30 && contrast >= 0.05,
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
  const mean = meanOf(luma, 0);
  const variance = meanOf(luma, mean, 2);
  const numbers = {
    sharpness: sharpestVariance(luma, seen.width, seen.height), brightness: mean / 255, contrast: Math.sqrt(variance) / 255, width, height, transparent, cutOff: cutOffShare(region, width, height),
  };
  const measured = { ...numbers, inputSide: Math.min(seen.width, seen.height) };
  return { flags: (Object.keys(rules) as QualityFlag[]).filter((flag) => rules[flag](measured)), ...numbers };
}

/** Tiles per side: a sharp thing before an even sky is in some tile, and a blurred picture is in none. */
const tiles = 4;

/** The mean of the differences from `center`, or of their squares. A plain loop: audits run it on every image. */
function meanOf(values: Float32Array, center: number, power: 1 | 2 = 1): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i]! - center;
    sum += power === 1 ? difference : difference * difference;
  }
  return sum / values.length;
}

/** The variance of the Laplacian (4 neighbours) within the sharpest tile, over the pixels that have all neighbours; 0 for pictures without any. */
function sharpestVariance(luma: Float32Array, width: number, height: number): number {
  const edges = (size: number) => Array.from({ length: tiles + 1 }, (_, tile) => Math.min(size - 1, Math.max(1, Math.ceil((tile * size) / tiles))));
  const [down, across] = [edges(height), edges(width)];
  let sharpest = 0;
  for (let row = 0; row < tiles; row++) for (let column = 0; column < tiles; column++) {
    sharpest = Math.max(sharpest, laplacianVariance(luma, width, [down[row]!, down[row + 1]!], [across[column]!, across[column + 1]!]));
  }
  return sharpest;
}

/** Over rows and columns from the first to before the second. */
function laplacianVariance(luma: Float32Array, width: number, [top, bottom]: readonly [number, number], [left, right]: readonly [number, number]): number {
  const count = Math.max(0, bottom - top) * Math.max(0, right - left);
  let [sum, squares] = [0, 0];
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      const value = luma[i - 1]! + luma[i + 1]! + luma[i - width]! + luma[i + width]! - 4 * luma[i]!;
      sum += value;
      squares += value * value;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

/** The share of the picture outside the region, which may reach beyond it. */
function cutOffShare(region: Rectangle, width: number, height: number): number {
  const within = (from: number, size: number, limit: number) => Math.max(0, Math.min(limit, from + size) - Math.max(0, from));
  const share = 1 - (within(region.x, region.width, width) * within(region.y, region.height, height)) / (width * height);
  // Sizes that are cut to whole numbers leave a trace.
  return share < 1e-3 ? 0 : share;
}

/** @file Where a weight stands on its colour scale, and a matrix as pixels in those colours. */
import type { Grid } from "../heatmap.js";

/** Even steps up to the largest weight shown; up to 1; or the square root, which tells small weights apart. */
export const weightScaleIds = ["largest", "one", "root"] as const;
export type WeightScale = (typeof weightScaleIds)[number];

/** The scale of a picture: 0 to `highest`. */
export interface Scale {
  readonly highest: number;
  readonly isRoot: boolean;
}

/** The scale that a choice means for a picture whose largest weight is known. */
export function scaleFor(choice: WeightScale, largest: number): Scale {
  return { highest: choice === "one" ? 1 : largest, isRoot: choice === "root" };
}

/** A weight's place on the scale, 0 to 1; NaN stays NaN. */
export function onScale({ highest, isRoot }: Scale, weight: number): number {
  if (!(highest > 0)) return Number.isNaN(weight) ? weight : 0;
  const share = Math.min(1, Math.max(0, weight / highest));
  return isRoot ? Math.sqrt(share) : share;
}

/** The weight in the middle of the scale. */
export function middleOf({ highest, isRoot }: Scale): number {
  return isRoot ? highest / 4 : highest / 2;
}

/** RGBA pixels of a matrix, one per weight, in a table of 256 RGB colours; NaN is transparent. */
export function paintWeights({ data }: Grid, scale: Scale, colors: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(data.length * 4);
  for (let i = 0; i < data.length; i++) {
    const place = onScale(scale, data[i]!);
    if (Number.isNaN(place)) continue;
    const color = 3 * Math.round(255 * place);
    rgba[4 * i] = colors[color]!;
    rgba[4 * i + 1] = colors[color + 1]!;
    rgba[4 * i + 2] = colors[color + 2]!;
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

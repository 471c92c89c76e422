/** @file How a map is drawn: every choice in one record of plain values, and the choices there are. */
import type { ColormapId } from "./colormap.js";
import type { ChannelReduction } from "./heatmap.js";

/** What the values of a grid keep: the positive part (ReLU), both signs around zero, or everything from the smallest to the largest. */
export const gridValueIds = ["positive", "signed", "raw"] as const;
export type GridValues = (typeof gridValueIds)[number];

/** Which sign is shown, as Captum's `sign`; `negative` and `absolute` show magnitudes. */
export const signIds = ["all", "positive", "negative", "absolute"] as const;
export type SignChoice = (typeof signIds)[number];

/** What the ends of the scale leave out: nothing, a percentile of the places, or a share of the sum of magnitudes (Captum's `outlier_perc`). */
export const clipIds = ["none", "percentile", "outlier"] as const;
export type Clip = (typeof clipIds)[number];

/** `minmax`: smallest to largest. `max`: 0 to the largest. `symmetric`: as far below zero as above. `auto` takes what fits the values. */
export const scaleIds = ["auto", "minmax", "max", "symmetric"] as const;
export type ScaleChoice = (typeof scaleIds)[number];

export const interpolationIds = ["bilinear", "bicubic", "nearest"] as const;
export type Interpolation = (typeof interpolationIds)[number];

export interface DrawStyle {
  /** How channels become one value, for maps on the input's own elements; `auto` is the method's own way. */
  readonly pixelValues: ChannelReduction | "auto";
  /** For maps on a grid over the image. */
  readonly gridValues: GridValues;
  readonly sign: SignChoice;
  readonly clip: Clip;
  /** Per cent, 0 to below 50 for `percentile`, to below 100 for `outlier`. */
  readonly clipPercent: number;
  /** Two raw values fix the scale, so that several maps share one. */
  readonly scale: ScaleChoice | readonly [low: number, high: number];
  /** Between the cells of a grid, and between the map's own pixels on a larger image. */
  readonly interpolation: Interpolation;
  /** The exponent that values get after scaling; TorchCAM squares. */
  readonly power: number;
  /** How many iso-lines are drawn, evenly over the scale (on each side of a signed one). */
  readonly contours: number;
  /** 0 shows the picture alone, 1 the map alone. */
  readonly opacity: number;
  /** `auto` is viridis, or diverging for signed maps. */
  readonly colormap: ColormapId | "auto";
  /** What lies beneath: the image, or its grey version (Captum's `blended_heat_map`). */
  readonly background: "image" | "gray";
}

/** What nobody chose otherwise. */
export const defaultStyle: DrawStyle = {
  pixelValues: "auto", gridValues: "positive", sign: "all", clip: "none", clipPercent: 0, scale: "auto", interpolation: "bilinear", power: 1, contours: 0, opacity: 0.5, colormap: "auto", background: "image",
};

/** The colour map of a drawn map. */
export function colormapFor({ colormap }: Pick<DrawStyle, "colormap">, signed: boolean): ColormapId {
  return colormap === "auto" ? (signed ? "diverging" : "viridis") : colormap;
}

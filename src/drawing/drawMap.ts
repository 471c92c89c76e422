/** @file From a raw attribution to the map that is drawn, in any style: values, the ends of their scale, and their places on it. */
import { rangeOf, reduceChannels, resizeBilinear, type ChannelReduction, type Grid } from "./heatmap.js";
import { resizeBicubic } from "./resizeBicubic.js";
import type { DrawStyle, SignChoice } from "./style.js";

/** A map ready for colours. */
export interface DrawnMap {
  /** Raw values after reducing, choosing the sign and interpolating, `[rows, columns]`. */
  readonly values: Grid;
  /** Where they stand on the scale: 0 to 1, or -1 to 1 when `signed`. */
  readonly grid: Grid;
  /** The raw values at the two ends of the scale. */
  readonly ends: readonly [low: number, high: number];
  /** Zero is the middle of the scale. */
  readonly signed: boolean;
}

/** What drawing must know of a method. */
export interface Drawable {
  readonly form: "grid" | "pixels";
  readonly drawn: ChannelReduction;
}

type MapStyle = Pick<DrawStyle, "pixelValues" | "gridValues" | "sign" | "clip" | "clipPercent" | "scale" | "interpolation" | "power">;
type Layout = "NCHW" | "NHWC";

/**
 * The map of an attribution: `[1, c, h, w]` (`NHWC`: `[1, h, w, c]`) for the form `pixels`, `[h, w]` for `grid`, which is brought to `size` unless it is drawn in its own cells (`nearest`).
 * Channels are reduced first, then the sign is chosen, then the grid is resized, then the ends of the scale are taken: the order of Captum and of pytorch-grad-cam.
 */
export function drawMap(attribution: Grid, method: Drawable, style: MapStyle, size: readonly [height: number, width: number], layout: Layout = "NCHW"): DrawnMap {
  const isGrid = attribution.shape.length === 2;
  const reduction = style.pixelValues === "auto" ? method.drawn : style.pixelValues;
  const reduced = isGrid ? attribution : reduceChannels(attribution, reduction, layout);
  const sign = isGrid && style.gridValues === "positive" && style.sign === "all" ? "positive" : style.sign;
  const values = resized({ shape: reduced.shape, data: withSign(reduced.data, sign) }, style.interpolation, isGrid ? size : (reduced.shape as readonly [number, number]));
  const isSigned = sign === "all" && (isGrid ? style.gridValues === "signed" : reduction === "sum");
  const wanted = style.scale === "auto" ? (isSigned ? "symmetric" : isGrid ? "minmax" : "max") : style.scale;
  const ends = endsOf(values.data, wanted, style);
  const signed = ends[0] < 0 && ends[0] === -ends[1];
  return { values, grid: { shape: values.shape, data: ontoScale(values.data, ends, signed, style.power) }, ends, signed };
}

const signs: Readonly<Record<SignChoice, (value: number) => number>> = {
  all: (value) => value, positive: (value) => Math.max(0, value), negative: (value) => Math.max(0, -value), absolute: Math.abs,
};

function withSign(data: Float32Array, sign: SignChoice): Float32Array {
  return sign === "all" ? data : data.map(signs[sign]);
}

function resized(grid: Grid, interpolation: DrawStyle["interpolation"], size: readonly [number, number]): Grid {
  if (interpolation === "nearest") return grid;
  return interpolation === "bicubic" ? resizeBicubic(grid, size) : resizeBilinear(grid, size);
}

/** The raw values at the ends of the scale. A share of the mass can only be cut from magnitudes, so it makes a scale from zero. */
function endsOf(data: Float32Array, scale: Exclude<DrawStyle["scale"], "auto">, { clip, clipPercent }: MapStyle): readonly [number, number] {
  if (typeof scale !== "string") return scale;
  const [min, max] = rangeOf(data);
  if (clip === "outlier") {
    const reach = outlierThreshold(data, clipPercent);
    return min < 0 ? [-reach, reach] : [0, reach];
  }
  const isClipped = clip === "percentile" && clipPercent > 0;
  if (scale === "symmetric") {
    const reach = isClipped ? percentile(data.map(Math.abs), 100 - clipPercent) : Math.max(-min, max);
    return [-reach, reach];
  }
  const high = isClipped ? percentile(data, 100 - clipPercent) : max;
  return scale === "max" ? [0, Math.max(0, high)] : [isClipped ? percentile(data, clipPercent) : min, high];
}

/** Places on the scale, cut at its ends; all 0 where the ends are one. */
function ontoScale(data: Float32Array, [low, high]: readonly [number, number], signed: boolean, power: number): Float32Array {
  if (!(high > low)) return new Float32Array(data.length);
  const place = signed ? (value: number) => Math.min(1, Math.max(-1, value / high)) : (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  return power === 1 ? data.map(place) : data.map((value) => { const at = place(value); return Math.sign(at) * Math.abs(at) ** power; });
}

/** The p-th percentile of the values, between neighbours in proportion (NumPy's default). 0 for an empty array. */
export function percentile(data: Float32Array, p: number): number {
  const sorted = data.toSorted();
  if (sorted.length === 0) return 0;
  const at = (Math.min(100, Math.max(0, p)) / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/**
 * Captum's scale for `outlier_perc`: the magnitude at which the magnitudes, added up from the smallest, first reach (100 - percent) per cent of their sum
 * (`captum/attr/_utils/visualization.py`, `_cumulative_sum_threshold`). A share of the attribution's mass, not of the pixels.
 */
export function outlierThreshold(data: Float32Array, percent: number): number {
  const sorted = data.map(Math.abs).sort();
  const wanted = sorted.reduce((total, value) => total + value, 0) * ((100 - percent) / 100);
  let sum = 0;
  for (const value of sorted) {
    sum += value;
    if (sum >= wanted) return value;
  }
  return sorted.at(-1) ?? 0;
}

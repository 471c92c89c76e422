/** @file Colours as distances tell them apart: the model's numbers as CIE L*a*b* values. */
import type { PixelSpace } from "../context.js";
import type { PixelGrid } from "./pixelGrid.js";

/** Planes of `[h * w]`, one after the other. */
export interface ColorPlanes {
  readonly count: number;
  readonly data: Float32Array;
}

/** sRGB's transfer function (IEC 61966-2-1), from 0 .. 1 to linear light. */
const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const lightness = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);

/** sRGB in 0 .. 1 to L* in 0 .. 100 and a*, b*, for the white of D65. Values outside are cut. */
export function labOf(red: number, green: number, blue: number): readonly [number, number, number] {
  const [r, g, b] = [red, green, blue].map((value) => linear(Math.min(1, Math.max(0, value)))) as [number, number, number];
  const x = lightness((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = lightness(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = lightness((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/**
 * The image's colours: L*a*b* of three channels (taken as red, green, blue), otherwise each channel on a scale of 0 to 100.
 * Undoes the model's normalisation first.
 */
export function colorPlanes(x: Float32Array, { scale, mean, std }: Pick<PixelSpace, "scale" | "mean" | "std">, grid: PixelGrid): ColorPlanes {
  const { height, width, channels, channelStep, placeStep } = grid;
  const places = height * width;
  const data = new Float32Array(channels * places);
  const pixel = (c: number, p: number) => (x[c * channelStep + p * placeStep]! * (std[c % std.length] ?? 1) + (mean[c % mean.length] ?? 0)) / scale / 255;
  for (let p = 0; p < places; p++) {
    const color = channels === 3 ? labOf(pixel(0, p), pixel(1, p), pixel(2, p)) : Array.from({ length: channels }, (_, c) => 100 * pixel(c, p));
    color.forEach((value, c) => { data[c * places + p] = value; });
  }
  return { count: channels, data };
}

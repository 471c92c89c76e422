/** @file Kernels that sample an input at computed places. */
import { numberOf, textOf } from "../../ir/attributes.js";
import { axisTaps, isIdentity, resizedAxes, type Taps } from "../../ir/resample.js";
import { stridesOf } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { ndArray, ndArrayOf, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

/** `y[..., to, ...] = sum of weight * x[..., at, ...]` along one axis. */
function resampleAxis(x: NdArray, axis: number, taps: readonly Taps[]): NdArray {
  const [from, inner] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const y = ndArray(x.dtype, x.shape.map((dim, i) => (i === axis ? taps.length : dim)));
  for (let outer = 0; outer < sizeOf(x.shape.slice(0, axis)); outer++) taps.forEach((tap, to) => {
    const target = (outer * taps.length + to) * inner;
    for (const { at, weight } of tap) {
      const source = (outer * from + at) * inner;
      for (let i = 0; i < inner; i++) y.data[target + i]! += weight * x.data[source + i]!;
    }
  });
  return y;
}

const resize: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const numbers = (i: number) => (inputs[i] ? Array.from(inputs[i].data) : undefined);
  const axes = resizedAxes(node, x.shape, { roi: numbers(1), scales: numbers(2), sizes: numbers(3) })!;
  let y = x;
  const outside: boolean[][] = [];
  axes.forEach((resized, axis) => {
    const taps = axisTaps(node, resized as { from: number; to: number; scale: number; roi: readonly [number, number] });
    outside.push(taps.map((tap) => tap.length === 0));
    if (!isIdentity(taps, x.shape[axis]!)) y = resampleAxis(y, axis, taps);
  });
  if (outside.some((flags) => flags.includes(true))) {
    const [strides, value] = [stridesOf(y.shape), numberOf(node, "extrapolation_value", 0)];
    y.data.forEach((_, i) => { if (outside.some((flags, axis) => flags[Math.floor(i / strides[axis]!) % y.shape[axis]!])) y.data[i] = value; });
  }
  return [y === x ? ndArray(x.dtype, x.shape, x.data.slice()) : y];
};

/** Folds a coordinate back into [low, high], as a mirror at each end does. */
export function reflect(x: number, low: number, high: number): number {
  const range = high - low;
  if (range === 0) return low;
  const folded = Math.abs(x - low) % (2 * range);
  return low + (folded > range ? 2 * range - folded : folded);
}

/** Halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor < 0.5 || (x - floor === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

const cubicWeights = (t: number, a = -0.75) => [
  ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a, ((a + 2) * t - (a + 3)) * t * t + 1,
  ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1, ((a * (2 - t) - 5 * a) * (2 - t) + 8 * a) * (2 - t) - 4 * a,
];

/** The positions along one axis of length `size` that the normalised coordinate reads, with their weights; -1 reads zero. */
export function gridTaps(coordinate: number, size: number, mode: string, padding: string, isAligned: boolean): [at: number, weight: number][] {
  const [low, high] = isAligned ? [0, size - 1] : [-0.5, size - 0.5];
  let x = isAligned ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  if (mode === "nearest") x = roundHalfEven(x);
  // Cubic weights are those of the place itself, only the pixels are clamped, as in PyTorch.
  if (padding === "border" && mode !== "cubic") x = Math.min(Math.max(x, 0), size - 1);
  else if (padding === "reflection" && (x < low || x > high)) x = reflect(x, low, high);
  const pixel = (i: number): number => {
    if (padding === "border") return Math.min(Math.max(i, 0), size - 1);
    if (padding === "reflection") return Math.min(Math.max(Math.trunc(i < low || i > high ? reflect(i, low, high) : i), 0), size - 1);
    return i < 0 || i >= size ? -1 : i;
  };
  if (mode === "nearest") return [[pixel(Math.trunc(x)), 1]];
  const floor = Math.floor(x);
  const weights = mode === "linear" ? [0, 1 - (x - floor), x - floor, 0] : cubicWeights(x - floor);
  return weights.map((weight, i): [number, number] => [pixel(floor - 1 + i), weight]).filter(([, weight]) => weight !== 0);
}

const gridSample: Kernel = (node, inputs, types) => {
  const [x, grid] = [required(inputs, 0), required(inputs, 1)];
  const [mode, padding, isAligned] = [textOf(node, "mode", "linear"), textOf(node, "padding_mode", "zeros"), numberOf(node, "align_corners", 0) === 1];
  const y = ndArrayOf(types[0]!);
  const spatial = x.shape.slice(2);
  const strides = stridesOf(spatial);
  const [channels, plane, points] = [x.shape[1]!, sizeOf(spatial), sizeOf(y.shape.slice(2))];
  for (let n = 0; n < x.shape[0]!; n++) for (let p = 0; p < points; p++) {
    // The last grid axis counts x before y.
    const perAxis = spatial.map((size, axis) => gridTaps(grid.data[(n * points + p) * spatial.length + spatial.length - 1 - axis]!, size, mode, padding, isAligned));
    let taps: [number, number][] = [[0, 1]];
    perAxis.forEach((axisTaps, axis) => {
      taps = taps.flatMap(([at, weight]) => axisTaps.filter(([i]) => i >= 0).map(([i, factor]): [number, number] => [at + i * strides[axis]!, weight * factor]));
    });
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * plane;
      y.data[(n * channels + c) * points + p] = taps.reduce((sum, [at, weight]) => sum + weight * x.data[from + at]!, 0);
    }
  }
  return [y];
};

export const sampleKernels: Readonly<Record<string, Kernel>> = { Resize: resize, GridSample: gridSample };

/** @file Taking an area out of the model's input, and choosing an area of the same size elsewhere to compare with. */
import { resizeBilinear } from "../attribution/maps.js";
import type { PlainTensor } from "../attribution/parameters.js";
import type { PixelGrid } from "../attribution/perturbations/pixelGrid.js";
import { float32, type Tensor } from "../ir/tensor.js";
import type { Preprocess } from "../preprocess/description.js";

/**
 * What stands in for an area: the colours around it, carried on into it smoothly, which leaves neither the thing nor an edge; or the picture's mean colour, which leaves an edge.
 * What holds for both does not come from the filling.
 */
export type Fill = "surroundings" | "mean";

/** How many places an area is tried at, across and down. */
const steps = 16;

/**
 * The same shape at the place where the map `[h, w]` has the least mass: what masking it does is what masking as much does anywhere. Places that do not touch the mask come first, then those inside the picture
 * (others go on at the opposite side, so that the number of cells stays the same).
 */
export function elsewhere(mask: Uint8Array, { shape, data }: PlainTensor): Uint8Array {
  const [height, width] = shape as readonly [number, number];
  const cells = [...mask.keys()].filter((i) => mask[i] === 1);
  const [xs, ys] = [Int32Array.from(cells, (i) => i % width), Int32Array.from(cells, (i) => Math.floor(i / width))];
  const placeOf = (i: number, dx: number, dy: number) => ((ys[i]! + dy) % height) * width + ((xs[i]! + dx) % width);
  const [splitsAcross, splitsDown] = [splitting(xs, width), splitting(ys, height)];
  let best = { dx: 0, dy: 0, cost: [Infinity] as readonly number[] };
  for (let step = 0; step < steps * steps; step++) {
    const [dx, dy] = [Math.round(((step % steps) * width) / steps), Math.round((Math.floor(step / steps) * height) / steps)];
    let [touching, mass] = [0, 0];
    for (let i = 0; i < xs.length; i++) {
      const at = placeOf(i, dx, dy);
      touching += mask[at]!;
      mass += Math.max(0, data[at]!);
    }
    const cost = [touching, splitsAcross(dx) || splitsDown(dy) ? 1 : 0, mass];
    if (isLess(cost, best.cost)) best = { dx, dy, cost };
  }
  const moved = new Uint8Array(mask.length);
  for (let i = 0; i < xs.length; i++) moved[placeOf(i, best.dx, best.dy)] = 1;
  return moved;
}

/** Whether a shift along one axis carries some of the places over the edge and others not. */
function splitting(places: Int32Array, size: number): (shift: number) => boolean {
  const low = places.reduce((least, place) => Math.min(least, place), size);
  const high = places.reduce((most, place) => Math.max(most, place), 0);
  return (shift) => low + shift < size && high + shift >= size;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at !== -1 && a[at]! < b[at]!;
}

/** Everything but the mask. */
export function inverted(mask: Uint8Array): Uint8Array {
  return mask.map((value) => 1 - value);
}

/** A copy of the model's input `[1, c, h, w]` or `[1, h, w, c]` with the masked cells `[h, w]` filled. */
export function masked(tensor: Tensor, layout: Preprocess["layout"], mask: Uint8Array, fill: Fill): Tensor {
  const { height, width, channels, channelStep, placeStep } = gridOf(tensor.shape, layout);
  const values = Float32Array.from(tensor.data as Float32Array);
  const plane = new Float32Array(height * width);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < plane.length; p++) plane[p] = values[c * channelStep + p * placeStep]!;
    const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    const filled = fill === "mean" ? undefined : surrounded(plane, Float32Array.from(inverted(mask)), [height, width], mean);
    for (let p = 0; p < plane.length; p++) if (mask[p] === 1) values[c * channelStep + p * placeStep] = filled?.[p] ?? mean;
  }
  return float32(tensor.shape, values);
}

/**
 * One channel with its places of weight 0 filled from those of weight 1, by the pull-push algorithm (Gortler et al. 1996): means over 2 x 2 places by weight, again and again until all is known, then back up,
 * each finer level filled from the coarser one, blended between its cells. `fallback` where nothing is known at all.
 */
function surrounded(values: Float32Array, weights: Float32Array, [height, width]: readonly [number, number], fallback: number): Float32Array {
  if (weights.every((weight) => weight === 1)) return values;
  if (values.length === 1) return Float32Array.of(weights[0]! * values[0]! + (1 - weights[0]!) * fallback);
  const size = [Math.ceil(height / 2), Math.ceil(width / 2)] as const;
  const [sums, counts] = [new Float32Array(size[0] * size[1]), new Float32Array(size[0] * size[1])];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = (y >> 1) * size[1] + (x >> 1);
      sums[at]! += weights[i]! * values[i]!;
      counts[at]! += weights[i]!;
    }
  }
  const coarse = surrounded(sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0)), counts.map((count) => Math.min(1, count)), size, fallback);
  const { data } = resizeBilinear({ shape: size, data: coarse }, [height, width]);
  return values.map((value, i) => weights[i]! * value + (1 - weights[i]!) * data[i]!);
}

function gridOf(shape: readonly number[], layout: Preprocess["layout"]): PixelGrid {
  const [, a, b, c] = shape as readonly [number, number, number, number];
  if (layout === "NHWC") return { height: a, width: b, channels: c, channelStep: 1, placeStep: c };
  return { height: b, width: c, channels: a, channelStep: b * c, placeStep: 1 };
}

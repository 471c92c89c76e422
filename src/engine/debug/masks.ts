/** @file Taking an area out of the model's input, and choosing an area of the same size elsewhere to compare with. */
import type { PlainTensor } from "../attribution/parameters.js";
import { gaussianBlur } from "../attribution/gradients/gaussianBlur.js";
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
/** Less weight than this and there is nothing around to carry on. */
const leastWeight = 1e-6;

/**
 * The same shape at the place where the map `[h, w]` has the least mass: what masking it does is what masking as much does anywhere. Places that do not touch the mask come first, then those inside the picture
 * (others go on at the opposite side, so that the number of cells stays the same).
 */
export function elsewhere(mask: Uint8Array, { shape, data }: PlainTensor): Uint8Array {
  const [height, width] = shape as readonly [number, number];
  const cells = [...mask.keys()].filter((i) => mask[i] === 1).map((i) => [i % width, Math.floor(i / width)] as const);
  let best: { readonly cost: readonly number[]; readonly places: Int32Array } | undefined;
  for (let down = 0; down < steps; down++) {
    for (let across = 0; across < steps; across++) {
      const [dx, dy] = [Math.round((across * width) / steps), Math.round((down * height) / steps)];
      const places = Int32Array.from(cells, ([x, y]) => ((y + dy) % height) * width + ((x + dx) % width));
      const touching = places.reduce((sum, at) => sum + mask[at]!, 0);
      const split = isSplit(cells, dx, width, 0) || isSplit(cells, dy, height, 1) ? 1 : 0;
      const mass = places.reduce((sum, at) => sum + Math.max(0, data[at]!), 0);
      const cost = [touching, split, mass];
      if (best === undefined || isLess(cost, best.cost)) best = { cost, places };
    }
  }
  const moved = new Uint8Array(mask.length);
  for (const at of best!.places) moved[at] = 1;
  return moved;
}

/** Whether the shift carries some cells over the edge and others not. */
function isSplit(cells: readonly (readonly [number, number])[], shift: number, size: number, axis: 0 | 1): boolean {
  const over = cells.filter((cell) => cell[axis] + shift >= size).length;
  return over > 0 && over < cells.length;
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
  const grid = gridOf(tensor.shape, layout);
  const { height, width, channels, channelStep, placeStep } = grid;
  const values = Float32Array.from(tensor.data as Float32Array);
  const source = fill === "surroundings" ? surroundingsOf(values, grid, mask) : undefined;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let p = 0; p < height * width; p++) sum += values[c * channelStep + p * placeStep]!;
    const mean = sum / (height * width);
    for (let p = 0; p < height * width; p++) if (mask[p] === 1) values[c * channelStep + p * placeStep] = source?.(c * channelStep + p * placeStep) ?? mean;
  }
  return float32(tensor.shape, values);
}

/**
 * The weighted mean of the unmasked places around a masked one, as a function of its index; `undefined` too deep inside. Weights fall off as a Gaussian wide enough to reach into a compact area of this size.
 */
function surroundingsOf(values: Float32Array, grid: PixelGrid, mask: Uint8Array): (index: number) => number | undefined {
  const { channels, channelStep, placeStep } = grid;
  const sigma = Math.max(1, Math.sqrt(mask.reduce((sum, value) => sum + value, 0)) / 2.5);
  const weights = new Float32Array(values.length);
  for (let c = 0; c < channels; c++) for (let p = 0; p < mask.length; p++) weights[c * channelStep + p * placeStep] = 1 - mask[p]!;
  const blurredWeights = gaussianBlur(weights, grid, sigma, "zero");
  const blurred = gaussianBlur(values.map((value, i) => value * weights[i]!), grid, sigma, "zero");
  return (index) => (blurredWeights[index]! > leastWeight ? blurred[index]! / blurredWeights[index]! : undefined);
}

function gridOf(shape: readonly number[], layout: Preprocess["layout"]): PixelGrid {
  const [, a, b, c] = shape as readonly [number, number, number, number];
  if (layout === "NHWC") return { height: a, width: b, channels: c, channelStep: 1, placeStep: c };
  return { height: b, width: c, channels: a, channelStep: b * c, placeStep: 1 };
}

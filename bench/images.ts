/** @file Images as a network sees them, drawn by arithmetic that is the same on every machine. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rangeOf } from "../src/engine/attribution/maps.js";
import { createRandom } from "../src/engine/attribution/random.js";
import { float32, type Tensor } from "../src/engine/ir/tensor.js";

/** The side of the images unless another is asked for. */
const usual = 224;
/** As many as the largest batch that is measured. */
export const mostImages = 16;
/** Colours are chosen at every eighth pixel and blended between: like photos, and unlike noise, such images leave few units of a network on the edge of their ReLU. */
const step = 8;

/** `[count, 3, side, side]`, around 0 with a deviation near 1, as normalised images are. The first images do not depend on `count`. */
export function drawImages(count: number, side = usual): Tensor {
  let state = 7;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const data = new Float32Array(count * 3 * side * side);
  for (let plane = 0; plane < count * 3; plane++) drawPlane(data.subarray(plane * side * side, (plane + 1) * side * side), side, () => (uniform() + uniform() + uniform() - 1.5) * 3);
  return float32([count, 3, side, side], data);
}

/** `[count, ...image]` of normal noise, its deviation 0.15 of the image's range. */
export function drawNoise(count: number, { shape, data }: Tensor): { readonly shape: readonly number[]; readonly data: Float32Array } {
  const [low, high] = rangeOf(data as Float32Array);
  const random = createRandom(7);
  return { shape: [count, ...shape.slice(1)], data: Float32Array.from({ length: count * data.length }, () => 0.15 * (high - low) * random.normal()) };
}

/** Leaves the images where peers/images.py reads them. */
export function shareImages(work: string, count = mostImages, side = usual): void {
  writeFileSync(join(work, `images-${side}.f32`), drawImages(count, side).data as Float32Array);
}

function drawPlane(plane: Float32Array, side: number, value: () => number): void {
  const knots = side / step + 1;
  const grid = Float32Array.from({ length: knots * knots }, value);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [row, column, down, right] = [Math.floor(y / step), Math.floor(x / step), (y % step) / step, (x % step) / step];
      const mix = (at: number) => grid[at]! * (1 - right) + grid[at + 1]! * right;
      plane[y * side + x] = mix(row * knots + column) * (1 - down) + mix((row + 1) * knots + column) * down;
    }
  }
}

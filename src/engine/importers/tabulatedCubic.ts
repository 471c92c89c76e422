/** @file TensorFlow's bicubic resizing: it takes its weights out of a table, which rounds their places to 1/1024, so that no `Resize` gives its numbers. Each axis is a matrix here. */
import { float32, type Tensor } from "../ir/tensor.js";
import type { GraphWriter } from "./graphWriter.js";

/** How TensorFlow's three ways of placing pixels are called in ONNX. */
export type Placing = "half_pixel" | "align_corners" | "asymmetric";

const tableSize = 1024;
/** Larger ones, of images larger than models take, would weigh more than what they compute. */
const mostElements = 2 ** 22;

/** Keys's kernel at a distance of `x` and of `x + 1`, `x` in 0..1. */
const near = (a: number, x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
const far = (a: number, x: number) => ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;

/** `[to, from]`: what every output position takes of every input position; `undefined` where that would be too large. */
export function cubicMatrix(from: number, to: number, placing: Placing): Tensor | undefined {
  if (!(from >= 1 && to >= 1 && Number.isInteger(from) && Number.isInteger(to) && from * to <= mostElements)) return undefined;
  const isHalfPixel = placing === "half_pixel";
  const scale = Math.fround(placing === "align_corners" && to > 1 ? (from - 1) / (to - 1) : from / to);
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = isHalfPixel ? Math.fround(Math.fround(Math.fround(row + 0.5) * scale) - 0.5) : Math.fround(row * scale);
    const start = Math.floor(place);
    const x = nearestEven(Math.fround(place - start) * tableSize) / tableSize;
    // Outside of the image there is nothing with half pixels, and the edge's pixel again in the older ways.
    const a = isHalfPixel ? -0.5 : -0.75;
    const taps = [far(a, x), near(a, x), near(a, 1 - x), far(a, 1 - x)].map((weight, i) => ({ at: start + i - 1, weight }));
    const used = isHalfPixel ? taps.filter(({ at }) => at >= 0 && at < from) : taps.map(({ at, weight }) => ({ at: Math.min(Math.max(at, 0), from - 1), weight }));
    const sum = isHalfPixel ? used.reduce((total, { weight }) => total + weight, 0) : 1;
    for (const { at, weight } of used) matrix[row * from + at]! += weight / sum;
  }
  return float32([to, from], matrix);
}

/** Rounds as processors do, halves to even. */
function nearestEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A channels-first image `[batch, channels, ...from]` resized to `to`, under the module's name `result` where one is given; `undefined` where the sizes are open or too large. */
export function cubicResize(writer: GraphWriter, image: string, from: readonly unknown[], to: readonly unknown[], placing: Placing, result?: string): string | undefined {
  const [rows, columns] = [0, 1].map((axis) => (typeof from[axis] === "number" && typeof to[axis] === "number" ? cubicMatrix(from[axis], to[axis], placing) : undefined));
  if (rows === undefined || columns === undefined) return undefined;
  const tall = writer.add("MatMul", [writer.constant("rows", rows), image]);
  return writer.add("MatMul", [tall, writer.add("Transpose", [writer.constant("columns", columns)], { perm: [1, 0] })], {}, result);
}

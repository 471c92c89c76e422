/** @file The superpixels LIME and KernelSHAP explain: found in the image, or given. */
import { WhylightError } from "../../errors.js";
import type { MethodContext } from "../context.js";
import type { PlainTensor, Values } from "../parameters.js";
import { colorPlanes } from "./colors.js";
import type { Superpixels } from "./connect.js";
import type { PixelGrid } from "./pixelGrid.js";
import { slic } from "./superpixels.js";

export const segmentationParameters = {
  /** At most so many superpixels, and about that many, by SLIC. */
  segments: { kind: "number", default: 50, min: 2, max: 1000, integer: true },
  /** SLIC: place against colour; more makes squares. */
  compactness: { kind: "number", default: 10, min: 0.01, max: 1000 },
  /** Superpixels of one's own: `[h, w]` of whole numbers, equal ones together, connected or not (Captum's `feature_mask`). */
  segmentation: { kind: "tensor" },
} as const;

/** Throws `parameterInvalid` when a given segmentation is not of the image's size, or its labels are no whole numbers. */
export function segmentationOf(context: MethodContext, { segments, compactness, segmentation }: Values<typeof segmentationParameters>, grid: PixelGrid): Superpixels {
  const { height, width } = grid;
  if (segmentation === undefined) return slic(colorPlanes(context.x, context.pixels, grid), height, width, segments, compactness);
  const { shape, data } = segmentation;
  const wrong = (reason: string) => new WhylightError("parameterInvalid", { parameter: "segmentation", reason });
  const fits = data.length === height * width && shape.at(-2) === height && shape.at(-1) === width;
  if (!fits) throw wrong(`it must be [${height}, ${width}], one label for each pixel of the model's input`);
  if (!data.every(Number.isInteger)) throw wrong("its labels must be whole numbers");
  const numbers = new Map([...new Set(data)].toSorted((a, b) => a - b).map((label, i) => [label, i]));
  return { labels: Int32Array.from(data, (label) => numbers.get(label)!), count: numbers.size };
}

/** Gives every place the value of its superpixel. */
export function spread({ labels }: Superpixels, values: ArrayLike<number>): Float32Array {
  return Float32Array.from(labels, (label) => values[label]!);
}

/** The mask that keeps the superpixels whose flag is 1. */
export function keep(into: Float32Array, { labels }: Superpixels, members: Uint8Array): void {
  for (let p = 0; p < labels.length; p++) into[p] = members[labels[p]!]!;
}

/** Maps so far for regressions over at most so many superpixels: beyond, solving one takes longer than the batch it shows. */
const mostForPartials = 200;

/** The map so far, where making it is cheap. */
export function partialOf(count: number, make: () => PlainTensor): (() => PlainTensor) | undefined {
  return count <= mostForPartials ? make : undefined;
}

/** The root mean square, for one number that stands for many errors. */
export function rootMeanSquare(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]! ** 2;
  return Math.sqrt(total / values.length);
}

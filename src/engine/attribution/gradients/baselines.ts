/** @file What an image is held against: the points where paths to it start. */
import { WhylightError } from "../../errors.js";
import { formatShape } from "../../ir/shape.js";
import type { MethodContext } from "../context.js";
import type { ParameterTable, PlainTensor, Values } from "../parameters.js";
import { pixelGridOf, type PixelGrid } from "../perturbations/pixelGrid.js";
import { createRandom } from "../random.js";
import { gaussianBlur } from "./gaussianBlur.js";

/** The parameters of every method with baselines. `blur` is the blur's standard deviation as a share of the image's shorter side; `seed` is for `random`. */
export const baselineParameters = {
  baseline: { kind: "list", default: "black", choices: ["black", "white", "random", "blur", "mean"], tensors: true },
  blur: { kind: "number", default: 0.05, min: 0, max: 1 },
  seed: { kind: "number", default: 0, min: 0, max: 2 ** 31, integer: true },
} as const satisfies ParameterTable;

export interface Baseline {
  /** The word people chose it by; "image" for one that was given, numbered where there are several. */
  readonly name: string;
  /** Of the input's size, in the model's units. */
  readonly values: Float32Array;
}

type Word = (typeof baselineParameters)["baseline"]["choices"][number];
type Maker = (context: Pick<MethodContext, "x" | "pixels">, grid: PixelGrid, options: { readonly blur: number; readonly seed: number }) => Float32Array;

/** Fills an image from pixel values between 0 and 1. */
function fromPixels({ x, pixels: { scale, mean, std } }: Pick<MethodContext, "x" | "pixels">, grid: PixelGrid, pixel: () => number): Float32Array {
  const { height, width, channels, channelStep, placeStep } = grid;
  const values = new Float32Array(x.length);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < height * width; p++) values[c * channelStep + p * placeStep] = (255 * pixel() * scale - mean[c % mean.length]!) / std[c % std.length]!;
  }
  return values;
}

const makers: Readonly<Record<Word, Maker>> = {
  black: (context, grid) => fromPixels(context, grid, () => 0),
  white: (context, grid) => fromPixels(context, grid, () => 1),
  random: (context, grid, { seed }) => fromPixels(context, grid, createRandom(seed).uniform),
  // Normalising is affine and the kernel's weights sum to 1, so blurring after it is blurring before it.
  blur: ({ x }, grid, { blur }) => Float32Array.from(gaussianBlur(x, grid, blur * Math.min(grid.height, grid.width), "mirror")),
  // The mean colour of what the model was trained on: 0 in its units.
  mean: ({ x }) => new Float32Array(x.length),
};

/** The baselines asked for, made for this image. Throws `parameterInvalid` for a tensor that is not of the image's size. */
export function baselinesOf(context: Pick<MethodContext, "x" | "pixels" | "input">, { baseline, ...options }: Values<typeof baselineParameters>): readonly Baseline[] {
  const grid = pixelGridOf(context);
  const given = baseline.filter((item) => typeof item !== "string");
  return baseline.map((item) => {
    if (typeof item === "string") return { name: item, values: makers[item](context, grid, options) };
    checkSize(item, context);
    return { name: given.length > 1 ? `image ${given.indexOf(item) + 1}` : "image", values: item.data };
  });
}

function checkSize({ shape, data }: PlainTensor, { x, input }: Pick<MethodContext, "x" | "input">): void {
  if (data.length === x.length) return;
  throw new WhylightError("parameterInvalid", { parameter: "baseline", reason: `it must be of the shape ${formatShape(input.shape)}, and is ${formatShape(shape)}` });
}

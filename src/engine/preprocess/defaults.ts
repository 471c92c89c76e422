/** @file What an image input looks like, and how images are prepared for it when nobody says how. */
import { isConcrete, type Shape } from "../ir/shape.js";
import type { Preprocess } from "./description.js";

/** The image input of a model; a side is `undefined` where the model leaves it open. */
export interface ImageInput {
  readonly layout: Preprocess["layout"];
  readonly channels: 1 | 3;
  readonly height: number | undefined;
  readonly width: number | undefined;
}

const imageNetMean = [0.485, 0.456, 0.406];
const imageNetStd = [0.229, 0.224, 0.225];

/** Reads the layout from the channel axis, the one of extent 1 or 3; `undefined` for shapes that cannot take an image. */
export function imageInputOf(shape: Shape | undefined): ImageInput | undefined {
  if (shape?.length !== 4) return undefined;
  const layout = isChannels(shape[1]) || !isChannels(shape[3]) ? "NCHW" : "NHWC";
  const channels = layout === "NCHW" ? shape[1] : shape[3];
  if (typeof channels === "number" && !isChannels(channels)) return undefined;
  const [height, width] = layout === "NCHW" ? [shape[2], shape[3]] : [shape[1], shape[2]];
  return { layout, channels: channels === 1 ? 1 : 3, height: known(height), width: known(width) };
}

function isChannels(dim: unknown): dim is 1 | 3 {
  return dim === 1 || dim === 3;
}

function known(dim: number | string | undefined): number | undefined {
  return typeof dim === "number" && isConcrete([dim]) && dim > 0 ? dim : undefined;
}

/** The model's input size, 224 where it leaves a side open. */
export function inputSize(input: ImageInput): [number, number] {
  return [input.height ?? input.width ?? 224, input.width ?? input.height ?? 224];
}

/**
 * The defaults: shorter side 256 for an input of 224 and in proportion for others, bilinear with antialiasing, centre crop to the input,
 * ImageNet's mean and standard deviation; 0.5 and 0.5 for one channel, where no convention exists.
 */
export function defaultPreprocess(input: ImageInput): Preprocess {
  const crop = inputSize(input);
  const short = Math.round((Math.max(...crop) * 256) / 224);
  return {
    resize: "shortest-side", size: [short, short], crop, interpolation: "bilinear", channels: input.channels === 1 ? "gray" : "rgb", scale: 1 / 255,
    mean: input.channels === 1 ? [0.5] : imageNetMean, std: input.channels === 1 ? [0.5] : imageNetStd, layout: input.layout,
  };
}

/** The `[height, width]` that comes out of a description; `undefined` where it depends on the image. */
export function outputSize({ resize, size, crop }: Preprocess): readonly [number, number] | undefined {
  return crop ?? (resize === "exact" ? size : undefined);
}

/** @file The picture as the model sees it: its input tensor turned back into pixels. */
import type { Tensor } from "../ir/tensor.js";
import type { Preprocess } from "../preprocess/description.js";
import type { PixelImage } from "../preprocess/resample.js";

/**
 * The pixels that were normalised into `tensor` (`[1, c, h, w]` or `[1, h, w, c]`), as RGB: exact, since normalising is affine and pixels are whole numbers.
 * Gray becomes three equal channels, which turn back into the same gray. Values that no pixel has, as in a tensor out of a file, are rounded and clamped.
 */
export function seenPixels({ shape, data }: Tensor, { scale, mean, std, channels: order, layout }: Pick<Preprocess, "scale" | "mean" | "std" | "channels" | "layout">): PixelImage {
  const [, a, b, c] = shape as readonly [number, number, number, number];
  const [channels, height, width] = layout === "NCHW" ? [a, b, c] : [c, a, b];
  const plane = height * width;
  const pixels = new Uint8ClampedArray(plane * 3);
  for (let color = 0; color < 3; color++) {
    const channel = channels === 1 ? 0 : order === "bgr" ? 2 - color : color;
    const [start, step] = layout === "NCHW" ? [channel * plane, 1] : [channel, channels];
    const [factor, offset] = [(std[channel % std.length] ?? 1) / scale, (mean[channel % mean.length] ?? 0) / scale];
    for (let i = 0, read = start, write = color; i < plane; i++, read += step, write += 3) pixels[write] = Number(data[read]!) * factor + offset;
  }
  return { width, height, channels: 3, data: pixels };
}

/** ITU-R 601 luma, 0 to 255. */
export function lumaOf({ width, height, channels, data }: PixelImage): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0, read = 0; i < luma.length; i++, read += channels) {
    luma[i] = channels === 1 ? data[read]! : 0.299 * data[read]! + 0.587 * data[read + 1]! + 0.114 * data[read + 2]!;
  }
  return luma;
}

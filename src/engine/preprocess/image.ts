/** @file From decoded pixels to the model's input tensor: resize, centre crop, normalise, and the part of the image the model sees. */
import { float32, type Tensor } from "../ir/tensor.js";
import type { Preprocess } from "./description.js";
import { resample, type PixelImage, type Rectangle } from "./resample.js";

/** The pixels that the model sees, before they are normalised, and where they came from. */
export interface SeenImage {
  /** As large as the model's input; one channel for models that take gray. */
  readonly pixels: PixelImage;
  /** The part of the image that became the input, in the image's own pixels. Reaches beyond the image where the crop is larger than it. */
  readonly region: Rectangle;
}

/** What the model gets. */
export interface PreparedImage extends SeenImage {
  /** float32, `[1, channels, height, width]` or `[1, height, width, channels]`. */
  readonly tensor: Tensor;
}

/** Prepares an RGB image as the description says: `seeImage`, then `normalizePixels`. */
export function prepareImage(image: PixelImage, preprocess: Preprocess): PreparedImage {
  const seen = seeImage(image, preprocess);
  return { ...seen, tensor: normalizePixels(seen.pixels, preprocess) };
}

/**
 * Resizes and crops an RGB image as the description says. Both equal torchvision on PIL images byte for byte;
 * a crop larger than the image is padded with black.
 */
export function seeImage(image: PixelImage, preprocess: Preprocess): SeenImage {
  const { size: [height, width], crop, region } = placeOf(image, preprocess);
  const visible = intersect(crop, { x: 0, y: 0, width, height });
  const source = preprocess.channels === "gray" ? toGray(image) : image;
  const pixels = resample(source, [height, width], preprocess.interpolation, visible);
  return { pixels: pad(pixels, visible, crop), region };
}

/** The part of an image of this size that becomes the input, in its pixels: what `seeImage` gives, without the pixels. */
export function seenRegion(image: ImageSize, preprocess: Preprocess): Rectangle {
  return placeOf(image, preprocess).region;
}

type ImageSize = Pick<PixelImage, "width" | "height">;

function placeOf(image: ImageSize, preprocess: Preprocess): { readonly size: readonly [number, number]; readonly crop: Rectangle; readonly region: Rectangle } {
  const [height, width] = resizedSize(image, preprocess);
  const crop = cropWindow([height, width], preprocess);
  const region = {
    x: (crop.x * image.width) / width, y: (crop.y * image.height) / height,
    width: (crop.width * image.width) / width, height: (crop.height * image.height) / height,
  };
  return { size: [height, width], crop, region };
}

/** The whole image's `[height, width]` after resizing and before cropping. */
function resizedSize(image: ImageSize, { resize, size }: Preprocess): [number, number] {
  if (resize === "none") return [image.height, image.width];
  if (resize === "exact") return [size[0], size[1]];
  const short = Math.min(size[0], size[1]);
  // The longer side is cut to a whole number, not rounded (torchvision and transformers).
  const long = Math.trunc((short * Math.max(image.width, image.height)) / Math.min(image.width, image.height));
  return image.width <= image.height ? [long, short] : [short, long];
}

function cropWindow([height, width]: readonly [number, number], { crop, cropOffset }: Preprocess): Rectangle {
  if (crop === undefined) return { x: 0, y: 0, width, height };
  const offset = (outer: number, inner: number): number => {
    if (cropOffset === "floor") return Math.floor((outer - inner) / 2);
    return inner > outer ? -Math.floor((inner - outer) / 2) : roundHalfEven((outer - inner) / 2);
  };
  return { x: offset(width, crop[1]), y: offset(height, crop[0]), width: crop[1], height: crop[0] };
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function intersect(a: Rectangle, b: Rectangle): Rectangle {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return { x, y, width: Math.min(a.x + a.width, b.x + b.width) - x, height: Math.min(a.y + a.height, b.y + b.height) - y };
}

function pad(pixels: PixelImage, visible: Rectangle, crop: Rectangle): PixelImage {
  if (visible.width === crop.width && visible.height === crop.height) return pixels;
  const { channels } = pixels;
  const data = new Uint8ClampedArray(crop.width * crop.height * channels);
  for (let y = 0; y < visible.height; y++) {
    const row = pixels.data.subarray(y * visible.width * channels, (y + 1) * visible.width * channels);
    data.set(row, ((y + visible.y - crop.y) * crop.width + visible.x - crop.x) * channels);
  }
  return { width: crop.width, height: crop.height, channels, data };
}

/** ITU-R 601 luma in Pillow's 16-bit weights. */
function toGray({ width, height, data }: PixelImage): PixelImage {
  const gray = new Uint8ClampedArray(width * height);
  for (let i = 0, read = 0; i < gray.length; i++, read += 3) gray[i] = (data[read]! * 19595 + data[read + 1]! * 38470 + data[read + 2]! * 7471 + 0x8000) >> 16;
  return { width, height, channels: 1, data: gray };
}

/** The model's input tensor `[1, channels, height, width]` or `[1, height, width, channels]` out of the pixels it sees. */
export function normalizePixels(image: PixelImage, preprocess: Preprocess): Tensor {
  const values = new Float32Array(image.width * image.height * image.channels);
  normalizeInto(values, image, preprocess);
  return float32(inputShape(image, preprocess), values);
}

/** The shape of the input that pixels become. */
export function inputShape({ width, height, channels }: PixelImage, { layout }: Preprocess): readonly number[] {
  return layout === "NCHW" ? [1, channels, height, width] : [1, height, width, channels];
}

/** Writes the input's values into an array of its size. */
export function normalizeInto(values: Float32Array, { width, height, channels, data }: PixelImage, { scale, mean, std, channels: order, layout }: Preprocess): void {
  const plane = width * height;
  for (let c = 0; c < channels; c++) {
    const table = normalizationTable(scale, mean[c % mean.length] ?? 0, std[c % std.length] ?? 1);
    const from = order === "bgr" ? channels - 1 - c : c;
    const [start, step] = layout === "NCHW" ? [c * plane, 1] : [c, channels];
    for (let i = 0, read = from, write = start; i < plane; i++, read += channels, write += step) values[write] = table[data[read]!]!;
  }
}

/** The last tables, since thousands of images are normalised alike. */
const tables = new Map<string, Float32Array>();
const keptTables = 12;

/** Every pixel value's normalised value, rounded to float32 after each step as torch does. */
function normalizationTable(scale: number, mean: number, std: number): Float32Array {
  const key = `${scale} ${mean} ${std}`;
  const table = tables.get(key) ?? Float32Array.from({ length: 256 }, (_, value) => Math.fround(Math.fround(value * scale) - Math.fround(mean)) / Math.fround(std));
  if (!tables.has(key) && tables.size >= keptTables) tables.clear();
  tables.set(key, table);
  return table;
}

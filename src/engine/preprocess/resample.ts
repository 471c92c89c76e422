/** @file Image resampling bit for bit as Pillow does it: separable filters widened when shrinking, 22-bit weights, 8-bit rows between the passes. */
import type { Preprocess } from "./description.js";
import { resampleSimd, type Weights } from "./simd/resampleSimd.js";

/** Pixels of 8 bits, interleaved, row-major: `data[(y * width + x) * channels + c]`. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A part of an image, in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Filter {
  readonly support: number;
  weight(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
/** Keys' cubic with a = -0.5, as Pillow; torch's own bicubic without antialias has a = -0.75. */
const cubicA = -0.5;

const filters: Readonly<Record<Exclude<Preprocess["interpolation"], "nearest">, Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(x) {
      const t = Math.abs(x);
      if (t < 1) return ((cubicA + 2) * t - (cubicA + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * cubicA : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

const precisionBits = 22;
/** Half a unit, so that the shift rounds. */
const rounding = 1 << (precisionBits - 1);

function weightsFor(filter: Filter, inSize: number, outSize: number, from: number, count: number): Weights {
  const scale = inSize / outSize;
  // Shrinking widens the filter, which is what antialiasing means here.
  const widening = Math.max(scale, 1);
  const support = filter.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const values = new Int32Array(count * stride);
  const raw = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const center = (from + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const taps = Math.min(inSize, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += raw[k] = filter.weight((k + start - center + 0.5) / widening);
    for (let k = 0; k < taps; k++) {
      const weight = (sum === 0 ? raw[k]! : raw[k]! / sum) * 2 ** precisionBits;
      values[i * stride + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    starts[i] = start;
    counts[i] = taps;
  }
  return { starts, counts, values, stride };
}

/**
 * Resizes to `[height, width]` and returns the pixels of `window` of the result only, which costs no more than they need.
 * Equals `PIL.Image.resize` (and torchvision's `Resize` on PIL images) byte for byte.
 */
export function resample(image: PixelImage, [height, width]: readonly [number, number], interpolation: Preprocess["interpolation"], window: Rectangle): PixelImage {
  if (interpolation === "nearest") return nearest(image, [height, width], window);
  const filter = filters[interpolation];
  const rows = height === image.height ? undefined : weightsFor(filter, image.height, height, window.y, window.height);
  const columns = width === image.width ? undefined : weightsFor(filter, image.width, width, window.x, window.width);
  const firstRow = rows ? rows.starts[0]! : window.y;
  const lastRow = rows ? rows.starts[window.height - 1]! + rows.counts[window.height - 1]! : window.y + window.height;
  const fast = rows && columns && image.channels === 3 ? resampleSimd(image, columns, rows, firstRow, lastRow, precisionBits) : undefined;
  if (fast) return fast;
  const across = columns ? resampleColumns(image, columns, firstRow, lastRow, rows !== undefined) : cutColumns(image, window, firstRow, lastRow);
  return rows ? resampleRows(across, rows, firstRow) : across;
}

/** Holds what lies between the two passes, so that thousands of images do not leave as many arrays behind. */
let scratch = new Uint8ClampedArray(0);
const mostScratch = 1 << 24;

function scratchOf(size: number): Uint8ClampedArray {
  if (size > mostScratch) return new Uint8ClampedArray(size);
  if (scratch.length < size) scratch = new Uint8ClampedArray(size);
  return scratch;
}

function resampleColumns(image: PixelImage, weights: Weights, firstRow: number, lastRow: number, isBetween: boolean): PixelImage {
  const { width, channels, data } = image;
  const outWidth = weights.starts.length;
  const size = (lastRow - firstRow) * outWidth * channels;
  const result = isBetween ? scratchOf(size) : new Uint8ClampedArray(size);
  const resampleRow = channels === 3 ? resampleRgbRow : resampleGrayRow;
  for (let y = firstRow; y < lastRow; y++) resampleRow(data, y * width * channels, weights, result, (y - firstRow) * outWidth * channels);
  return { width: outWidth, height: lastRow - firstRow, channels, data: result };
}

/** All three channels in one go: this loop reads every pixel of the image, and reads each weight once. */
function resampleRgbRow(data: PixelImage["data"], from: number, { starts, counts, values, stride }: Weights, result: Uint8ClampedArray, to: number): void {
  for (let x = 0, write = to; x < starts.length; x++, write += 3) {
    let [red, green, blue] = [rounding, rounding, rounding];
    let read = from + starts[x]! * 3;
    for (let k = x * stride, end = k + counts[x]!; k < end; k++, read += 3) {
      const weight = values[k]!;
      red = (red + Math.imul(data[read]!, weight)) | 0;
      green = (green + Math.imul(data[read + 1]!, weight)) | 0;
      blue = (blue + Math.imul(data[read + 2]!, weight)) | 0;
    }
    result[write] = red >> precisionBits;
    result[write + 1] = green >> precisionBits;
    result[write + 2] = blue >> precisionBits;
  }
}

function resampleGrayRow(data: PixelImage["data"], from: number, { starts, counts, values, stride }: Weights, result: Uint8ClampedArray, to: number): void {
  for (let x = 0; x < starts.length; x++) {
    let sum = rounding;
    for (let k = 0, read = from + starts[x]!, weight = x * stride; k < counts[x]!; k++) sum = (sum + Math.imul(data[read + k]!, values[weight + k]!)) | 0;
    result[to + x] = sum >> precisionBits;
  }
}

/** Three values of a row at a time, which read each weight once; what is left of a row of grey pixels comes one by one. */
function resampleRows({ width, channels, data }: PixelImage, { starts, counts, values, stride }: Weights, firstRow: number): PixelImage {
  const height = starts.length;
  const rowLength = width * channels;
  const triples = rowLength - (rowLength % 3);
  const result = new Uint8ClampedArray(height * rowLength);
  for (let y = 0, write = 0; y < height; y++) {
    const from = (starts[y]! - firstRow) * rowLength;
    const [first, end] = [y * stride, y * stride + counts[y]!];
    for (let i = 0; i < triples; i += 3, write += 3) {
      let [a, b, c] = [rounding, rounding, rounding];
      for (let k = first, read = from + i; k < end; k++, read += rowLength) {
        const weight = values[k]!;
        a = (a + Math.imul(data[read]!, weight)) | 0;
        b = (b + Math.imul(data[read + 1]!, weight)) | 0;
        c = (c + Math.imul(data[read + 2]!, weight)) | 0;
      }
      result[write] = a >> precisionBits;
      result[write + 1] = b >> precisionBits;
      result[write + 2] = c >> precisionBits;
    }
    for (let i = triples; i < rowLength; i++, write++) {
      let sum = rounding;
      for (let k = first, read = from + i; k < end; k++, read += rowLength) sum = (sum + Math.imul(data[read]!, values[k]!)) | 0;
      result[write] = sum >> precisionBits;
    }
  }
  return { width, height, channels, data: result };
}

function cutColumns({ width, channels, data }: PixelImage, window: Rectangle, firstRow: number, lastRow: number): PixelImage {
  const result = new Uint8ClampedArray((lastRow - firstRow) * window.width * channels);
  for (let y = firstRow; y < lastRow; y++) {
    const begin = (y * width + window.x) * channels;
    result.set(data.subarray(begin, begin + window.width * channels), (y - firstRow) * window.width * channels);
  }
  return { width: window.width, height: lastRow - firstRow, channels, data: result };
}

function nearest({ width, height, channels, data }: PixelImage, [outHeight, outWidth]: readonly [number, number], window: Rectangle): PixelImage {
  const columns = nearestPositions(width, outWidth);
  const rows = nearestPositions(height, outHeight);
  const result = new Uint8ClampedArray(window.width * window.height * channels);
  let write = 0;
  for (let y = window.y; y < window.y + window.height; y++) {
    for (let x = window.x; x < window.x + window.width; x++) {
      const read = (rows[y]! * width + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) result[write++] = data[read + c]!;
    }
  }
  return { width: window.width, height: window.height, channels, data: result };
}

/** Added up step by step as Pillow does, since a product rounds differently at exact pixel borders. */
function nearestPositions(inSize: number, outSize: number): Int32Array {
  const scale = inSize / outSize;
  const positions = new Int32Array(outSize);
  for (let i = 0, at = scale * 0.5; i < outSize; i++, at += scale) positions[i] = Math.min(inSize - 1, Math.trunc(at));
  return positions;
}

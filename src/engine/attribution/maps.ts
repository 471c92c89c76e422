/** @file Arithmetic on maps over an image: range, stretching, resizing. Shared by methods that combine layers or mask images, and by the drawing. */
import type { PlainTensor } from "./parameters.js";

/** The smallest and largest value; not-a-number is passed over. Both 0 for an empty array. */
export function rangeOf(data: Float32Array): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const value of data) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : [0, 0];
}

/** Stretches the values to 0 to 1; a constant map becomes 0 everywhere. */
export function minMax({ shape, data }: PlainTensor): PlainTensor {
  const [min, max] = rangeOf(data);
  return { shape, data: max > min ? data.map((value) => (value - min) / (max - min)) : new Float32Array(data.length) };
}

/** The positive part. */
export function relu({ shape, data }: PlainTensor): PlainTensor {
  return { shape, data: data.map((value) => Math.max(0, value)) };
}

/**
 * Where output cells stand on the input's grid. `half-pixel`: cells are areas (cv2.INTER_LINEAR, PyTorch's align_corners = False), edges clamped.
 * `corners`: cells are points, the outermost ones coincide (align_corners = True, `UpsamplingBilinear2d`).
 */
export type Alignment = "half-pixel" | "corners";

/** Bilinear resize of `[h, w]` to `[height, width]`, without antialiasing. A map of that size already is returned as it is. */
export function resizeBilinear({ shape, data }: PlainTensor, [height, width]: readonly [number, number], alignment: Alignment = "half-pixel"): PlainTensor {
  const [inHeight, inWidth] = [shape[0]!, shape[1]!];
  if (inHeight === height && inWidth === width) return { shape, data };
  const columns = taps(inWidth, width, alignment);
  const rows = taps(inHeight, height, alignment);
  const result = new Float32Array(height * width);
  for (let y = 0, write = 0; y < height; y++) {
    const top = rows.low[y]! * inWidth;
    const bottom = rows.high[y]! * inWidth;
    const down = rows.share[y]!;
    for (let x = 0; x < width; x++) {
      const [left, right, across] = [columns.low[x]!, columns.high[x]!, columns.share[x]!];
      const upper = data[top + left]! * (1 - across) + data[top + right]! * across;
      const lower = data[bottom + left]! * (1 - across) + data[bottom + right]! * across;
      result[write++] = upper * (1 - down) + lower * down;
    }
  }
  return { shape: [height, width], data: result };
}

/** For each output position, the two input positions it lies between and the share of the second. */
function taps(inSize: number, outSize: number, alignment: Alignment) {
  const low = new Int32Array(outSize);
  const high = new Int32Array(outSize);
  const share = new Float64Array(outSize);
  for (let i = 0; i < outSize; i++) {
    const place = alignment === "corners" ? (outSize > 1 ? (i * (inSize - 1)) / (outSize - 1) : 0) : ((i + 0.5) * inSize) / outSize - 0.5;
    const at = Math.min(inSize - 1, Math.max(0, place));
    low[i] = Math.floor(at);
    high[i] = Math.min(inSize - 1, low[i]! + 1);
    share[i] = at - low[i]!;
  }
  return { low, high, share };
}

/** @file From a raw attribution to the map that is drawn: one value per pixel, 0 to 1. */

/** Numbers in row-major order with their shape. */
export interface Grid {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How a pixel's channels become one value: `max-abs` and `sum-abs` of the absolute values, `sum` signed, `abs-sum` the absolute value of that. */
export type ChannelReduction = "max-abs" | "sum-abs" | "sum" | "abs-sum";

const reductions: Readonly<Record<ChannelReduction, { add(total: number, value: number): number; end(total: number): number }>> = {
  "max-abs": { add: (total, value) => Math.max(total, Math.abs(value)), end: (total) => total },
  "sum-abs": { add: (total, value) => total + Math.abs(value), end: (total) => total },
  sum: { add: (total, value) => total + value, end: (total) => total },
  "abs-sum": { add: (total, value) => total + value, end: Math.abs },
};

/** Reduces `[1, c, h, w]` (or `[1, h, w, c]`) to `[h, w]`. */
export function reduceChannels({ shape, data }: Grid, how: ChannelReduction, layout: "NCHW" | "NHWC" = "NCHW"): Grid {
  const [channels, height, width] = layout === "NCHW" ? [shape[1]!, shape[2]!, shape[3]!] : [shape[3]!, shape[1]!, shape[2]!];
  const plane = height * width;
  const [channelStep, pixelStep] = layout === "NCHW" ? [plane, 1] : [1, channels];
  const { add, end } = reductions[how];
  const result = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    let total = 0;
    for (let c = 0; c < channels; c++) total = add(total, data[i * pixelStep + c * channelStep]!);
    result[i] = end(total);
  }
  return { shape: [height, width], data: result };
}

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
export function minMax({ shape, data }: Grid): Grid {
  const [min, max] = rangeOf(data);
  return { shape, data: max > min ? data.map((value) => (value - min) / (max - min)) : new Float32Array(data.length) };
}

/** Divides by the largest value, so that 0 stays 0: a map of magnitudes keeps its true zero. All 0 when nothing is above 0. */
export function divideByMax({ shape, data }: Grid): Grid {
  const [, max] = rangeOf(data);
  return { shape, data: max > 0 ? data.map((value) => value / max) : new Float32Array(data.length) };
}

/** Bilinear resize of `[h, w]` to `[height, width]` with half-pixel centres and clamped edges, without antialiasing (cv2.INTER_LINEAR, align_corners = False). */
export function resizeBilinear({ shape, data }: Grid, [height, width]: readonly [number, number]): Grid {
  const [inHeight, inWidth] = [shape[0]!, shape[1]!];
  if (inHeight === height && inWidth === width) return { shape, data };
  const columns = taps(inWidth, width);
  const rows = taps(inHeight, height);
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
function taps(inSize: number, outSize: number) {
  const low = new Int32Array(outSize);
  const high = new Int32Array(outSize);
  const share = new Float64Array(outSize);
  for (let i = 0; i < outSize; i++) {
    const at = Math.min(inSize - 1, Math.max(0, ((i + 0.5) * inSize) / outSize - 0.5));
    low[i] = Math.floor(at);
    high[i] = Math.min(inSize - 1, low[i]! + 1);
    share[i] = at - low[i]!;
  }
  return { low, high, share };
}

/**
 * The map as drawn by default, `[H, W]`, 0 to 1.
 * `grid` (`[h, w]`): ReLU, min-max, bilinear to the model's input, min-max again, as pytorch-grad-cam.
 * `pixels` (`[1, c, h, w]` or `[1, h, w, c]`): channels reduced as the method has it, divided by its maximum, so that 0 means no attribution.
 */
export function defaultHeatmap(
  attribution: Grid, { form, drawn }: { readonly form: "grid" | "pixels"; readonly drawn: ChannelReduction }, size: readonly [number, number], layout: "NCHW" | "NHWC" = "NCHW",
): Grid {
  if (form === "pixels") return divideByMax(reduceChannels(attribution, drawn, layout));
  const positive = { shape: attribution.shape, data: attribution.data.map((value) => Math.max(0, value)) };
  return minMax(resizeBilinear(minMax(positive), size));
}

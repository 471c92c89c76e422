/** @file From a raw attribution to the map that is drawn: one value per pixel, 0 to 1. */
import { minMax, rangeOf, relu, resizeBilinear } from "../engine/attribution/maps.js";

// Methods that combine layers need the same arithmetic, so the engine owns it.
export { minMax, rangeOf, resizeBilinear };

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

/** Divides by the largest absolute value, so that 0 stays 0: a map keeps its true zero. All 0 when nothing differs from 0. */
export function divideByMax({ shape, data }: Grid): Grid {
  const [low, high] = rangeOf(data);
  const max = Math.max(-low, high);
  return { shape, data: max > 0 ? data.map((value) => value / max) : new Float32Array(data.length) };
}

/**
 * The map as drawn by default, `[H, W]`, 0 to 1; -1 to 1 for methods whose channels are added with their signs.
 * `grid` (`[h, w]`): ReLU, min-max, bilinear to the model's input, min-max again, as pytorch-grad-cam.
 * `pixels` (`[1, c, h, w]` or `[1, h, w, c]`): channels reduced as the method has it, divided by the largest absolute value, so that 0 means no attribution.
 */
export function defaultHeatmap(
  attribution: Grid, { form, drawn }: { readonly form: "grid" | "pixels"; readonly drawn: ChannelReduction }, size: readonly [number, number], layout: "NCHW" | "NHWC" = "NCHW",
): Grid {
  if (form === "pixels") return divideByMax(reduceChannels(attribution, drawn, layout));
  return minMax(resizeBilinear(minMax(relu(attribution)), size));
}

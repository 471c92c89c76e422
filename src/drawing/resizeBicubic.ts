/** @file Bicubic resizing of a map, as Pillow enlarges pictures: a = -0.5, half-pixel centres, weights at the edge spread over what is there. */
import type { Grid } from "./heatmap.js";

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The cubic convolution kernel with a = -0.5 (Keys, 1981). */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Smaller outputs average over what they cover, as Pillow does. */
function tapsOf(inSize: number, outSize: number): Taps[] {
  const scale = inSize / outSize;
  const spread = Math.max(1, scale);
  return Array.from({ length: outSize }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - 2 * spread + 0.5));
    const end = Math.min(inSize, Math.floor(center + 2 * spread + 0.5));
    const weights = Array.from({ length: end - first }, (_item, k) => cubic((first + k - center + 0.5) / spread));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

/** `[h, w]` to `[height, width]`. Values may overshoot their neighbours' range a little. */
export function resizeBicubic({ shape, data }: Grid, [height, width]: readonly [number, number]): Grid {
  const [inHeight, inWidth] = [shape[0]!, shape[1]!];
  if (inHeight === height && inWidth === width) return { shape, data };
  const columns = tapsOf(inWidth, width);
  const across = new Float64Array(inHeight * width);
  for (let y = 0; y < inHeight; y++) for (let x = 0; x < width; x++) {
    const { first, weights } = columns[x]!;
    across[y * width + x] = weights.reduce((total, weight, k) => total + weight * data[y * inWidth + first + k]!, 0);
  }
  const result = new Float32Array(height * width);
  for (const [y, { first, weights }] of tapsOf(inHeight, height).entries()) {
    for (let x = 0; x < width; x++) result[y * width + x] = weights.reduce((total, weight, k) => total + weight * across[(first + k) * width + x]!, 0);
  }
  return { shape: [height, width], data: result };
}

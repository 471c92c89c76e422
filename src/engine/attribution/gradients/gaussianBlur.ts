/** @file Gaussian blur of an image of any axis order. */
import type { PixelGrid } from "../perturbations/pixelGrid.js";

/** What lies beyond the border: the image mirrored at its outermost pixels (torchvision, `reflect`), or zeros (`scipy.ndimage`, `constant`). */
export type Border = "mirror" | "zero";

/** Kernels reach this many standard deviations, as `scipy.ndimage.gaussian_filter`'s do. */
const truncate = 4;

/** Blurs every channel; `sigma` is in pixels, and 0 leaves the image as it is. */
export function gaussianBlur(values: ArrayLike<number>, grid: PixelGrid, sigma: number, border: Border): Float64Array {
  const { height, width, channels, channelStep, placeStep } = grid;
  const source = Float64Array.from(values);
  const radius = Math.trunc(truncate * sigma + 0.5);
  if (radius === 0) return source;
  const [across, down] = [bandsOf(width, sigma, radius, border), bandsOf(height, sigma, radius, border)];
  const half = new Float64Array(source.length);
  const blurred = new Float64Array(source.length);
  for (let c = 0; c < channels; c++) {
    const start = c * channelStep;
    for (let y = 0; y < height; y++) filterLine(source, half, start + y * width * placeStep, placeStep, across);
    for (let x = 0; x < width; x++) filterLine(half, blurred, start + x * placeStep, width * placeStep, down);
  }
  return blurred;
}

/** What one place takes from the places of its line, from `first` on. */
interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The kernel at every place of a line, with what it takes from beyond the border folded back. */
function bandsOf(length: number, sigma: number, radius: number, border: Border): readonly Band[] {
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const total = 2 * kernel.reduce((a, b) => a + b, 0) - kernel[0]!;
  return Array.from({ length }, (_, center) => {
    const row = new Float64Array(length);
    for (let offset = -radius; offset <= radius; offset++) {
      const at = border === "mirror" ? mirrored(center + offset, length) : center + offset;
      if (at >= 0 && at < length) row[at]! += kernel[Math.abs(offset)]! / total;
    }
    const first = Math.max(0, border === "mirror" && radius >= length ? 0 : center - radius);
    return { first, weights: row.subarray(first, Math.min(length, center + radius + 1)) };
  });
}

function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((at % period) + period) % period;
  return within < length ? within : period - within;
}

function filterLine(from: Float64Array, into: Float64Array, start: number, step: number, bands: readonly Band[]): void {
  for (let i = 0; i < bands.length; i++) {
    const { first, weights } = bands[i]!;
    let [sum, at] = [0, start + first * step];
    for (let k = 0; k < weights.length; k++, at += step) sum += weights[k]! * from[at]!;
    into[start + i * step] = sum;
  }
}

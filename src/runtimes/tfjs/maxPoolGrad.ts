/** @file The gradient of max pooling in plain TypeScript, for backends whose kernel does not cover it. */
import type { Pair } from "./convolve.js";

/** A pooling window over height and width; `before` is the padding at the top and left. */
export interface PoolWindow {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly before: Pair;
}

/**
 * dx for x `[n, h, w, c]` and dy `[n, oh, ow, c]`, both channels last: each window's cotangent goes to its first maximum
 * in row-major order, and NaN counts as the maximum, as in PyTorch.
 * `dx` holds zeros and is filled.
 */
export function maxPoolGrad(
  x: Float32Array, [n, h, w, c]: readonly [number, number, number, number], dy: Float32Array, [, oh, ow]: readonly [number, number, number, number], window: PoolWindow,
  dx: Float32Array = new Float32Array(x.length),
): Float32Array {
  const { kernel, strides, dilations, before } = window;
  const best = new Float32Array(c);
  const bestAt = new Int32Array(c);
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < oh; row++) {
      for (let column = 0; column < ow; column++) {
        bestAt.fill(-1);
        for (let i = 0; i < kernel[0]; i++) {
          const y = row * strides[0] - before[0] + i * dilations[0];
          if (y < 0 || y >= h) continue;
          for (let j = 0; j < kernel[1]; j++) {
            const z = column * strides[1] - before[1] + j * dilations[1];
            if (z >= 0 && z < w) keepLarger(x, ((image * h + y) * w + z) * c, c, best, bestAt);
          }
        }
        const from = ((image * oh + row) * ow + column) * c;
        for (let channel = 0; channel < c; channel++) if (bestAt[channel]! >= 0) dx[bestAt[channel]!]! += dy[from + channel]!;
      }
    }
  }
  return dx;
}

function keepLarger(x: Float32Array, at: number, channels: number, best: Float32Array, bestAt: Int32Array): void {
  for (let channel = 0; channel < channels; channel++) {
    const value = x[at + channel]!;
    if (bestAt[channel]! < 0 || value > best[channel]! || (value !== value && best[channel] === best[channel])) {
      best[channel] = value;
      bestAt[channel] = at + channel;
    }
  }
}

/** @file Windows that slide over an image, as Captum's `Occlusion` slides them. */

export interface Window {
  readonly top: number;
  readonly left: number;
  /** One past the last row and column; cut at the border. */
  readonly bottom: number;
  readonly right: number;
}

/** Where windows start along one side: `k * stride` for k = 0 .. ceil((side - window) / stride). The last may stick out. */
export function windowStarts(side: number, window: number, stride: number): number[] {
  return Array.from({ length: Math.ceil((side - window) / stride) + 1 }, (_, k) => k * stride);
}

/** All windows, row by row. `window` must be at most the shorter side, and `stride` at most `window`, so that together they cover the image. */
export function windowsOver(height: number, width: number, window: number, stride: number): Window[] {
  return windowStarts(height, window, stride).flatMap((top) =>
    windowStarts(width, window, stride).map((left) => ({ top, left, bottom: Math.min(height, top + window), right: Math.min(width, left + window) })));
}

/** Adds a value to every place of a window. */
export function addOverWindow(plane: Float64Array, width: number, { top, left, bottom, right }: Window, value: number): void {
  for (let y = top; y < bottom; y++) for (let p = y * width + left, end = y * width + right; p < end; p++) plane[p]! += value;
}

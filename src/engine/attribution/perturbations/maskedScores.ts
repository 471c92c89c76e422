/** @file Scores of the image with parts of it taken away: what every perturbation method asks the model for. */
import type { MethodContext } from "../context.js";
import type { PlainTensor } from "../parameters.js";
import type { PixelGrid } from "./pixelGrid.js";

/** Writes how much of each place is kept, 0 to 1, into `[h * w]`. */
export type MakeMask = (i: number, into: Float32Array) => void;

export interface MaskedScores {
  readonly grid: PixelGrid;
  /** What stands where the image is taken away, each of the input's size; with several, a mask's score is the mean over them. */
  readonly fills: readonly Float32Array[];
  readonly count: number;
  readonly mask: MakeMask;
  /** Scores come in the order of the masks. */
  readonly each: (i: number, score: number) => void;
  readonly partial?: (() => PlainTensor) | undefined;
}

/** `mask * x + (1 - mask) * fill`, exactly x where the mask is 1 and exactly the fill where it is 0. All channels of a place share its mask. */
export function mixInto(into: Float32Array, x: Float32Array, fill: Float32Array, mask: Float32Array, { channels, channelStep, placeStep }: PixelGrid): void {
  for (let c = 0; c < channels; c++) {
    for (let p = 0, i = c * channelStep; p < mask.length; p++, i += placeStep) {
      const kept = mask[p]!;
      into[i] = kept === 1 ? x[i]! : kept === 0 ? fill[i]! : kept * x[i]! + (1 - kept) * fill[i]!;
    }
  }
}

/** Runs the model on the image under every mask, in batches. Masks are made when they are needed and never kept. */
export async function forEachMasked(context: MethodContext, { grid, fills, count, mask, each, partial }: MaskedScores): Promise<void> {
  const plane = new Float32Array(grid.height * grid.width);
  let made = -1;
  let total = 0;
  await context.forEachScore(count * fills.length, (k, into) => {
    const i = Math.floor(k / fills.length);
    if (i !== made) mask(i, plane);
    made = i;
    mixInto(into, context.x, fills[k % fills.length]!, plane, grid);
  }, (k, { score }) => {
    total += score;
    if ((k + 1) % fills.length !== 0) return;
    each(Math.floor(k / fills.length), total / fills.length);
    total = 0;
  }, partial ? { partial } : {});
}

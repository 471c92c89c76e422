/** @file RISE: random masks, each weighed with the score of what it leaves visible. */
import type { MethodContext } from "../context.js";
import { resizeBilinear } from "../maps.js";
import { defineMethod } from "../method.js";
import type { Values } from "../parameters.js";
import type { Random } from "../random.js";
import { drawsOf, fillParameters, fillsOf } from "./fills.js";
import { createMaskMean } from "./maskMean.js";
import { forEachMasked } from "./maskedScores.js";
import { pixelGridOf } from "./pixelGrid.js";

const parameters = {
  /** The paper takes 4000 to 8000; the error falls with the square root. */
  masks: { kind: "number", default: 500, min: 2, integer: true },
  /** Cells of the coarse grid along each side. */
  cells: { kind: "number", default: 7, min: 1, max: 64, integer: true },
  /** Of a cell being visible. */
  probability: { kind: "number", default: 0.5, min: 0.01, max: 0.99 },
  /** What sums are divided by: how visible the place was in these very masks, or, as in the paper, how visible it is expected to be. */
  coverage: { kind: "choice", default: "measured", choices: ["measured", "expected"] },
  ...fillParameters,
} as const;

/** A coarse grid of cells, and where the image lies on it once enlarged. */
export interface CoarseMask {
  readonly cells: Float32Array;
  readonly shiftY: number;
  readonly shiftX: number;
}

/** A grid of `cells` by `cells`, each visible with the probability, and a shift below one enlarged cell. */
export function drawMask(cells: number, probability: number, height: number, width: number, random: Random): CoarseMask {
  const drawn = Float32Array.from({ length: cells * cells }, () => (random.uniform() < probability ? 1 : 0));
  return { cells: drawn, shiftY: random.below(Math.ceil(height / cells)), shiftX: random.below(Math.ceil(width / cells)) };
}

/** The part `[h, w]` of the grid enlarged bilinearly (half-pixel centres) to one cell more than the image on each side, beginning at its shift. */
export function enlargeMask(into: Float32Array, { cells, shiftY, shiftX }: CoarseMask, height: number, width: number): void {
  const side = Math.sqrt(cells.length);
  const [rows, columns] = [(side + 1) * Math.ceil(height / side), (side + 1) * Math.ceil(width / side)];
  const { data } = resizeBilinear({ shape: [side, side], data: cells }, [rows, columns]);
  for (let y = 0; y < height; y++) into.set(data.subarray((y + shiftY) * columns + shiftX, (y + shiftY) * columns + shiftX + width), y * width);
}

/**
 * Petsiuk et al., arXiv 1806.07421: the mean score of masked images, weighed by how visible the place was.
 * The paper divides by the expected visibility, the default by the measured one. Both aim at the same number, the second with much less noise:
 * what is the same under every mask adds the same everywhere, whatever the masks were. The default also takes off the mean score of all masks (the fact `meanScore`), so that 0 is a place whose
 * showing makes no difference; the paper's raw map has no such zero, and is negative everywhere where logits are.
 * The score is the target's own, logit or probability; the paper explains probabilities.
 */
export const rise = defineMethod({ family: "perturbation", form: "grid", parameters, run: explain });

async function explain(context: MethodContext, given: Values<typeof parameters>) {
  const { masks, cells, probability, coverage, seed } = given;
  const grid = pixelGridOf(context);
  const { height, width } = grid;
  const random = drawsOf(seed);
  // Only the coarse grids are kept: an enlarged mask is made again for its sum.
  const drawn = Array.from({ length: masks }, () => drawMask(cells, probability, height, width, random));
  const mask = (i: number, into: Float32Array) => enlargeMask(into, drawn[i]!, height, width);
  const mean = createMaskMean(height * width, coverage === "expected" ? probability : undefined);
  const plane = new Float32Array(height * width);
  let scores = 0;
  let done = 0;
  const meanScore = () => (coverage === "measured" && done > 0 ? scores / done : 0);
  const map = () => {
    const zero = meanScore();
    return { shape: [height, width], data: mean.values().map((value) => value - zero) };
  };
  await forEachMasked(context, {
    grid, fills: fillsOf(context, given), count: masks, mask, partial: map,
    each: (i, score) => {
      mask(i, plane);
      mean.add(plane, score);
      scores += score;
      done++;
    },
  });
  return { attribution: map(), facts: { masks, meanScore: meanScore(), standardError: mean.standardError() } };
}

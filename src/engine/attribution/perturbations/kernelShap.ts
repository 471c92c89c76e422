/** @file KernelSHAP: Shapley values of superpixels, by a weighted regression over subsets of them. */
import { WhylightError } from "../../errors.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { Values } from "../parameters.js";
import { shapleyCoalitions, type Coalition } from "./coalitions.js";
import { drawsOf, fillParameters, fillsOf } from "./fills.js";
import { leastSquares, standardErrors, type Fit, type Observation } from "./leastSquares.js";
import { forEachMasked } from "./maskedScores.js";
import { pixelGridOf } from "./pixelGrid.js";
import { keep, partialOf, rootMeanSquare, segmentationOf, segmentationParameters, spread } from "./segmentation.js";

const parameters = {
  ...segmentationParameters,
  /** Subsets tried, besides none and all; 2^superpixels - 2 or more try every one, and the values are exact. */
  samples: { kind: "number", default: 500, min: 2, integer: true },
  ...fillParameters,
} as const;

/**
 * Lundberg and Lee, arXiv 1705.07874: the game's value is the score of the image with only a subset of superpixels present. Each superpixel gets its Shapley value;
 * they add up to the score's difference between image and fill, exactly, because that is put into the regression.
 * Throws `parameterInvalid` when the samples do not settle the values.
 */
export const kernelShap = defineMethod({ family: "perturbation", form: "grid", parameters, run: explain });

async function explain(context: MethodContext, given: Values<typeof parameters>) {
  const { samples, seed } = given;
  const grid = pixelGridOf(context);
  const superpixels = segmentationOf(context, given, grid);
  const { count } = superpixels;
  const none: Coalition = { members: new Uint8Array(count), weight: 0, draw: undefined };
  const coalitions = [none, ...(count > 1 ? shapleyCoalitions(count, samples, drawsOf(seed)) : [])];
  const { score: all } = await context.atInput();
  const played: Played[] = [];
  let empty = 0;
  const shape = [grid.height, grid.width];
  await forEachMasked(context, {
    grid, fills: fillsOf(context, given), count: coalitions.length,
    partial: partialOf(count, () => {
      // A little ridge gives superpixels that no subset has told apart yet equal shares.
      const game = regression(played, count, all - empty, 1e-6);
      return { shape, data: spread(superpixels, valuesOf(game.fit!, game.share)) };
    }),
    mask: (i, into) => keep(into, superpixels, coalitions[i]!.members),
    each: (i, score) => {
      if (i === 0) empty = score;
      else played.push({ ...coalitions[i]!, value: score - empty });
    },
  });
  const { fit, observations, share } = regression(played, count, all - empty, 0);
  if (!fit) {
    throw new WhylightError("parameterInvalid", { parameter: "samples", reason: `${samples} do not settle the values of ${count} superpixels; take at least ${4 * count}` });
  }
  const values = valuesOf(fit, share);
  // All zeros where every subset was tried.
  const errors = standardErrors(observations, fit);
  return {
    attribution: { shape, data: spread(superpixels, values) },
    completeness: { sum: values.reduce((a, b) => a + b, 0), difference: all - empty },
    facts: { superpixels: count, subsets: coalitions.length + 1, ...(errors && { standardError: count > 1 ? rootMeanSquare(errors) : 0 }) },
  };
}

interface Played extends Coalition {
  /** How much more than the empty subset it scores. */
  readonly value: number;
}

/**
 * The regression for how far each value is from an equal share of the total. Those deviations add up to nothing, so the last is minus the sum of the others,
 * and what is left has no constraint.
 */
function regression(played: readonly Played[], count: number, total: number, ridge: number) {
  const share = total / count;
  const observations: Observation[] = played.map(({ members, weight, draw, value }) => {
    const last = members.at(-1)!;
    const size = members.reduce((sum, member) => sum + member, 0);
    return { features: Float64Array.from(members.subarray(0, -1), (member) => member - last), value: value - size * share, weight, draw };
  });
  // The last deviation has a ridge too.
  const pull: Observation = { features: new Float64Array(count - 1).fill(-1), value: 0, weight: ridge, draw: undefined };
  return { fit: leastSquares([...observations, pull], new Array<number>(count - 1).fill(ridge)), observations, share };
}

function valuesOf({ coefficients }: Fit, share: number): Float64Array {
  return Float64Array.of(...coefficients, -coefficients.reduce((a, b) => a + b, 0)).map((deviation) => share + deviation);
}

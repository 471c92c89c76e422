/** @file KernelSHAP: Shapley values of superpixels, by a weighted regression over subsets of them. */
import { WhylightError } from "../../errors.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { Values } from "../parameters.js";
import { createRandom } from "../random.js";
import { shapleyCoalitions, type Coalition } from "./coalitions.js";
import { fillSpec, fillsOf } from "./fills.js";
import { leastSquares, standardErrors, type Fit, type Observation } from "./leastSquares.js";
import { forEachMasked } from "./maskedScores.js";
import { pixelGridOf } from "./pixelGrid.js";
import { keep, rootMeanSquare, segmentationOf, segmentationParameters, spread } from "./segmentation.js";

const parameters = {
  ...segmentationParameters,
  /** Subsets tried, besides none and all; 2^superpixels - 2 or more try every one, and the values are exact. */
  samples: { kind: "number", default: 500, min: 2, integer: true },
  fill: fillSpec,
  seed: { kind: "number", default: 0, min: 0, integer: true },
} as const;

/**
 * Lundberg and Lee, arXiv 1705.07874: the game's value is the score of the image with only a subset of superpixels present. Each superpixel gets its Shapley value;
 * they add up to the score's difference between image and fill, exactly, because that is put into the regression.
 * Throws `parameterInvalid` when the samples do not settle the values.
 */
export const kernelShap = defineMethod({ family: "perturbation", form: "grid", parameters, run: explain });

async function explain(context: MethodContext, given: Values<typeof parameters>) {
  const { samples, fill, seed } = given;
  const grid = pixelGridOf(context);
  const superpixels = segmentationOf(context, given, grid);
  const { count } = superpixels;
  const none: Coalition = { members: new Uint8Array(count), weight: 0, draw: undefined };
  const coalitions = [none, ...(count > 1 ? shapleyCoalitions(count, samples, createRandom(seed)) : [])];
  const { score: all } = await context.atInput();
  let empty = 0;
  const observations: Observation[] = [];
  const shape = [grid.height, grid.width];
  await forEachMasked(context, {
    grid, fills: fillsOf(context, fill, seed), count: coalitions.length,
    // A little ridge settles what the subsets so far leave open.
    partial: () => ({ shape, data: spread(superpixels, shapleyValues(leastSquares(observations, new Array<number>(count - 1).fill(1e-6))!, all - empty)) }),
    mask: (i, into) => keep(into, superpixels, coalitions[i]!.members),
    each: (i, score) => {
      if (i === 0) empty = score;
      else observations.push(observe(coalitions[i]!, score - empty, all - empty));
    },
  });
  const fit = leastSquares(observations, new Array<number>(count - 1).fill(0));
  if (!fit) throw new WhylightError("parameterInvalid", { parameter: "samples", reason: `${samples} do not settle the values of ${count} superpixels; take at least ${4 * count}` });
  const values = shapleyValues(fit, all - empty);
  const isExact = observations.every(({ draw }) => draw === undefined);
  const errors = isExact ? undefined : standardErrors(observations, fit);
  return {
    attribution: { shape, data: spread(superpixels, values) },
    completeness: { sum: values.reduce((a, b) => a + b, 0), difference: all - empty },
    facts: { superpixels: count, subsets: coalitions.length + 1, exact: isExact ? "yes" : "no", ...(errors && { standardError: rootMeanSquare(errors) }) },
  };
}

/** The last value is the total less the others: put in, it leaves a regression without a constraint. */
function observe({ members, weight, draw }: Coalition, value: number, total: number): Observation {
  const last = members.at(-1)!;
  return { features: Float64Array.from(members.subarray(0, -1), (member) => member - last), value: value - last * total, weight, draw };
}

function shapleyValues({ coefficients }: Fit, total: number): Float64Array {
  return Float64Array.of(...coefficients, total - coefficients.reduce((a, b) => a + b, 0));
}

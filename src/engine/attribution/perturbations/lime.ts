/** @file LIME: a linear model of the score around the image, over superpixels present or absent. */
import { WhylightError } from "../../errors.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { Values } from "../parameters.js";
import { drawsOf, fillParameters, fillsOf } from "./fills.js";
import { determination, leastSquares, standardErrors, type Observation } from "./leastSquares.js";
import { forEachMasked } from "./maskedScores.js";
import { pixelGridOf } from "./pixelGrid.js";
import { keep, partialOf, rootMeanSquare, segmentationOf, segmentationParameters, spread } from "./segmentation.js";

const parameters = {
  ...segmentationParameters,
  samples: { kind: "number", default: 500, min: 1, integer: true },
  /** Of the exponential kernel over the cosine distance from the whole image. */
  "kernel-width": { kind: "number", default: 0.25, min: 0.001 },
  /** Penalty on the squared coefficients; the intercept goes free. */
  ridge: { kind: "number", default: 1, min: 0 },
  ...fillParameters,
} as const;

/** `exp(-d^2 / (2 width^2))`, d the cosine distance between a row of flags and all ones; 1 for no flag at all. */
export function kernelWeight(present: number, of: number, width: number): number {
  const distance = 1 - Math.sqrt(present / of);
  return Math.exp(-(distance * distance) / (2 * width * width));
}

/**
 * Ribeiro et al., arXiv 1602.04938, with the kernel and the ridge of the authors' `lime_image` (Captum's default is a lasso): every superpixel is present or absent
 * with equal chance, the image itself comes first, and each superpixel gets its coefficient. Throws `parameterInvalid` when the samples do not settle the coefficients.
 */
export const lime = defineMethod({ family: "perturbation", form: "grid", parameters, run: explain });

async function explain(context: MethodContext, given: Values<typeof parameters>) {
  const { samples, "kernel-width": kernelWidth, ridge, seed } = given;
  const grid = pixelGridOf(context);
  const superpixels = segmentationOf(context, given, grid);
  const { count } = superpixels;
  const random = drawsOf(seed);
  const drawn = Array.from({ length: samples }, () => Uint8Array.from({ length: count }, () => random.below(2)));
  /** The intercept stands last. */
  const ridges = [...new Array<number>(count).fill(ridge), 0];
  const observe = (members: Uint8Array, value: number, draw: number | undefined): Observation => {
    const present = members.reduce((sum, member) => sum + member, 0);
    return { features: [...members, 1], value, weight: kernelWeight(present, count, kernelWidth), draw };
  };
  const observations = [observe(new Uint8Array(count).fill(1), (await context.atInput()).score, undefined)];
  const shape = [grid.height, grid.width];
  await forEachMasked(context, {
    grid, fills: fillsOf(context, given), count: samples,
    partial: partialOf(count, () => ({ shape, data: spread(superpixels, leastSquares(observations, ridges)?.coefficients ?? new Float64Array(count)) })),
    mask: (i, into) => keep(into, superpixels, drawn[i]!),
    each: (i, score) => { observations.push(observe(drawn[i]!, score, i)); },
  });
  const fit = leastSquares(observations, ridges);
  if (!fit) {
    throw new WhylightError("parameterInvalid", { parameter: "samples", reason: `${samples} do not settle the coefficients of ${count} superpixels; take more, or a ridge above 0` });
  }
  const errors = standardErrors(observations, fit);
  return {
    attribution: { shape, data: spread(superpixels, fit.coefficients) },
    facts: { superpixels: count, r2: determination(observations, fit), ...(errors && { standardError: rootMeanSquare(errors.subarray(0, count)) }) },
  };
}

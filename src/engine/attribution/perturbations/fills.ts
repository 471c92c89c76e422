/** @file What stands where a part of the image is taken away, and the random numbers that say which part. */
import { WhylightError } from "../../errors.js";
import { formatShape } from "../../ir/shape.js";
import type { MethodContext } from "../context.js";
import { baselineParameters, baselinesOf } from "../gradients/baselines.js";
import type { Values } from "../parameters.js";
import { createRandom, type Random } from "../random.js";

/** Baselines by name, or tensors of the input's shape; a score is then the mean over them. `mean`, 0 in the model's own units, is what Captum fills with unless told. */
export const fillParameters = { fill: { ...baselineParameters.baseline, default: "mean" }, blur: baselineParameters.blur, seed: baselineParameters.seed } as const;

/** The fills asked for, each of the input's size. Throws `parameterInvalid` for a tensor of another. */
export function fillsOf(context: MethodContext, { fill, ...options }: Values<typeof fillParameters>): Float32Array[] {
  const wrong = fill.find((item) => typeof item !== "string" && item.data.length !== context.size);
  if (typeof wrong === "object") {
    throw new WhylightError("parameterInvalid", { parameter: "fill", reason: `it must be of the shape ${formatShape(context.input.shape)}, and is ${formatShape(wrong.shape)}` });
  }
  return baselinesOf(context, { baseline: fill, ...options }).map(({ values }) => values);
}

/** Another stream than the one the fill `random` takes from the same seed. */
export function drawsOf(seed: number): Random {
  return createRandom(seed + 2 ** 32);
}

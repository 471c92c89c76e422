/** @file How much noise: as a share of the image's range, or absolute. */
import type { MethodContext } from "../context.js";
import { rangeOf } from "../maps.js";
import type { ParameterTable, Values } from "../parameters.js";

/** The standard deviation as a share of the input's range (`noise`), unless it is given in the model's own units (`sigma`). */
export const noiseParameters = (noise: number) => ({
  noise: { kind: "number", default: noise, min: 0, max: 10 },
  sigma: { kind: "number", default: "auto", min: 0, words: ["auto"] },
}) as const satisfies ParameterTable;

/** The standard deviation in the model's units. */
export function sigmaOf({ x }: Pick<MethodContext, "x">, { noise, sigma }: Values<ReturnType<typeof noiseParameters>>): number {
  if (sigma !== "auto") return sigma;
  const [low, high] = rangeOf(x);
  return noise * (high - low);
}

/** @file What may be set about the tests, and how methods of many evaluations are made cheap for them. */
import type { Family, Method } from "../method.js";
import { readParameters, recordParameters, type GivenParameters, type ParameterTable, type Values } from "../parameters.js";

/** The tests' settings with their defaults, as methods have parameters. */
export const trustSettings = {
  /** Steps of the deletion and insertion curves. */
  steps: { kind: "number", default: 16, min: 2, max: 200, integer: true },
  /** What stands where the image is taken away: its blur, or the mean of the model's input space. */
  fill: { kind: "choice", default: "blur", choices: ["blur", "mean"] },
  /** Standard deviation of the small noise, as a share of the input's range. */
  noise: { kind: "number", default: 0.02, min: 0, max: 1 },
  /** How many noisy copies. */
  draws: { kind: "number", default: 3, min: 1, max: 100, integer: true },
  /** How many other classes. */
  classes: { kind: "number", default: 3, min: 1, max: 100, integer: true },
  seed: { kind: "number", default: 0, min: 0, max: 2 ** 31, integer: true },
} as const satisfies ParameterTable;

export type TrustSettings = Values<typeof trustSettings>;

/** Checks settings and fills in defaults. Throws `parameterInvalid`. */
export function readTrustSettings(given: GivenParameters): TrustSettings {
  return readParameters("trust", trustSettings, given);
}

/** At most so many, per parameter by which methods count their evaluations: enough for the places a map highlights, too few for its details. */
const cheap: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  gradient: { steps: 10, samples: 8 }, cam: { channels: 32 }, perturbation: { masks: 100, samples: 200 },
};

export interface CheapParameters {
  readonly parameters: GivenParameters;
  /** The parameters that were lowered, with the value they would have had. */
  readonly lowered: Readonly<Record<string, number | string | boolean>>;
}

/** A map that takes longer than this many forward images is made again as seldom as a test allows. */
export const manyImages = 16;

/** The given parameters with those lowered that make a map expensive. A word such as "auto" counts as many. Throws `parameterInvalid`. */
export function cheapParameters(name: string, { family, parameters: table }: Pick<Method, "family" | "parameters">, given: GivenParameters): CheapParameters {
  const would = readParameters(name, table, given);
  const most = cheap[family];
  const names = Object.keys(most).filter((parameter) => {
    if (table[parameter]?.kind !== "number") return false;
    const value = would[parameter];
    return typeof value !== "number" || value > most[parameter]!;
  });
  return {
    parameters: { ...given, ...Object.fromEntries(names.map((parameter) => [parameter, most[parameter]!])) },
    lowered: recordParameters(Object.fromEntries(names.map((parameter) => [parameter, would[parameter]]))),
  };
}

/** @file Expected gradients: the gradient at random points between baselines and the image. */
import type { MakeImage, MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable } from "../parameters.js";
import { createRandom, type Random } from "../random.js";
import { baselineParameters, baselinesOf, type Baseline } from "./baselines.js";
import { noiseParameters, sigmaOf } from "./noise.js";
import { baselineRemarks, interpolate, mean, scoresAt, sumOf, toPlain } from "./path.js";
import { spreadOrder } from "./quadrature.js";

const parameters = {
  samples: { kind: "number", default: 50, min: 1, max: 100_000, integer: true },
  ...baselineParameters,
  baseline: { ...baselineParameters.baseline, default: "black,white" },
  ...noiseParameters(0),
} as const satisfies ParameterTable;

/** Where a sample's path starts and ends. */
interface Path {
  readonly from: Baseline;
  readonly to: Float32Array;
}

/** Which baseline each sample takes, and in which of that baseline's equal parts of the way its point lies. */
function strata(samples: number, baselines: number, random: Random): readonly { readonly baseline: number; readonly part: number; readonly parts: number }[] {
  // Where the baselines cannot all have equally many samples, chance says which have one more.
  const turns = Array.from({ length: baselines }, (_, i) => ({ i, at: random.uniform() })).sort((a, b) => a.at - b.at).map(({ i }) => i);
  const parts = (turn: number) => Math.ceil((samples - turn) / baselines);
  const orders = turns.map((_, turn) => spreadOrder(parts(turn)));
  return Array.from({ length: samples }, (_, k) => {
    const turn = k % baselines;
    return { baseline: turns[turn]!, part: orders[turn]![Math.floor(k / baselines)]!, parts: parts(turn) };
  });
}

/**
 * A path per sample and a point on it, in the order that they are asked for; of its own stream, apart from the random baseline's.
 * Points are uniform on the way, but no two of a baseline lie in the same part of it: with the same expectation, the mean of 50 is nearer to it by far.
 */
function drawnPaths({ x }: MethodContext, baselines: readonly Baseline[], samples: number, sigma: number, seed: number): { readonly image: MakeImage; readonly take: (i: number) => Path } {
  const random = createRandom(seed + 2 ** 32);
  const drawn = strata(samples, baselines.length, random);
  const paths = new Map<number, Path>();
  return {
    image: (i, into) => {
      const { baseline, part, parts } = drawn[i]!;
      const path = { from: baselines[baseline]!, to: sigma === 0 ? x : x.map((value) => value + sigma * random.normal()) };
      paths.set(i, path);
      interpolate(path.to, path.from.values, (part + random.uniform()) / parts, into);
    },
    take: (i) => {
      const path = paths.get(i)!;
      paths.delete(i);
      return path;
    },
  };
}

/**
 * Erion et al., arXiv 1906.10670; with noise it is Captum's GradientShap: the mean over samples of (x + noise - x') dF/dx at a uniformly random point of the line between them,
 * x' drawn from the baselines. The sum is F(x) minus the mean of F(x') on average only. Throws `parameterInvalid`.
 */
export const gradientShap = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum-abs", parameters,
  run: async (context, options) => {
    const { size, input: { shape } } = context;
    const { samples, seed } = options;
    const baselines = baselinesOf(context, options);
    const sigma = sigmaOf(context, options);
    const { image, take } = drawnPaths(context, baselines, samples, sigma, seed);
    const total = new Float64Array(size);
    let done = 0;
    context.expect({ pass: "forward", images: baselines.length, atOnce: 1 }, { pass: "gradient", images: samples });
    const at = await context.atInput();
    const scores = await scoresAt(context, baselines);
    await context.forEachGradient(samples, image, (i, { gradient }) => {
      const { from, to } = take(i);
      for (let k = 0; k < size; k++) total[k]! += (to[k]! - from.values[k]!) * gradient[k]!;
      done++;
    }, { partial: () => toPlain(shape, total, 1 / done) });
    return {
      attribution: toPlain(shape, total, 1 / samples), completeness: { sum: sumOf(total) / samples, difference: at.score - mean(scores) },
      facts: { samples, sigma, seed, baselines: baselines.map(({ name }) => name).join(", ") }, remarks: sigma === 0 ? baselineRemarks(context.x, baselines) : [],
    };
  },
});

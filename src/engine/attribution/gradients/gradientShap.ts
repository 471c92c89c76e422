/** @file Expected gradients: the gradient at random points between baselines and the image. */
import type { MakeImage, MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable } from "../parameters.js";
import { createRandom } from "../random.js";
import { baselineParameters, baselinesOf, type Baseline } from "./baselines.js";
import { noiseParameters, sigmaOf } from "./noise.js";
import { baselineRemarks, interpolate, mean, scoresAt, sumOf, toPlain } from "./path.js";

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

/** A path per sample and a point on it, in the order that they are asked for. Of its own stream, apart from the random baseline's. */
function drawnPaths({ x }: MethodContext, baselines: readonly Baseline[], sigma: number, seed: number): { readonly image: MakeImage; readonly take: (i: number) => Path } {
  const random = createRandom(seed + 2 ** 32);
  const paths = new Map<number, Path>();
  return {
    image: (i, into) => {
      const path = { from: baselines[random.below(baselines.length)]!, to: sigma === 0 ? x : Float32Array.from(x, (value) => value + sigma * random.normal()) };
      paths.set(i, path);
      interpolate(path.to, path.from.values, random.uniform(), into);
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
    const { image, take } = drawnPaths(context, baselines, sigma, seed);
    const total = new Float64Array(size);
    let done = 0;
    context.expect(samples + baselines.length);
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

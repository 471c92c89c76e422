/** @file Gradients of noisy copies of the image: their mean (SmoothGrad), their mean square, or their variance (VarGrad). */
import { WhylightError } from "../../errors.js";
import { formatShape } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import type { MakeImage, MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable, PlainTensor, Values } from "../parameters.js";
import { createRandom } from "../random.js";
import { noiseParameters, sigmaOf } from "./noise.js";

const parameters = {
  samples: { kind: "number", default: 50, min: 1, max: 100_000, integer: true },
  ...noiseParameters(0.15),
  seed: { kind: "number", default: 0, min: 0, max: 2 ** 31, integer: true },
  statistic: { kind: "choice", default: "mean", choices: ["mean", "squared", "variance"] },
  magnitude: { kind: "flag", default: false },
  perturbations: { kind: "tensor" },
} as const satisfies ParameterTable;

/** From the sums of the samples and of their squares. */
const statistics: Readonly<Record<Values<typeof parameters>["statistic"], (sum: number, squares: number, count: number) => number>> = {
  mean: (sum, _, count) => sum / count,
  squared: (_, squares, count) => squares / count,
  // Of the samples at hand, not an estimate for all there could be; rounding must not make it negative.
  variance: (sum, squares, count) => Math.max(0, squares / count - (sum / count) ** 2),
};

/**
 * Smilkov et al., arXiv 1706.03825; squares: Hooker et al., arXiv 1806.10758; VarGrad: Adebayo et al., arXiv 1810.03292.
 * `magnitude` takes the absolute value of each sample first, as Captum's NoiseTunnel over Saliency does.
 * `perturbations`, `[samples, ...input]`, is noise that is ready to add; it stands in for `samples`, `noise`, `sigma` and `seed`. Throws `parameterInvalid` for another shape.
 */
export const smoothGrad = defineMethod({
  family: "gradient", form: "pixels", parameters,
  run: async (context, given) => {
    const { size, input: { shape } } = context;
    const { count, image, facts } = given.perturbations ? readyNoise(context, given.perturbations) : drawnNoise(context, given);
    const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
    let done = 0;
    const statistic = statistics[given.statistic];
    const map = (): PlainTensor => ({ shape, data: new Float32Array(sums.map((sum, i) => statistic(sum, squares[i]!, done))) });
    context.expect({ pass: "gradient", images: count });
    await context.forEachGradient(count, image, (_, { gradient }) => {
      for (let i = 0; i < size; i++) {
        const value = given.magnitude ? Math.abs(gradient[i]!) : gradient[i]!;
        sums[i]! += value;
        squares[i]! += value * value;
      }
      done++;
    }, { partial: map });
    return { attribution: map(), facts };
  },
});

interface Noise {
  readonly count: number;
  readonly image: MakeImage;
  readonly facts: Readonly<Record<string, number>>;
}

function drawnNoise(context: MethodContext, given: Values<typeof parameters>): Noise {
  const sigma = sigmaOf(context, given);
  const random = createRandom(given.seed);
  const image: MakeImage = (_, into) => { for (let i = 0; i < into.length; i++) into[i] = context.x[i]! + sigma * random.normal(); };
  return { count: given.samples, image, facts: { samples: given.samples, sigma, seed: given.seed } };
}

function readyNoise({ x, size, input }: MethodContext, { shape, data }: PlainTensor): Noise {
  const count = shape[0] ?? 0;
  if (count < 1 || sizeOf(shape.slice(1)) !== size) {
    throw new WhylightError("parameterInvalid", { parameter: "perturbations", reason: `its shape must be [samples, ${input.shape.slice(1).join(", ")}], and is ${formatShape(shape)}` });
  }
  const image: MakeImage = (k, into) => { for (let i = 0; i < size; i++) into[i] = x[i]! + data[k * size + i]!; };
  return { count, image, facts: { samples: count } };
}

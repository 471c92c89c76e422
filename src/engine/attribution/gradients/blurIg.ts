/** @file Integrated Gradients along the path of the ever less blurred image. */
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable } from "../parameters.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import { gaussianBlur } from "./gaussianBlur.js";
import { sumOf, toPlain } from "./path.js";

const parameters = {
  steps: { kind: "number", default: 50, min: 2, max: 100_000, integer: true },
  "max-sigma": { kind: "number", default: 50, min: 0.1, max: 10_000 },
  spacing: { kind: "choice", default: "quadratic", choices: ["quadratic", "linear"] },
  rule: { kind: "choice", default: "trapezoid", choices: ["trapezoid", "saliency"] },
  "grad-step": { kind: "number", default: 0.01, min: 1e-6, max: 10 },
} as const satisfies ParameterTable;

/** From 0 to 1 on the path to the blur's share of `max-sigma`. A little blur takes away most: `quadratic` looks closer there. */
const spacings = { linear: (t: number) => t, quadratic: (t: number) => t * t } as const;

/** A point on the path, and what one unit of its gradient counts. */
interface Point {
  readonly values: Float64Array;
  /** dx of the path times the rule's weight, for the gradient here. */
  readonly move: Float64Array;
}

const lessEach = (a: Float64Array, b: Float64Array, factor = 1) => a.map((value, i) => factor * (value - b[i]!));

/** The points in order, from the image on, and the end of the path. Each is asked for once. */
type Walk = (blurred: (sigma: number) => Float64Array, sigmaAt: (t: number) => number, steps: number, gradStep: number) => { readonly point: (i: number) => Point; readonly end: () => Float64Array };

const walks: Readonly<Record<"trapezoid" | "saliency", Walk>> = {
  // The path as a chain of straight pieces, whose ends count half each: half of the way from the point before to the point after.
  trapezoid: (blurred, sigmaAt, steps) => {
    const at = (i: number) => blurred(sigmaAt(i / (steps - 1)));
    let [before, here, after] = [at(0), at(0), at(0)];
    return {
      point: (i) => {
        after = i < steps - 1 ? at(i + 1) : here;
        const point = { values: here, move: lessEach(before, after, 0.5) };
        [before, here] = [here, after];
        return point;
      },
      end: () => here,
    };
  },
  // As PAIR's `saliency` package has it: left points, and the path's slope by a difference quotient.
  saliency: (blurred, sigmaAt, steps, gradStep) => ({
    point: (i) => {
      const [sigma, next] = [sigmaAt(i / steps), sigmaAt((i + 1) / steps)];
      const values = blurred(sigma);
      return { values, move: lessEach(values, blurred(sigma + gradStep), (next - sigma) / gradStep) };
    },
    end: () => blurred(sigmaAt(1)),
  }),
};

/**
 * Xu et al., CVPR 2020, arXiv 2004.03383: the integral of dF/dx along the images blurred by a Gaussian of standard deviation 0 to `max-sigma` pixels, with zeros of the model's input space
 * beyond the border. `spacing: linear` and `rule: saliency` give the numbers of PAIR's `saliency` package.
 */
export const blurIg = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum-abs", parameters,
  run: async (context, { steps, "max-sigma": maxSigma, spacing, rule, "grad-step": gradStep }) => {
    const { x, size, input: { shape } } = context;
    const grid = pixelGridOf(context);
    const { point, end } = walks[rule]((sigma) => gaussianBlur(x, grid, sigma, "zero"), (t) => maxSigma * spacings[spacing](t), steps, gradStep);
    const moves = new Map<number, Float64Array>();
    const total = new Float64Array(size);
    context.expect({ pass: "gradient", images: steps }, { pass: "forward", images: 1 });
    const at = await context.atInput();
    await context.forEachGradient(steps, (i, into) => {
      const { values, move } = point(i);
      into.set(values);
      moves.set(i, move);
    }, (i, { gradient }) => {
      const move = moves.get(i)!;
      moves.delete(i);
      for (let k = 0; k < size; k++) total[k]! += move[k]! * gradient[k]!;
    }, { partial: () => toPlain(shape, total) });
    const blurredScore = await scoreAt(context, end());
    return { attribution: toPlain(shape, total), completeness: { sum: sumOf(total), difference: at.score - blurredScore }, facts: { steps } };
  },
});

async function scoreAt(context: MethodContext, values: Float64Array): Promise<number> {
  let found = 0;
  await context.forEachScore(1, (_, into) => into.set(values), (_, { score }) => { found = score; });
  return found;
}

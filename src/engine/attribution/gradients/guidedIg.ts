/** @file Integrated Gradients along a path that turns to the pixels of small gradient first. */
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable, Values } from "../parameters.js";
import { baselineParameters, baselinesOf } from "./baselines.js";
import { baselineRemarks, isAt, mean, scoresAt, sumOf, toPlain } from "./path.js";
import { quantileLower } from "./quantile.js";

const parameters = {
  steps: { kind: "number", default: 50, min: 1, max: 100_000, integer: true },
  fraction: { kind: "number", default: 0.25, min: 0, max: 1 },
  "max-distance": { kind: "number", default: 0.02, min: 0, max: 1 },
  rule: { kind: "choice", default: "trapezoid", choices: ["trapezoid", "left"] },
  ...baselineParameters,
} as const satisfies ParameterTable;

type Options = Values<typeof parameters>;

/** Distances that differ by no more count as equal, relative and absolute. */
const epsilon = 1e-9;
const isClose = (a: number, b: number) => Math.abs(a - b) <= Math.max(epsilon * Math.max(Math.abs(a), Math.abs(b)), epsilon);

/** The straight line that the path must stay near. */
interface Line {
  readonly x: ArrayLike<number>;
  readonly baseline: Float32Array;
  /** The sum of |x - x'|. */
  readonly length: number;
}

/**
 * One step of the path, in place: `at` moves towards the image until the distance left is `1 - alpha` of the line's length. Elements of smallest |gradient| move first, a `fraction` of all at a time,
 * and none leaves the range that straight lines between `alpha - maxDistance` and `alpha + maxDistance` span.
 */
function moveAlong(at: Float64Array, gradient: ArrayLike<number>, { x, baseline, length }: Line, alpha: number, fraction: number, maxDistance: number): void {
  const size = at.length;
  const [least, most] = [Math.max(alpha - maxDistance, 0), Math.min(alpha + maxDistance, 1)];
  const target = length * (1 - alpha);
  const slopes = new Float64Array(gradient).map(Math.abs);
  const limit = new Float64Array(baseline).map((start, i) => start + (x[i]! - start) * most);
  for (let gamma = Infinity; gamma > 1;) {
    let left = 0;
    for (let i = 0; i < size; i++) {
      const span = x[i]! - baseline[i]!;
      // Whatever has fallen behind is brought up; elements that need not move have no place on the line.
      if (span !== 0 && (at[i]! - baseline[i]!) / span < least) at[i] = baseline[i]! + span * least;
      left += Math.abs(at[i]! - x[i]!);
      if (at[i] === limit[i]) slopes[i] = Infinity;
    }
    if (isClose(target, left)) return;
    const threshold = quantileLower(slopes, fraction);
    const isChosen = (i: number) => slopes[i]! <= threshold && slopes[i] !== Infinity;
    let [reach, chosen] = [0, 0];
    for (let i = 0; i < size; i++) {
      if (!isChosen(i)) continue;
      reach += Math.abs(at[i]! - limit[i]!);
      chosen++;
    }
    if (chosen === 0) return;
    gamma = reach > 0 ? (left - target) / reach : Infinity;
    for (let i = 0; i < size; i++) if (isChosen(i)) at[i] = gamma > 1 ? limit[i]! : at[i]! + (limit[i]! - at[i]!) * gamma;
  }
}

/** The map for one baseline: the moves times the gradients at their starts, or at both ends, half each. */
async function alongPath(context: MethodContext, baseline: Float32Array, { steps, fraction, "max-distance": maxDistance, rule }: Options, show: (map: Float64Array, share: number) => void): Promise<Float64Array> {
  const { x, size } = context;
  const line = { x, baseline, length: x.reduce((sum, value, i) => sum + Math.abs(value - baseline[i]!), 0) };
  const at = Float64Array.from(baseline);
  const map = new Float64Array(size);
  const move = new Float64Array(size);
  const [atStart, atEnd] = rule === "left" ? [1, 0] : [0.5, 0.5];
  // The end of the path is looked at for its half of the last move.
  const looks = rule === "left" ? steps : steps + 1;
  for (let step = 0; step < looks; step++) {
    await context.forEachGradient(1, (_, into) => into.set(at), (_, { gradient }) => {
      for (let i = 0; i < size; i++) map[i]! += atEnd * move[i]! * gradient[i]!;
      const before = at.slice();
      if (step < steps) moveAlong(at, gradient, line, (step + 1) / steps, fraction, maxDistance);
      for (let i = 0; i < size; i++) {
        move[i] = at[i]! - before[i]!;
        map[i]! += atStart * move[i]! * gradient[i]!;
      }
    });
    show(map, (step + 1) / looks);
  }
  return map;
}

/**
 * Kapishnikov et al., CVPR 2021, arXiv 2106.09788. Each step follows from the gradient before it, so there are no batches. Of several baselines the mean is taken.
 * `rule: left` and `steps: 200` give the numbers of PAIR's `saliency` package. Throws `parameterInvalid`.
 */
export const guidedIg = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum-abs", parameters,
  run: async (context, options) => {
    const { x, size, input: { shape } } = context;
    const baselines = baselinesOf(context, options);
    const total = new Float64Array(size);
    context.expect({ pass: "forward", images: baselines.length, atOnce: 1 }, { pass: "gradient", images: baselines.length * (options.steps + (options.rule === "left" ? 0 : 1)), atOnce: 1 });
    const at = await context.atInput();
    const scores = await scoresAt(context, baselines);
    for (const [done, baseline] of baselines.entries()) {
      if (isAt(x, baseline)) continue;
      const map = await alongPath(context, baseline.values, options, (so, share) => context.advance(0, () => toPlain(shape, so.map((value, i) => value + total[i]!), 1 / (done + share))));
      for (let i = 0; i < size; i++) total[i]! += map[i]!;
    }
    return {
      attribution: toPlain(shape, total, 1 / baselines.length), completeness: { sum: sumOf(total) / baselines.length, difference: at.score - mean(scores) },
      facts: { steps: options.steps, baselines: baselines.map(({ name }) => name).join(", ") }, remarks: baselineRemarks(x, baselines),
    };
  },
});

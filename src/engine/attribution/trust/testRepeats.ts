/** @file The tests that make the map again: for other classes, on noisy copies, and by other methods. */
import { toWhylightError, type ErrorCode } from "../../errors.js";
import { attribute } from "../attribute.js";
import { rangeOf } from "../maps.js";
import { methodOf, methods, type MethodName } from "../methods.js";
import type { GivenParameters } from "../parameters.js";
import { createRandom } from "../random.js";
import { coarseCorrelation, comparisonGrid, isTooCoarse } from "./coarse.js";
import { probabilityOf } from "./curves.js";
import { meanCorrelation, shown, type RunTest } from "./environment.js";
import type { TrustComparison } from "./finding.js";

/**
 * Maps of other classes, chosen by the seed: a map that stays the same is not about the class (the random logit test of Sixt, Granz and Landgraf, arXiv 1912.09818).
 * Under 0.5 two maps share less than a quarter of their ranks' variance; from 0.9 on they look alike.
 */
export const testClasses: RunTest = async ({ job, base, isCostly, again, compare, report }) => {
  const { index, versus } = base.target;
  const others = base.logits.reduce<number[]>((found, _, i) => (i === index || i === versus ? found : [...found, i]), []);
  const random = createRandom(job.settings.seed + 2);
  const count = Math.min(isCostly ? 1 : job.settings.classes, others.length);
  if (count === 0) return { verdict: "unknown", sentence: { code: "classesOne", data: {} }, numbers: {} };
  const comparisons: TrustComparison[] = [];
  for (let i = 0; i < count; i++) {
    const [other] = others.splice(random.below(others.length), 1) as [number];
    comparisons.push(compare(String(other), await again({ target: { ...base.target, index: other } })));
    report((i + 1) / count);
  }
  const correlation = meanCorrelation(comparisons);
  if (correlation === null) return { verdict: "unknown", sentence: { code: "classesBlank", data: {} }, numbers: {}, comparisons };
  const [verdict, code] = correlation < 0.5 ? (["good", "classesGood"] as const) : correlation < 0.9 ? (["caution", "classesCaution"] as const) : (["bad", "classesBad"] as const);
  return { verdict, sentence: { code, data: { correlation: shown(correlation) } }, numbers: { correlation }, comparisons };
};

/** A probability that moves by more than this under the noise is news about the model, not about the method. */
const modelMoves = 0.2;

/**
 * Maps of noisy copies, Gaussian with a standard deviation of a small share of the input's range; `change` is the largest relative change of the raw map
 * (Frobenius norms, as the sensitivity of Yeh et al., arXiv 1901.09392, over these copies). A correlation of 0.9 leaves a fifth of the ranks' variance open, 0.7 a half.
 */
export const testStability: RunTest = async ({ job, base, isCostly, again, compare, report }) => {
  const { noise, draws, seed } = job.settings;
  const x = job.input.data as Float32Array;
  const [low, high] = rangeOf(x);
  const sigma = noise * (high - low);
  const count = isCostly ? 1 : draws;
  const comparisons: TrustComparison[] = [];
  const before = probabilityOf(base.logits, base.target, job.activation);
  let [change, after] = [0, 0];
  for (let i = 0; i < count; i++) {
    const random = createRandom(seed + 100 + i);
    const noisy = await again({ input: { ...job.input, data: x.map((value) => value + sigma * random.normal()) } });
    comparisons.push(compare(String(i + 1), noisy));
    change = Math.max(change, distance(noisy.attribution.data, base.attribution.data) / norm(base.attribution.data));
    after += probabilityOf(noisy.logits, base.target, job.activation) / count;
    report((i + 1) / count);
  }
  const correlation = meanCorrelation(comparisons) ?? 0;
  const numbers = { correlation, change, sigma, before, after };
  const data = { correlation: shown(correlation), before: shown(before), after: shown(after) };
  if (correlation < 0.9 && Math.abs(after - before) > modelMoves) {
    return { verdict: "unknown", sentence: { code: "stabilityModel", data }, numbers, comparisons };
  }
  const [verdict, code] = correlation >= 0.9 ? (["good", "stabilityGood"] as const) : correlation >= 0.7 ? (["caution", "stabilityCaution"] as const) : (["bad", "stabilityBad"] as const);
  return { verdict, sentence: { code, data }, numbers, comparisons };
};

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const distance = (a: Float32Array, b: Float32Array) => norm(a.map((value, i) => value - b[i]!));

/** Cheap methods of different kinds, as the one examined is held against them. */
const others: readonly { readonly method: string; readonly parameters: GivenParameters }[] = [
  { method: "grad-cam", parameters: {} }, { method: "saliency", parameters: {} }, { method: "input-x-gradient", parameters: {} },
  { method: "integrated-gradients", parameters: { steps: 5 } },
];

/** What keeps another method from this model, which is no failure of the test. */
const unfit: ReadonlySet<ErrorCode> = new Set(["gradientUndefined", "layerUnsuitable", "opUnsupported"]);

/**
 * Rank correlation with other methods, each pair on the coarser of their grids. Methods disagree often and for good reasons (Krishna et al., arXiv 2202.01602),
 * so disagreement calls for caution and never counts as a fault. Pairs whose grid is too coarse to rank are left out.
 */
export const testAgreement: RunTest = async ({ job, prepared, base, drawn, size, grid, spend, report }) => {
  const comparisons: TrustComparison[] = [];
  const tried = others.filter((other): other is { method: MethodName; parameters: GivenParameters } => Object.hasOwn(methods, other.method) && other.method !== job.method);
  for (const [i, { method, parameters }] of tried.entries()) {
    try {
      const found = await attribute({ ...job, target: base.target, method, layers: [], parameters, report: (done, total) => report((i + done / Math.max(1, total)) / tried.length) }, prepared);
      spend(found.evaluations);
      const own = comparisonGrid(found.attribution, size);
      const coarser = [Math.min(own[0], grid[0]), Math.min(own[1], grid[1])] as const;
      if (!isTooCoarse(coarser)) comparisons.push({ name: method, correlation: coarseCorrelation(drawn, job.draw(found.attribution, methodOf(method)), coarser), grid: coarser });
    } catch (thrown) {
      if (!unfit.has(toWhylightError(thrown).code)) throw thrown;
    }
    report((i + 1) / tried.length);
  }
  const ranked = comparisons.filter((comparison) => comparison.correlation !== null);
  const correlation = meanCorrelation(ranked);
  if (correlation === null) return { verdict: "unknown", sentence: { code: "agreementNone", data: {} }, numbers: {}, comparisons };
  const [verdict, code] = correlation >= 0.5 ? (["good", "agreementGood"] as const) : (["caution", "agreementCaution"] as const);
  return { verdict, sentence: { code, data: { correlation: shown(correlation) } }, numbers: { correlation }, comparisons };
};

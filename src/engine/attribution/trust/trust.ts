/** @file How far one map can be trusted: makes it cheaply, then runs the tests one after the other. */
import { attribute, type Attribution } from "../attribute.js";
import { planning } from "../estimate.js";
import type { Remark } from "../method.js";
import { methodOf } from "../methods.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import type { Prepared } from "../prepare.js";
import { coarseCorrelation, comparisonGrid, isTooCoarse } from "./coarse.js";
import type { Environment, Examined, Outcome, RunTest, TrustJob } from "./environment.js";
import { trustTests, type TrustFinding, type TrustSentence, type TrustTest } from "./finding.js";
import { cheapParameters, manyImages } from "./settings.js";
import { testCurves } from "./testCurves.js";
import { testAgreement, testClasses, testStability } from "./testRepeats.js";
import { testWeights } from "./testWeights.js";
import { planOfTests } from "./trustPlan.js";

/** What the tests found, and of what map. */
export interface Trust extends Examined {
  readonly findings: readonly TrustFinding[];
}

/** Each test, and about how many images' time it takes for a map of one gradient: what progress is counted in. */
const tests: Readonly<Record<Exclude<TrustTest, "blank">, { readonly run: RunTest; readonly images: (job: TrustJob) => number }>> = {
  curves: { run: testCurves, images: ({ settings }) => 3 * (settings.steps - 1) + 1 },
  classes: { run: testClasses, images: ({ settings }) => 2 * settings.classes },
  stability: { run: testStability, images: ({ settings }) => 2 * settings.draws },
  agreement: { run: testAgreement, images: () => 20 },
  // Mostly compiling.
  weights: { run: testWeights, images: () => 40 },
};

/** The map itself. */
const ownImages = 4;

/**
 * Runs the tests of `job.tests`. A blank map ends the examination with the one finding that says so. `prepared` must be of the input's shape.
 * Throws what making the map throws, and `cancelled`.
 */
export async function examineTrust(given: TrustJob, prepared: Prepared): Promise<Trust> {
  const method = methodOf(given.method);
  const { parameters, lowered } = cheapParameters(given.method, method, given.parameters ?? {});
  const wanted = trustTests.filter((test): test is keyof typeof tests => test !== "blank" && given.tests.includes(test));
  const total = wanted.reduce((sum, test) => sum + tests[test].images(given), ownImages);
  let before = 0;
  let reported = -1;
  const advance = (images: number) => {
    const done = Math.min(total, Math.floor(before + images));
    if (done > reported) given.report?.(done, total, undefined);
    reported = Math.max(reported, done);
  };
  const compile = planning(given.compile, (map) => planOfTests(map, wanted, given.settings, prepared.graph));
  const base = await attribute({ ...given, parameters, compile, report: (done, of) => advance((ownImages * done) / Math.max(1, of)) }, prepared);
  before = ownImages;
  advance(0);
  const evaluations = { ...base.evaluations };
  const examined: Examined = { ...base, lowered, evaluations };
  const blank = blankFinding(base);
  if (blank) {
    given.onFinding?.(blank, examined);
    return { ...examined, findings: [blank] };
  }
  const job: TrustJob = { ...given, parameters, target: base.target, layers: base.used.map(({ name }) => name) };
  const { height, width } = pixelGridOf({ input: job.input, pixels: job.pixels });
  const drawn = job.draw(base.attribution, method);
  const grid = comparisonGrid(base.attribution, [height, width]);
  const findings: TrustFinding[] = [];
  for (const test of wanted) {
    const images = tests[test].images(given);
    const spent = { forward: 0, gradient: 0 };
    const spend = ({ forward, gradient }: Attribution["evaluations"]) => {
      spent.forward += forward;
      spent.gradient += gradient;
    };
    const environment: Environment = {
      job, prepared, base, drawn, size: [height, width], grid, isCostly: base.evaluations.forward + 2 * base.evaluations.gradient > manyImages, spend,
      again: async (change, other = prepared) => {
        const found = await attribute({ ...job, report: undefined, ...change }, other);
        spend(found.evaluations);
        return found;
      },
      compare: (name, { attribution }) => ({ name, correlation: coarseCorrelation(drawn, job.draw(attribution, method), grid), grid }),
      report: (share) => advance(images * share),
    };
    const outcome: Outcome = test !== "curves" && isTooCoarse(grid)
      ? { verdict: "unknown", sentence: { code: "gridCoarse", data: { rows: grid[0], columns: grid[1] } }, numbers: {} }
      : await tests[test].run(environment);
    const finding: TrustFinding = { curves: [], comparisons: [], ...outcome, test, evaluations: spent };
    evaluations.forward += spent.forward;
    evaluations.gradient += spent.gradient;
    findings.push(finding);
    given.onFinding?.(finding, { ...examined, evaluations: { ...evaluations } });
    before += images;
    advance(0);
  }
  return { ...examined, evaluations, findings };
}

/** The sentence for each remark that says a map is blank. */
const blankSentences: Partial<Readonly<Record<Remark["code"], TrustSentence>>> = {
  blankMap: "blankConstant", zeroGradient: "blankZeroGradient", saturatedProbability: "blankSaturated", allNegativeCam: "blankNegativeCam",
};

function blankFinding({ remarks, evaluations }: Attribution): TrustFinding | undefined {
  const code = remarks.map((remark) => blankSentences[remark.code]).find((found) => found !== undefined);
  return code && { test: "blank", verdict: "bad", sentence: { code, data: {} }, numbers: {}, curves: [], comparisons: [], evaluations: { ...evaluations } };
}

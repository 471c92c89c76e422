/** @file The weighted fit: at its minimum, exact where it can be, and refused where the numbers leave it open. */
import { describe, expect, it } from "vitest";
import { determination, leastSquares, standardErrors, type Fit, type Observation } from "../../../../../src/engine/attribution/perturbations/leastSquares.js";
import { createRandom } from "../../../../../src/engine/attribution/random.js";
import { randomSource } from "../../numbers.js";
import { close } from "./linearImage.js";

const next = randomSource(9);
const truth = [1.5, -2, 0.25, 4];
const line = (features: readonly number[]) => features.reduce((sum, feature, i) => sum + feature * truth[i]!, 0);
const observe = (noise: number, count = 30): Observation[] => Array.from({ length: count }, (_, draw) => {
  const features = [next(), next() - 0.5, next() * 3, 1];
  return { features, value: line(features) + noise * (next() - 0.5), weight: 0.1 + next(), draw };
});
const none = [0, 0, 0, 0];
const fitted = (observations: readonly Observation[], ridge: readonly number[] = none): Fit => leastSquares(observations, ridge) ?? expect.fail("no fit");

describe("weighted least squares", () => {
  it("finds the line that values lie on", () => {
    const observations = observe(0);
    close(fitted(observations).coefficients, truth);
    expect(determination(observations, fitted(observations))).toBeCloseTo(1, 10);
  });

  it.each([[none], [[1, 1, 1, 0]], [[0.3, 5, 0, 2]]])("is where no step makes the sum smaller, with a ridge of %j", (ridge) => {
    const observations = observe(3);
    const cost = (b: ArrayLike<number>) => observations.reduce((sum, { features, value, weight }) => sum + weight * (value - Array.from(features).reduce((s, f, i) => s + f * b[i]!, 0)) ** 2, 0)
      + ridge.reduce((sum, penalty, i) => sum + penalty * b[i]! ** 2, 0);
    const { coefficients } = fitted(observations, ridge);
    for (let i = 0; i < 4; i++) {
      const moved = (step: number) => cost(coefficients.map((b, j) => (i === j ? b + step : b)));
      expect((moved(1e-4) - moved(-1e-4)) / 2e-4).toBeCloseTo(0, 7);
      expect(moved(1e-4)).toBeGreaterThan(cost(coefficients));
    }
  });

  it("has an R^2 that is the explained share of the weighted variance", () => {
    const observations = observe(3);
    const { coefficients } = fitted(observations);
    const weights = observations.reduce((sum, { weight }) => sum + weight, 0);
    const mean = (of: (observation: Observation) => number) => observations.reduce((sum, observation) => sum + observation.weight * of(observation), 0) / weights;
    const predicted = ({ features }: Observation) => Array.from(features).reduce((sum, feature, i) => sum + feature * coefficients[i]!, 0);
    // With an intercept the fit's own mean is the values', and variances add up.
    const center = mean(({ value }) => value);
    const explained = mean((observation) => (predicted(observation) - center) ** 2) / mean(({ value }) => (value - center) ** 2);
    expect(determination(observations, fitted(observations))).toBeCloseTo(explained, 10);
    expect(explained).toBeLessThan(0.999);
  });

  it.each([["too few", observe(1, 3)], ["twice the same", observe(1).map(({ features, ...rest }) => ({ ...rest, features: [features[0]!, features[0]!, features[2]!, 1] }))]])("leaves open what %s do not settle", (_, observations) => {
    expect(leastSquares(observations, none)).toBeUndefined();
    expect(leastSquares(observations, [1, 1, 1, 1])).toBeDefined();
  });
});

describe("standard errors", () => {
  it("are how far coefficients scatter over many draws of a curve that is no line", () => {
    const random = createRandom(2);
    const draw = () => {
      const observations: Observation[] = Array.from({ length: 80 }, (_, i) => {
        const t = random.uniform();
        return { features: [t, 1], value: Math.sin(5 * t) + 0.3 * random.normal() * t, weight: 0.5 + t, draw: i };
      });
      const fit = leastSquares(observations, [0, 0]) ?? expect.fail("no fit");
      return { fit, errors: standardErrors(observations, fit) ?? expect.fail("no errors") };
    };
    const trials = Array.from({ length: 400 }, draw);
    for (const j of [0, 1]) {
      const mean = trials.reduce((sum, { fit }) => sum + fit.coefficients[j]!, 0) / trials.length;
      const scatter = Math.sqrt(trials.reduce((sum, { fit }) => sum + (fit.coefficients[j]! - mean) ** 2, 0) / (trials.length - 1));
      const claimed = Math.sqrt(trials.reduce((sum, { errors }) => sum + errors[j]! ** 2, 0) / trials.length);
      // 400 trials know the scatter to 3.5 %; the estimate itself is biased by a few more at 80 observations.
      expect(claimed / scatter).toBeGreaterThan(0.88);
      expect(claimed / scatter).toBeLessThan(1.12);
    }
  });

  it("are zero for observations that were not drawn, and unknown where draws are few", () => {
    const observations = observe(3);
    const fixed = observations.map((observation) => ({ ...observation, draw: undefined }));
    expect([...standardErrors(fixed, fitted(fixed))!]).toEqual(none);
    expect(standardErrors(observations.slice(0, 4), fitted(observations.slice(0, 4)))).toBeUndefined();
  });
});

/** @file Expected gradients, by what their expectation is known to be. */
import { describe, expect, it } from "vitest";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import type { GivenParameters } from "../../../../../src/engine/attribution/parameters.js";
import { smooth } from "../../numbers.js";
import { explain } from "../smallClassifiers.js";
import { given, linear, quadratic, relativeError, row, scoreAt, size, smoothModel, statedCompleteness, sum, x } from "./models.js";

const [a, b, c] = [1, 2, 3].map((seed) => toNumbers(smooth([size], seed, -1, 1))) as [number[], number[], number[]];
const shap = (graph: typeof linear, parameters: GivenParameters) => explain(graph, { method: "gradient-shap", parameters });

describe("expected gradients", () => {
  it("of a linear model are its weights times the way from the mean baseline, without chance", async () => {
    const { attribution, facts, completeness } = await shap(linear, { samples: 10, baseline: [given(a), given(b)] });
    expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! - (a[i]! + b[i]!) / 2)))).toBeLessThan(1e-5);
    expect(facts).toEqual({ samples: 10, sigma: 0, seed: 0, baselines: "image 1, image 2" });
    expect(Math.abs(completeness!.gap)).toBeLessThan(1e-5);
  });

  it("of a quadratic come near w (x^2 - the mean of x'^2)", async () => {
    const { attribution } = await shap(quadratic, { samples: 3000, baseline: [given(a), given(b), given(c)] });
    expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! ** 2 - (a[i]! ** 2 + b[i]! ** 2 + c[i]! ** 2) / 3)))).toBeLessThan(1e-3);
  });

  it("use every baseline as often as any other, but for a remainder", async () => {
    // w (x - x') for one of the two per sample: with 5 samples one has 3, the other 2.
    const { attribution } = await shap(linear, { samples: 5, baseline: [given(a), given(b)] });
    const mix = (share: number) => row(0).map((w, i) => w * (x[i]! - share * a[i]! - (1 - share) * b[i]!));
    expect(Math.min(relativeError(attribution.data, mix(0.6)), relativeError(attribution.data, mix(0.4)))).toBeLessThan(1e-5);
  });

  it("with noise end at noisy images: w ((x + noise)^2 - x'^2) has the mean w (x^2 + sigma^2 - x'^2)", async () => {
    const [sigma, samples] = [0.5, 4000];
    const { attribution, facts } = await shap(quadratic, { samples, sigma, baseline: given(a) });
    expect(facts["sigma"]).toBe(sigma);
    attribution.data.forEach((value, i) => {
      const expected = x[i]! ** 2 + sigma ** 2 - a[i]! ** 2;
      // The deviation of (x + noise)^2, and a generous share for the point on the way.
      const deviation = Math.sqrt(4 * x[i]! ** 2 * sigma ** 2 + 2 * sigma ** 4) + Math.abs(x[i]! - a[i]!) * (Math.abs(x[i]! - a[i]!) + sigma);
      expect(Math.abs(value / row(0)[i]! - expected)).toBeLessThan((5 * deviation) / Math.sqrt(samples));
    });
  });

  it("state the difference to the mean of the baselines' scores", async () => {
    const found = await shap(smoothModel, { samples: 400, baseline: [given(a), given(b)] });
    const { difference } = statedCompleteness(found);
    expect(difference).toBeCloseTo(scoreAt(smoothModel, x) - (scoreAt(smoothModel, a) + scoreAt(smoothModel, b)) / 2, 4);
    expect(Math.abs(sum(found.attribution.data) - difference)).toBeLessThan(0.01);
  });

  it("are the seed's", async () => {
    const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => shap(smoothModel, { samples: 8, seed })));
    expect(again!.attribution).toEqual(one!.attribution);
    expect(other!.attribution).not.toEqual(one!.attribution);
  });
});

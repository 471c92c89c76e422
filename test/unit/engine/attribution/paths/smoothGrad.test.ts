/** @file SmoothGrad, its square and VarGrad: sample by sample with noise that is given, and by what is known of normal noise. */
import { describe, expect, it } from "vitest";
import { explain, image } from "../smallClassifiers.js";
import { gradientAt, linear, quadratic, relativeError, row, size, smoothModel, x } from "./models.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { smooth } from "../../numbers.js";

const samples = 5;
const noise = Float32Array.from(toNumbers(smooth([samples, size], 4, -0.5, 0.5)));
const perturbations = { shape: [samples, ...image.shape.slice(1)], data: noise };
const smoothGrad = (graph: typeof linear, parameters: Record<string, number | string | boolean | typeof perturbations>) => explain(graph, { method: "smoothgrad", parameters });

describe("SmoothGrad", async () => {
  const gradients = await Promise.all(Array.from({ length: samples }, (_, k) => gradientAt(smoothModel, Float32Array.from(x, (value, i) => value + noise[k * size + i]!))));
  const mean = (of: (g: number) => number) => Array.from({ length: size }, (_, i) => gradients.reduce((sum, g) => sum + of(g[i]!), 0) / samples);

  it.each<[string, Record<string, string | boolean>, number[]]>([
    ["the mean", {}, mean((g) => g)],
    ["the mean of magnitudes", { magnitude: true }, mean(Math.abs)],
    ["the mean square", { statistic: "squared" }, mean((g) => g * g)],
    ["the variance", { statistic: "variance" }, mean((g) => g * g).map((square, i) => square - mean((g) => g)[i]! ** 2)],
    ["the variance of magnitudes", { statistic: "variance", magnitude: true }, mean((g) => g * g).map((square, i) => square - mean(Math.abs)[i]! ** 2)],
  ])("with given noise is %s of the gradients there", async (_, parameters, expected) => {
    const { attribution, facts, evaluations } = await smoothGrad(smoothModel, { ...parameters, perturbations });
    expect(relativeError(attribution.data, expected)).toBeLessThan(1e-5);
    expect(facts).toEqual({ samples });
    expect(evaluations.gradient).toBe(samples);
  });

  it("leaves a constant gradient as it is, without variance", async () => {
    expect(relativeError((await smoothGrad(linear, {})).attribution.data, row(0))).toBeLessThan(1e-6);
    expect(Math.max(...(await smoothGrad(linear, { statistic: "variance" })).attribution.data)).toBeLessThan(1e-12);
  });

  it("draws noise of the stated deviation: the gradient 2 w x of a quadratic varies by (2 w sigma)^2", async () => {
    const { attribution, facts } = await smoothGrad(quadratic, { samples: 2000, statistic: "variance" });
    expect(facts["sigma"]).toBeCloseTo(0.15 * (Math.max(...x) - Math.min(...x)), 6);
    const ratios = Array.from(attribution.data, (value, i) => value / (2 * row(0)[i]! * Number(facts["sigma"])) ** 2);
    // A variance of 2000 normal samples has a deviation of sqrt(2 / 2000); 5 of them.
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(5 * Math.sqrt(2 / 2000));
    const absolute = await smoothGrad(quadratic, { samples: 2000, sigma: 2, noise: 0.5, statistic: "variance" });
    expect(absolute.facts["sigma"]).toBe(2);
    Array.from(absolute.attribution.data, (value, i) => expect(Math.abs(value / (4 * row(0)[i]!) ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / 2000)));
  });

  it("is centred on the image", async () => {
    const { attribution, facts } = await smoothGrad(quadratic, { samples: 2000 });
    Array.from(attribution.data, (value, i) => expect(Math.abs(value / (2 * row(0)[i]!) - x[i]!)).toBeLessThan((5 * Number(facts["sigma"])) / Math.sqrt(2000)));
  });

  it("gives the same map for the same seed, another for another, and more samples keep the first ones", async () => {
    const [first, again, other] = await Promise.all([{ seed: 3 }, { seed: 3 }, { seed: 4 }].map((seed) => smoothGrad(smoothModel, { ...seed, samples: 6 })));
    expect(again!.attribution).toEqual(first!.attribution);
    expect(other!.attribution).not.toEqual(first!.attribution);
    // Whatever the batches: small memory runs one image at a time.
    const slowly = await explain(smoothModel, { method: "smoothgrad", parameters: { seed: 3, samples: 6 }, memory: 1 });
    expect(relativeError(slowly.attribution.data, first!.attribution.data)).toBeLessThan(1e-6);
  });

  it("shows the running statistic of the samples so far", async () => {
    const shown: Float32Array[] = [];
    await explain(smoothModel, { method: "smoothgrad", parameters: { perturbations }, memory: 1, report: (_done, _total, partial) => { if (partial) shown.push(partial().attribution.data); } });
    expect(shown).toHaveLength(samples);
    shown.forEach((map, k) => expect(relativeError(map, Array.from({ length: size }, (_, i) => gradients.slice(0, k + 1).reduce((sum, g) => sum + g[i]!, 0) / (k + 1)))).toBeLessThan(1e-5));
  });

  it("refuses noise of another shape", async () => {
    await expect(smoothGrad(linear, { perturbations: { shape: [2, 3], data: new Float32Array(6) } })).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter: "perturbations" } });
  });
});

/** @file Integrated Gradients by fixed rules: node by node, in closed form, and from every kind of baseline. */
import { describe, expect, it } from "vitest";
import { quadrature, quadratureRules } from "../../../../../src/engine/attribution/gradients/quadrature.js";
import type { GivenParameters } from "../../../../../src/engine/attribution/parameters.js";
import { float32, toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { smooth } from "../../numbers.js";
import { explain, image, model, target } from "../smallClassifiers.js";
import { given, gradientAt, linear, quadratic, relativeError, row, scoreAt, size, smoothModel, statedCompleteness, sum, x } from "./models.js";

const away = toNumbers(smooth([size], 6, -1, 1));
const pixels = { scale: 1 / 255, mean: [0.4, 0.5], std: [0.2, 0.25], layout: "NCHW" } as const;
const integrate = (graph: typeof linear, parameters: GivenParameters, more: Parameters<typeof explain>[1] = {}) => explain(graph, { method: "integrated-gradients", parameters, pixels, ...more });

describe("Integrated Gradients", () => {
  it.each(quadratureRules)("by %s is the weighted sum of the gradients at its nodes", async (rule) => {
    const steps = 7;
    const { nodes, weights } = quadrature(rule, steps);
    const expected = new Float64Array(size);
    for (const [k, alpha] of nodes.entries()) {
      const gradient = await gradientAt(smoothModel, Float32Array.from(x, (value, i) => away[i]! + alpha * (value - away[i]!)));
      gradient.forEach((slope, i) => { expected[i]! += weights[k]! * slope * (x[i]! - away[i]!); });
    }
    const found = await integrate(smoothModel, { rule, steps, baseline: given(away) });
    expect(relativeError(found.attribution.data, expected)).toBeLessThan(1e-5);
    expect(found.evaluations.gradient).toBe(steps);
    expect(found.facts).toEqual({ steps, baselines: "image" });
    const { difference } = statedCompleteness(found);
    expect(difference).toBeCloseTo(scoreAt(smoothModel, x) - scoreAt(smoothModel, away), 5);
  });

  it("adds up to the score's difference, for logit, probability and the difference of two classes", async () => {
    for (const more of [{}, { target: target(1, { score: "softmax" }) }, { target: target(2, { versus: 0 }) }, { target: target("predicted") }]) {
      const { completeness, attribution } = await integrate(smoothModel, { baseline: given(away) }, more);
      expect(Math.abs(completeness!.gap)).toBeLessThan(1e-5);
      expect(Math.abs(sum(attribution.data))).toBeGreaterThan(0.01);
    }
  });

  it("keeps the class of the image all along the path", async () => {
    const scores = (values: ArrayLike<number>) => [0, 1, 2].map((c) => scoreAt(smoothModel, values, c));
    const first = scores(x).indexOf(Math.max(...scores(x)));
    const opposite = x.map((value) => -value);
    expect(scores(opposite).indexOf(Math.max(...scores(opposite)))).not.toBe(first);
    const { completeness, attribution } = await integrate(smoothModel, { baseline: given(opposite) }, { target: target("predicted") });
    expect(sum(attribution.data) - completeness!.gap).toBeCloseTo(scoreAt(smoothModel, x, first) - scoreAt(smoothModel, opposite, first), 5);
  });

  it("of a quadratic is exact", async () => {
    const { attribution } = await integrate(quadratic, { steps: 1, baseline: given(away) });
    expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! ** 2 - away[i]! ** 2)))).toBeLessThan(1e-5);
  });

  it("shows a map like the last one while it runs", async () => {
    const shown: Float32Array[] = [];
    const { attribution } = await integrate(smoothModel, { baseline: given(away), rule: "riemann-middle", steps: 32 }, { memory: 1, report: (_done, _total, partial) => { if (partial) shown.push(partial().attribution.data); } });
    expect(shown).toHaveLength(32);
    expect(relativeError(shown.at(-1)!, attribution.data)).toBeLessThan(1e-6);
    // Eight nodes so far, and they lie all along the path.
    expect(relativeError(shown[7]!, attribution.data)).toBeLessThan(0.1);
  });
});

describe("baselines", () => {
  /** What the logits' shares of a linear model tell of x': w (x - x') / w. */
  const baselineBehind = async (parameters: GivenParameters, more: Parameters<typeof explain>[1] = {}) =>
    Array.from((await integrate(linear, { steps: 1, ...parameters }, more)).attribution.data, (share, i) => x[i]! - share / row(0)[i]!);
  const normalized = (pixel: number) => Array.from({ length: size }, (_, i) => (pixel - pixels.mean[Math.floor(i / 12)]!) / pixels.std[Math.floor(i / 12)]!);

  it.each<[string, number[]]>([["black", normalized(0)], ["white", normalized(1)], ["mean", new Array<number>(size).fill(0)]])("%s", async (baseline, expected) => {
    (await baselineBehind({ baseline })).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  it("black where channels come last", async () => {
    const last = float32([1, 4, 3, 2], image.data as Float32Array);
    const graph = model((builder, name) => builder.add("Gemm", [builder.add("Flatten", [name], { axis: 1 }), builder.constant(float32([1, size], row(0)))], { transB: 1 }), last);
    const { attribution } = await integrate(graph, { steps: 1 }, { input: last, pixels: { ...pixels, layout: "NHWC" } });
    attribution.data.forEach((share, i) => expect(x[i]! - share / row(0)[i]!).toBeCloseTo(-pixels.mean[i % 2]! / pixels.std[i % 2]!, 4));
  });

  it("random is uniform between black and white, and the seed's", async () => {
    const [one, again, other] = await Promise.all([{ seed: 1 }, { seed: 1 }, { seed: 2 }].map((seed) => baselineBehind({ baseline: "random", ...seed })));
    expect([again, other]).not.toEqual([other, one]);
    expect(again).toEqual(one);
    const shares = one!.map((value, i) => (value - normalized(0)[i]!) / (normalized(1)[i]! - normalized(0)[i]!));
    for (const share of shares) expect(share).toSatisfy((s: number) => s > -1e-4 && s < 1 + 1e-4);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.5);
  });

  it("blur is the image under a Gaussian whose deviation is a share of the shorter side", async () => {
    const sigma = 0.3 * 3;
    const kernel = (d: number) => Math.exp((-d * d) / (2 * sigma * sigma));
    const radius = Math.trunc(4 * sigma + 0.5);
    const mirror = (at: number, n: number): number => (at < 0 ? mirror(-at, n) : at >= n ? mirror(2 * n - 2 - at, n) : at);
    const expected = Array.from({ length: size }, (_, i) => {
      const [c, y, column] = [Math.floor(i / 12), Math.floor((i % 12) / 3), i % 3];
      let [total, weight] = [0, 0];
      for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) {
        total += kernel(dy) * kernel(dx) * x[c * 12 + mirror(y + dy, 4) * 3 + mirror(column + dx, 3)]!;
        weight += kernel(dy) * kernel(dx);
      }
      return total / weight;
    });
    (await baselineBehind({ baseline: "blur", blur: 0.3 })).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
    // Blurring before normalising is the same: a blur of nothing but a shift and a scale per channel.
    expect(relativeError(await baselineBehind({ baseline: "blur", blur: 0 }), x)).toBeLessThan(1e-5);
  });

  it("are averaged, with files among them", async () => {
    const list = ["black", "white", given(away)] as const;
    const each = await Promise.all(list.map((baseline) => integrate(smoothModel, { baseline })));
    const all = await integrate(smoothModel, { baseline: list });
    expect(relativeError(all.attribution.data, Array.from({ length: size }, (_, i) => each.reduce((total, { attribution }) => total + attribution.data[i]! / 3, 0)))).toBeLessThan(1e-5);
    expect(all.completeness!.gap).toBeCloseTo(each.reduce((total, { completeness }) => total + completeness!.gap / 3, 0), 5);
    expect(all.facts["baselines"]).toBe("black, white, image");
  });

  it("of another size are refused", async () => {
    await expect(integrate(linear, { baseline: { shape: [1, 2], data: new Float32Array(2) } })).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter: "baseline" } });
  });

  it.each([50, "auto"])("equal to the image leave nothing, and that is said, with steps %s", async (steps) => {
    const { attribution, remarks, completeness } = await integrate(linear, { baseline: given(x), steps });
    expect([...attribution.data].every((value) => value === 0)).toBe(true);
    expect(remarks).toEqual([{ code: "baselineIsImage", data: {} }]);
    expect(completeness!.gap).toBe(0);
  });
});

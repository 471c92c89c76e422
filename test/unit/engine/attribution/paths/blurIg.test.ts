/** @file Blur IG against the published algorithm written out plainly, and exact where the score is a quadratic. */
import { describe, expect, it } from "vitest";
import type { GivenParameters } from "../../../../../src/engine/attribution/parameters.js";
import { float32 } from "../../../../../src/engine/ir/tensor.js";
import { explain, image, model } from "../smallClassifiers.js";
import { gradientAt, quadratic, relativeError, row, scoreAt, size, smoothModel, statedCompleteness, x } from "./models.js";

const [height, width] = [4, 3];
const blurIg = (graph: typeof quadratic, parameters: GivenParameters) => explain(graph, { method: "blur-ig", parameters });

/** `scipy.ndimage.gaussian_filter` with sigma [s, s] per channel, mode "constant": the separable kernel, cut at 4 s, as one sum over both axes. */
function blurred(sigma: number): number[] {
  const radius = Math.trunc(4 * sigma + 0.5);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => (sigma === 0 ? 1 : Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2))));
  const total = kernel.reduce((a, b) => a + b, 0);
  return x.map((_, i) => {
    const [start, y, column] = [i - (i % 12), Math.floor((i % 12) / width), i % width];
    let value = 0;
    for (let row = 0; row < height; row++) for (let at = 0; at < width; at++) {
      const [k, l] = [kernel[row - y + radius] ?? 0, kernel[at - column + radius] ?? 0];
      value += (k / total) * (l / total) * x[start + row * width + at]!;
    }
    return value;
  });
}

describe("Blur IG", () => {
  it.each(["linear", "quadratic"])("by the rule of PAIR's saliency, %s spacing, is its sum written out", async (spacing) => {
    const [steps, maxSigma, gradStep] = [6, 2, 0.01];
    const sigmas = Array.from({ length: steps + 1 }, (_, i) => maxSigma * (i / steps) ** (spacing === "linear" ? 1 : 2));
    const expected = new Float64Array(size);
    for (let i = 0; i < steps; i++) {
      const here = blurred(sigmas[i]!);
      const further = blurred(sigmas[i]! + gradStep);
      const gradient = await gradientAt(smoothModel, here);
      for (let k = 0; k < size; k++) expected[k]! -= (sigmas[i + 1]! - sigmas[i]!) * ((further[k]! - here[k]!) / gradStep) * gradient[k]!;
    }
    const found = await blurIg(smoothModel, { rule: "saliency", spacing, steps, "max-sigma": maxSigma, "grad-step": gradStep });
    expect(relativeError(found.attribution.data, expected)).toBeLessThan(1e-4);
    expect(statedCompleteness(found).difference).toBeCloseTo(scoreAt(smoothModel, x) - scoreAt(smoothModel, blurred(maxSigma)), 4);
  });

  it("of a quadratic sums to the score's difference, and each element to its own, whatever the steps", async () => {
    for (const steps of [2, 9]) {
      const { attribution, completeness, evaluations } = await blurIg(quadratic, { steps, "max-sigma": 3 });
      const last = blurred(3);
      expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! ** 2 - last[i]! ** 2)))).toBeLessThan(1e-5);
      expect(Math.abs(completeness!.gap)).toBeLessThan(1e-5);
      expect(evaluations.gradient).toBe(steps);
    }
  });

  it("converges to the score's difference", async () => {
    const gaps = await Promise.all([10, 40, 160].map(async (steps) => Math.abs((await blurIg(smoothModel, { steps, "max-sigma": 3 })).completeness!.gap)));
    expect(gaps[2]!).toBeLessThan(gaps[0]! / 20);
  });

  it("blurs places, not channels, where channels come last", async () => {
    const last = Float32Array.from({ length: size }, (_, i) => x[(i % 2) * 12 + Math.floor(i / 2)]!);
    const shares = Float32Array.from({ length: size }, (_, i) => row(0)[(i % 2) * 12 + Math.floor(i / 2)]!);
    const input = float32([1, height, width, 2], last);
    const graph = model((builder, name) => {
      const squares = builder.add("Flatten", [builder.add("Mul", [name, name])], { axis: 1 });
      return builder.add("Gemm", [squares, builder.constant(float32([1, size], shares))], { transB: 1 });
    }, input);
    const [first, other] = await Promise.all([blurIg(quadratic, { steps: 4, "max-sigma": 2 }), explain(graph, { method: "blur-ig", input, parameters: { steps: 4, "max-sigma": 2 }, pixels: { scale: 1, mean: [0], std: [1], layout: "NHWC" } })]);
    expect(other.attribution.shape).toEqual(input.shape);
    expect(first.attribution.shape).toEqual(image.shape);
    other.attribution.data.forEach((value, i) => expect(value).toBeCloseTo(first.attribution.data[(i % 2) * 12 + Math.floor(i / 2)]!, 5));
  });
});

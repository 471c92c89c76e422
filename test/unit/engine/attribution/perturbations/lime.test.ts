/** @file LIME against closed forms, and against the minimum that its own samples define, read off the images the model was given. */
import { describe, expect, it } from "vitest";
import { kernelWeight } from "../../../../../src/engine/attribution/perturbations/lime.js";
import { softmax } from "../../../../../src/engine/attribution/probabilities.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../../../src/engine/reference/referenceRuntime.js";
import type { Compile } from "../../../../../src/engine/attribution/context.js";
import { noFile } from "../../smallGraph.js";
import { target } from "../smallClassifiers.js";
import { channels, close, height, linear, linearScore, other, perturb, places, plain, slopes, stripeOf, stripes, width, x } from "./linearImage.js";

const fill = other(51);
const filling = toNumbers(fill);
const ofStripes = (map: Float32Array) => Array.from({ length: height }, (_, stripe) => map[stripe * width]!);

/** Keeps every image that goes through a program. */
function recording(): { compile: Compile; images: number[][] } {
  const images: number[][] = [];
  const compile: Compile = async (_, build) => {
    const program = await referenceRuntime.compile(build(), noFile);
    return { ...program, run: (inputs) => {
      const values = toNumbers(inputs["x0"]!);
      for (let i = 0; i < values.length; i += channels * places) images.push(values.slice(i, i + channels * places));
      return program.run(inputs);
    } };
  };
  return { compile, images };
}

describe("LIME", () => {
  it("of a linear score without a ridge gives w (x - b) summed over each superpixel, and explains everything", async () => {
    const { attribution, facts } = await perturb(linear(), { method: "lime", target: target(2), parameters: { samples: 40, ridge: 0, segmentation: stripes, fill: plain(fill) } });
    const shares = slopes(2).map((slope, i) => slope * (x[i]! - filling[i]!));
    close(attribution.data, Array.from({ length: places }, (_, p) => shares.reduce((sum, share, i) => sum + (stripeOf(i % places) === stripeOf(p) ? share : 0), 0)));
    expect(facts).toMatchObject({ superpixels: 6 });
    expect(facts["r2"]).toBeCloseTo(1, 8);
    expect(facts["standardError"]).toBeCloseTo(0, 5);
  });

  it("of any other score is the minimum of the weighted ridge regression over the samples it took", async () => {
    const samples = 90;
    const { compile, images } = recording();
    const job = { method: "lime", target: target(1, { score: "softmax" }), parameters: { samples, ridge: 0.7, "kernel-width": 0.3, segmentation: stripes, fill: plain(fill) } } as const;
    const { attribution, facts, evaluations } = await perturb(linear(), { ...job, compile });
    expect(evaluations).toEqual({ forward: samples + 1, gradient: 0 });
    // The image itself, then the samples; behind them a batch may be filled up.
    const observed = images.slice(0, samples + 1).map((image) => {
      const z = Array.from({ length: height }, (_, stripe) => (image[stripe * width] === Math.fround(x[stripe * width]!) ? 1 : 0));
      image.forEach((value, i) => expect(value).toBe(Math.fround(z[stripeOf(i % places)] === 1 ? x[i]! : filling[i]!)));
      const cosine = z.reduce<number>((a, b) => a + b, 0) / Math.sqrt(z.reduce<number>((a, b) => a + b * b, 0) * height);
      const distance = 1 - (Number.isNaN(cosine) ? 0 : cosine);
      return { z, weight: Math.sqrt(Math.exp(-(distance ** 2) / 0.3 ** 2)), value: softmax([0, 1, 2].map((c) => linearScore(image, c)))[1]! };
    });
    expect(observed[0]!.z).toEqual(new Array<number>(height).fill(1));
    const visible = observed.slice(1).flatMap(({ z }) => z);
    expect(Math.abs(visible.reduce<number>((a, b) => a + b, 0) / visible.length - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / visible.length));

    const b = ofStripes(attribution.data);
    const total = observed.reduce((sum, { weight }) => sum + weight, 0);
    // At the minimum the intercept leaves no weighted residual, and every coefficient's pull is held by its ridge.
    const linearPart = ({ z }: (typeof observed)[number]) => z.reduce<number>((sum, flag, j) => sum + flag * b[j]!, 0);
    const intercept = observed.reduce((sum, each) => sum + each.weight * (each.value - linearPart(each)), 0) / total;
    const residual = (each: (typeof observed)[number]) => each.value - intercept - linearPart(each);
    for (let j = 0; j < height; j++) expect(observed.reduce((sum, each) => sum + each.weight * each.z[j]! * residual(each), 0)).toBeCloseTo(0.7 * b[j]!, 5);
    const center = observed.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
    const r2 = 1 - observed.reduce((sum, each) => sum + each.weight * residual(each) ** 2, 0) / observed.reduce((sum, { weight, value }) => sum + weight * (value - center) ** 2, 0);
    expect(facts["r2"]).toBeCloseTo(r2, 6);
    expect(r2).toBeLessThan(0.99);
  });

  it("weighs samples by the exponential kernel over their cosine distance", () => {
    expect(kernelWeight(9, 9, 0.25)).toBe(1);
    expect(kernelWeight(0, 9, 0.25)).toBeCloseTo(Math.exp(-8), 12);
    expect(kernelWeight(4, 9, 1)).toBeCloseTo(Math.exp(-1 / 18), 12);
  });

  it("finds superpixels of its own, and gives each one value", async () => {
    const { attribution, facts } = await perturb(linear(), { method: "lime", parameters: { segments: 5, samples: 60 } });
    expect(attribution.shape).toEqual([height, width]);
    expect(new Set(attribution.data).size).toBe(facts["superpixels"]);
    expect(facts["superpixels"]).toBeGreaterThanOrEqual(3);
    expect(facts["superpixels"]).toBeLessThanOrEqual(5);
  });

  it("is the same for the same seed only", async () => {
    const map = async (seed: number) => (await perturb(linear((graph, logits) => graph.add("Mul", [logits, logits])), { method: "lime", parameters: { samples: 30, segmentation: stripes, seed } })).attribution.data;
    expect(await map(1)).toEqual(await map(1));
    expect(await map(1)).not.toEqual(await map(2));
  });

  it("refuses fewer samples than settle the coefficients, unless a ridge does", async () => {
    const parameters = { samples: 4, segmentation: stripes };
    await expect(perturb(linear(), { method: "lime", parameters: { ...parameters, ridge: 0 } })).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter: "samples" } });
    expect((await perturb(linear(), { method: "lime", parameters })).facts).not.toHaveProperty("standardError");
  });

  it("shows the fit so far", async () => {
    const partials: Float32Array[] = [];
    const { attribution } = await perturb(linear(), { method: "lime", parameters: { samples: 32, segmentation: stripes }, memory: 1, report: (_, __, partial) => { if (partial) partials.push(partial().attribution.data); } });
    expect(partials.length).toBe(32);
    expect(partials.at(-1)).toEqual(attribution.data);
  });
});

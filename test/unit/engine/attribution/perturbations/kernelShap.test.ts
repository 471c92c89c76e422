/** @file KernelSHAP against Shapley values: in closed form for a linear score, from all orders of the players for any other. */
import { describe, expect, it } from "vitest";
import { softmax } from "../../../../../src/engine/attribution/probabilities.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { target } from "../smallClassifiers.js";
import { close, height, linear, linearScore, masked, other, perturb, places, plain, slopes, stripeOf, stripes, width, x } from "./linearImage.js";

/** Shapley's own definition: the mean, over every order in which players may join, of what each adds. */
function shapley(players: number, value: (isIn: (player: number) => boolean) => number): number[] {
  const orders = (left: readonly number[]): number[][] => (left.length === 0 ? [[]] : left.flatMap((first) => orders(left.filter((player) => player !== first)).map((rest) => [first, ...rest])));
  const all = orders(Array.from({ length: players }, (_, i) => i));
  const totals = new Array<number>(players).fill(0);
  for (const order of all) {
    const joined = new Set<number>();
    for (const player of order) {
      const before = value((other) => joined.has(other));
      joined.add(player);
      totals[player]! += value((other) => joined.has(other)) - before;
    }
  }
  return totals.map((total) => total / all.length);
}

/** One value per stripe, out of a map that must give it to all of its places. */
function ofStripes(map: Float32Array): number[] {
  for (let p = 0; p < places; p++) expect(map[p]).toBe(map[stripeOf(p) * width]);
  return Array.from({ length: height }, (_, stripe) => map[stripe * width]!);
}

const probability = (values: readonly number[]) => softmax([0, 1, 2].map((c) => linearScore(values, c)))[1]!;
const fill = other(31);

describe("KernelSHAP", () => {
  it.each([62, 40, 24])("of a linear score gives w (x - b) summed over each superpixel, from %d subsets", async (samples) => {
    const { attribution, completeness } = await perturb(linear(), { method: "kernel-shap", target: target(2), parameters: { samples, segmentation: stripes, fill: plain(fill) } });
    const shares = slopes(2).map((slope, i) => slope * (x[i]! - Number(fill.data[i])));
    close(ofStripes(attribution.data), Array.from({ length: height }, (_, stripe) => shares.reduce((sum, share, i) => sum + (stripeOf(i % places) === stripe ? share : 0), 0)));
    expect(completeness!.gap).toBeCloseTo(0, 10);
  });

  it("with every subset of six gives the Shapley values of any score", async () => {
    const { attribution, facts, evaluations } = await perturb(linear(), { method: "kernel-shap", target: target(1, { score: "softmax" }), parameters: { segmentation: stripes, fill: plain(fill) } });
    const values = toNumbers(fill);
    close(ofStripes(attribution.data), shapley(height, (isIn) => probability(masked((p) => isIn(stripeOf(p)), values))));
    expect(facts).toEqual({ superpixels: 6, subsets: 64, standardError: 0 });
    expect(evaluations).toEqual({ forward: 64, gradient: 0 });
  });

  it("with several fills plays for the mean of their scores", async () => {
    const fills = [fill, other(32)];
    const { attribution } = await perturb(linear(), { method: "kernel-shap", target: target(1, { score: "softmax" }), parameters: { segmentation: stripes, fill: fills.map(plain) } });
    close(ofStripes(attribution.data), shapley(height, (isIn) => fills.reduce((sum, each) => sum + probability(masked((p) => isIn(stripeOf(p)), toNumbers(each))) / 2, 0)));
  });

  it("adds up to the difference of the scores from any number of subsets, and says how uncertain it is", async () => {
    const job = { method: "kernel-shap", target: target(1, { score: "softmax" }) } as const;
    const exact = ofStripes((await perturb(linear(), { ...job, parameters: { segmentation: stripes, fill: plain(fill) } })).attribution.data);
    let [squares, claimed] = [0, 0];
    const seeds = 60;
    for (let seed = 0; seed < seeds; seed++) {
      const { attribution, completeness, facts } = await perturb(linear(), { ...job, parameters: { segmentation: stripes, fill: plain(fill), samples: 34, seed } });
      const values = ofStripes(attribution.data);
      expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(probability(x) - probability(toNumbers(fill)), 5);
      expect(completeness!.gap).toBeCloseTo(0, 10);
      squares += values.reduce((sum, value, i) => sum + (value - exact[i]!) ** 2, 0) / height;
      claimed += Number(facts["standardError"]) ** 2;
    }
    // The errors are small beside the values, and of the size that is claimed: an estimate from about a dozen draws of pairs.
    expect(Math.sqrt(squares / seeds)).toBeLessThan(0.25 * Math.max(...exact.map(Math.abs)));
    expect(Math.sqrt(claimed / squares)).toBeGreaterThan(0.6);
    expect(Math.sqrt(claimed / squares)).toBeLessThan(1.7);
  });

  it("explains a single superpixel by the whole difference", async () => {
    const { attribution } = await perturb(linear(), { method: "kernel-shap", parameters: { segmentation: { shape: [height, width], data: new Float32Array(places) } } });
    close(attribution.data, new Array<number>(places).fill(linearScore(x, 0)));
  });

  it.each([
    [{ segmentation: { shape: [height, width], data: new Float32Array(places).fill(0.5) } }, "segmentation"], [{ segmentation: { shape: [places], data: new Float32Array(places) } }, "segmentation"],
    [{ segmentation: stripes, samples: 4 }, "samples"], [{ segments: 1 }, "segments"],
  ])("refuses what cannot work: %j", async (parameters, parameter) => {
    await expect(perturb(linear(), { method: "kernel-shap", parameters })).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter } });
  });

  it("shows the values so far", async () => {
    const partials: Float32Array[] = [];
    const { attribution } = await perturb(linear(), {
      method: "kernel-shap", parameters: { segmentation: stripes }, memory: 1, report: (done, total, partial) => {
        expect(total).toBe(63);
        expect(done).toBeLessThanOrEqual(total);
        if (partial) partials.push(partial().attribution.data);
      },
    });
    expect(partials.length).toBe(63);
    // Nothing is known of the superpixels after the first one's own score: they share what is left.
    const [first, ...others] = ofStripes(partials[1]!);
    const own = slopes(0).reduce((sum, slope, i) => sum + (stripeOf(i % places) === 0 ? slope * x[i]! : 0), 0);
    expect(first).toBeCloseTo(own, 3);
    for (const value of others) expect(value).toBeCloseTo((linearScore(x, 0) - own) / 5, 2);
    for (const partial of partials) expect(ofStripes(partial).reduce((a, b) => a + b, 0)).toBeCloseTo(linearScore(x, 0), 4);
    partials.at(-1)!.forEach((value, p) => expect(value).toBeCloseTo(attribution.data[p]!, 3));
  });
});

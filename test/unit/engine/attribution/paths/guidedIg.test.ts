/** @file Guided IG against the published algorithm written out on plain arrays, and its selection against sorting. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantileLower } from "../../../../../src/engine/attribution/gradients/quantile.js";
import type { GivenParameters } from "../../../../../src/engine/attribution/parameters.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { smooth } from "../../numbers.js";
import { explain } from "../smallClassifiers.js";
import { given, gradientAt, quadratic, relativeError, reluModel, row, scoreAt, size, smoothModel, statedCompleteness, x } from "./models.js";

const baseline = toNumbers(smooth([size], 6, -1, 1)).map((value, i) => (i === 4 ? x[4]! : Math.fround(value)));
const guidedIg = (graph: typeof quadratic, parameters: GivenParameters) => explain(graph, { method: "guided-ig", parameters: { baseline: given(baseline), ...parameters } });

/** Kapishnikov et al., as PAIR's `saliency` package has it: lists of numbers, whole-array statements, sorting for the quantile. */
async function published(graph: typeof quadratic, steps: number, fraction: number, maxDist: number): Promise<number[]> {
  const l1 = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
  const total = l1(x, baseline);
  let at = [...baseline];
  const attributions = new Array<number>(size).fill(0);
  for (let step = 0; step < steps; step++) {
    const actual = Array.from(await gradientAt(graph, at));
    const grad = [...actual];
    const alpha = (step + 1) / steps;
    const [alphaMin, alphaMax] = [Math.max(alpha - maxDist, 0), Math.min(alpha + maxDist, 1)];
    const onLine = (a: number) => baseline.map((start, i) => start + (x[i]! - start) * a);
    const [xMin, xMax] = [onLine(alphaMin), onLine(alphaMax)];
    const target = total * (1 - (step + 1) / steps);
    let gamma = Infinity;
    while (gamma > 1) {
      const old = [...at];
      const alphas = at.map((value, i) => (x[i] === baseline[i] ? alphaMax : (value - baseline[i]!) / (x[i]! - baseline[i]!)));
      at = at.map((value, i) => (alphas[i]! < alphaMin ? xMin[i]! : value));
      const current = l1(at, x);
      const isDone = Math.abs(target - current) <= Math.max(1e-9 * Math.max(target, current), 1e-9);
      if (!isDone) {
        at.forEach((value, i) => { if (value === xMax[i]) grad[i] = Infinity; });
        const sorted = grad.map(Math.abs).sort((a, b) => a - b);
        const threshold = sorted[Math.floor(fraction * (size - 1))]!;
        const chosen = grad.map((g) => Math.abs(g) <= threshold && g !== Infinity);
        const reach = at.reduce((sum, value, i) => sum + (chosen[i] ? Math.abs(value - xMax[i]!) : 0), 0);
        gamma = reach > 0 ? (current - target) / reach : Infinity;
        at = at.map((value, i) => (!chosen[i] ? value : gamma > 1 ? xMax[i]! : value + (xMax[i]! - value) * gamma));
      }
      at.forEach((value, i) => { attributions[i]! += (value - old[i]!) * actual[i]!; });
      if (isDone) break;
    }
  }
  return attributions;
}

describe("Guided IG", () => {
  it.each([[8, 0.25, 0.02], [5, 0.1, 1], [12, 0.5, 0.1], [6, 0.25, 0]])("with %d steps, fraction %d, distance %d is the published sum", async (steps, fraction, distance) => {
    for (const graph of [smoothModel, reluModel]) {
      const found = await guidedIg(graph, { steps, fraction, "max-distance": distance, rule: "left" });
      expect(relativeError(found.attribution.data, await published(graph, steps, fraction, distance))).toBeLessThan(1e-4);
      expect(statedCompleteness(found).difference).toBeCloseTo(scoreAt(graph, x) - scoreAt(graph, baseline), 4);
    }
  });

  it("takes another path than the straight line", async () => {
    const straight = await explain(smoothModel, { method: "integrated-gradients", parameters: { baseline: given(baseline), steps: 200, rule: "riemann-middle" } });
    expect(relativeError((await guidedIg(smoothModel, { steps: 100, "max-distance": 1 })).attribution.data, straight.attribution.data)).toBeGreaterThan(0.01);
    // Where nothing may leave the line, it is Integrated Gradients.
    expect(relativeError((await guidedIg(smoothModel, { steps: 100, "max-distance": 0 })).attribution.data, straight.attribution.data)).toBeLessThan(1e-3);
  });

  it("arrives at the image: by both ends of every move a quadratic is complete, element by element", async () => {
    const { attribution, completeness, evaluations } = await guidedIg(quadratic, { steps: 7 });
    expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! ** 2 - baseline[i]! ** 2)))).toBeLessThan(1e-5);
    expect(Math.abs(completeness!.gap)).toBeLessThan(1e-5);
    expect(evaluations.gradient).toBe(8);
  });

  it("is averaged over baselines", async () => {
    const each = await Promise.all(["black", "white"].map((name) => guidedIg(smoothModel, { steps: 5, baseline: name })));
    const all = await guidedIg(smoothModel, { steps: 5, baseline: "black,white" });
    expect(relativeError(all.attribution.data, Array.from({ length: size }, (_, i) => (each[0]!.attribution.data[i]! + each[1]!.attribution.data[i]!) / 2))).toBeLessThan(1e-5);
  });
});

it("the lower quantile is the one that sorting finds", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(Infinity), fc.double({ min: 0, max: 10, noNaN: true }));
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, fraction) => {
    const given = Float64Array.from(values);
    expect(quantileLower(given, fraction)).toBe([...values].sort((a, b) => a - b)[Math.floor(fraction * (values.length - 1))]);
    expect([...given]).toEqual(values);
  }), { seed: 1 });
});

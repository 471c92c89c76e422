/** @file Intervals, tails and tests against SciPy (test/fixtures/audit/recordStatistics.py). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { binomialTail, logGamma, mcNemar, wilson } from "../../../../src/engine/audit/statistics.js";

const recorded = JSON.parse(readFileSync(new URL("../../../fixtures/audit/statistics.json", import.meta.url), "utf8")) as Readonly<Record<"logGamma" | "binomialTail" | "wilson" | "mcNemar", readonly (readonly number[])[]>>;

function expectNear(value: number, expected: number, what: string, relative = 1e-9) {
  expect(Math.abs(value - expected), what).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-300);
}

describe("statistics", () => {
  it("knows the logarithm of the gamma function", () => {
    for (const [x, expected] of recorded.logGamma as [number, number][]) expect(Math.abs(logGamma(x) - expected), String(x)).toBeLessThan(1e-11 * Math.max(1, Math.abs(expected)));
  });

  it("sums the binomial's tail exactly, far out and below the mean", () => {
    for (const [hits, tries, chance, expected] of recorded.binomialTail as [number, number, number, number][]) expectNear(binomialTail(hits, tries, chance), expected, `${hits} of ${tries} at ${chance}`);
  });

  it("has nothing to sum at the ends", () => {
    expect([binomialTail(0, 5, 0), binomialTail(1, 5, 0), binomialTail(5, 5, 1), binomialTail(6, 5, 0.5), binomialTail(0, 0, 0.5)]).toEqual([1, 0, 1, 0, 1]);
  });

  it("gives Wilson's interval", () => {
    for (const [hits, tries, low, high] of recorded.wilson as [number, number, number, number][]) {
      const found = wilson(hits, tries);
      expect(Math.abs(found[0] - low) + Math.abs(found[1] - high), `${hits} of ${tries}`).toBeLessThan(1e-12);
    }
    expect(wilson(0, 0)).toEqual([0, 1]);
  });

  it("gives McNemar's exact p-value, whichever direction is the larger", () => {
    for (const [fixed, broken, expected] of recorded.mcNemar as [number, number, number][]) expectNear(mcNemar(fixed, broken), expected, `${fixed} and ${broken}`);
  });
});

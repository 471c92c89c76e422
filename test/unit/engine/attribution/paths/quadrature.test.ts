/** @file Quadrature rules against numpy's Gauss-Legendre nodes, integrals known in closed form, and the rules' definitions. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { quadrature, quadratureRules, spreadOrder, type QuadratureRule } from "../../../../../src/engine/attribution/gradients/quadrature.js";

const recorded = (JSON.parse(readFileSync(new URL("../../../../fixtures/reference/resnet_tiny/reference.json", import.meta.url), "utf8")) as {
  readonly integrated_gradients_nodes: { readonly gausslegendre_50: { readonly alphas: readonly number[]; readonly step_sizes: readonly number[] } };
}).integrated_gradients_nodes.gausslegendre_50;

const integrate = (rule: QuadratureRule, steps: number, f: (t: number) => number) => {
  const { nodes, weights } = quadrature(rule, steps);
  return nodes.reduce((sum, node, i) => sum + weights[i]! * f(node), 0);
};

describe("Gauss-Legendre", () => {
  // Both sides round: numpy states no more than float64's last digits.
  it("has numpy's nodes and weights up to rounding", () => {
    const { nodes, weights } = quadrature("gauss-legendre", 50);
    expect(recorded.alphas).toHaveLength(50);
    recorded.alphas.forEach((alpha, i) => expect(Math.abs(nodes[i]! - alpha)).toBeLessThan(1e-14));
    recorded.step_sizes.forEach((size, i) => expect(Math.abs(weights[i]! - size)).toBeLessThan(1e-14));
  });

  it.each([1, 2, 3, 7, 20, 51, 200])("of %d nodes integrates polynomials up to degree 2n - 1", (n) => {
    for (const degree of [0, 1, n, 2 * n - 2, 2 * n - 1]) expect(integrate("gauss-legendre", n, (t) => t ** degree)).toBeCloseTo(1 / (degree + 1), 12);
  });

  it("is wrong at degree 2n", () => expect(Math.abs(integrate("gauss-legendre", 2, (t) => t ** 4) - 0.2)).toBeGreaterThan(1e-3));
});

describe("the other rules", () => {
  it.each<[QuadratureRule, number[], number[]]>([
    ["riemann-left", [0, 0.25, 0.5, 0.75], [0.25, 0.25, 0.25, 0.25]],
    ["riemann-right", [0.25, 0.5, 0.75, 1], [0.25, 0.25, 0.25, 0.25]],
    ["riemann-middle", [0.125, 0.375, 0.625, 0.875], [0.25, 0.25, 0.25, 0.25]],
    ["trapezoid", [0, 1 / 3, 2 / 3, 1], [1 / 6, 1 / 3, 1 / 3, 1 / 6]],
    // Captum: np.linspace(0, 1, n), step sizes 1/n with both ends halved.
    ["captum-trapezoid", [0, 1 / 3, 2 / 3, 1], [1 / 8, 1 / 4, 1 / 4, 1 / 8]],
  ])("%s", (rule, nodes, weights) => {
    const found = quadrature(rule, 4);
    nodes.forEach((node, i) => expect(found.nodes[i]).toBeCloseTo(node, 15));
    weights.forEach((weight, i) => expect(found.weights[i]).toBeCloseTo(weight, 15));
  });

  it.each(quadratureRules)("%s converges", (rule) => expect(integrate(rule, 2000, Math.exp)).toBeCloseTo(Math.E - 1, 2));

  it("refuses a trapezoid of one node", () => {
    expect(() => quadrature("trapezoid", 1)).toThrow(expect.objectContaining({ code: "parameterInvalid", data: expect.objectContaining({ parameter: "steps" }) as unknown }) as Error);
  });
});

describe("the order of visits", () => {
  it.each([1, 2, 5, 8, 50])("goes to each of %d once", (count) => expect([...spreadOrder(count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i)));

  it("is spread over all at any time", () => {
    const order = spreadOrder(64);
    for (const share of [4, 8, 16, 32]) {
      const parts = new Set(order.slice(0, share).map((i) => Math.floor((i * share) / 64)));
      expect(parts.size).toBe(share);
    }
  });
});

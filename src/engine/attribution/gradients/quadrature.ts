/** @file Quadrature rules on [0, 1]: where a path is looked at, and what each look counts. */
import { WhylightError } from "../../errors.js";

export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** The names of the rules, the default first. */
export const quadratureRules = ["gauss-legendre", "riemann-left", "riemann-right", "riemann-middle", "trapezoid", "captum-trapezoid"] as const;
export type QuadratureRule = (typeof quadratureRules)[number];

const even = (steps: number, offset: number): Quadrature => ({ nodes: Float64Array.from({ length: steps }, (_, i) => (i + offset) / steps), weights: new Float64Array(steps).fill(1 / steps) });

/** Both ends count half; `share` is what a whole node counts. */
const trapezoid = (steps: number, share: number): Quadrature => ({
  nodes: Float64Array.from({ length: steps }, (_, i) => i / (steps - 1)), weights: Float64Array.from({ length: steps }, (_, i) => (i === 0 || i === steps - 1 ? share / 2 : share)),
});

const rules: Readonly<Record<QuadratureRule, (steps: number) => Quadrature>> = {
  "gauss-legendre": gaussLegendre,
  "riemann-left": (steps) => even(steps, 0),
  "riemann-right": (steps) => even(steps, 1),
  "riemann-middle": (steps) => even(steps, 0.5),
  trapezoid: (steps) => trapezoid(steps, 1 / (steps - 1)),
  // Captum 0.8 divides by the number of nodes instead of intervals: the weights sum to (n - 1) / n.
  "captum-trapezoid": (steps) => trapezoid(steps, 1 / steps),
};

/** Nodes in ascending order, and weights, which sum to 1 unless the rule says otherwise. Throws `parameterInvalid` for a trapezoid of one node. */
export function quadrature(rule: QuadratureRule, steps: number): Quadrature {
  if (steps < 2 && rule.endsWith("trapezoid")) throw new WhylightError("parameterInvalid", { parameter: "steps", reason: `${rule} needs at least 2` });
  return rules[rule](steps);
}

/** The roots of the Legendre polynomial by Newton's method from Tricomi's first guess, moved from [-1, 1] to [0, 1]. Exact for polynomials of degree 2n - 1. */
function gaussLegendre(n: number): Quadrature {
  const [nodes, weights] = [new Float64Array(n), new Float64Array(n)];
  // The roots lie symmetrically.
  for (let i = 0; 2 * i < n; i++) {
    let z = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    // Converges quadratically: four rounds reach the last digit, which may then go back and forth for ever.
    for (let round = 0; round < 5; round++) {
      const { value, slope } = legendre(n, z);
      z -= value / slope;
    }
    const { slope } = legendre(n, z);
    nodes[i] = (1 - z) / 2;
    nodes[n - 1 - i] = (1 + z) / 2;
    weights[i] = weights[n - 1 - i] = 1 / ((1 - z * z) * slope * slope);
  }
  return { nodes, weights };
}

/** The Legendre polynomial of degree `n` and its derivative, by Bonnet's recursion. */
function legendre(n: number, z: number): { readonly value: number; readonly slope: number } {
  let before = 1;
  let value = z;
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * z * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return { value, slope: (n * (z * value - before)) / (z * z - 1) };
}

/**
 * The order in which to visit `count` nodes so that those visited so far are spread over all of them: by their numbers with the bits reversed (van der Corput).
 * A map of some of them then resembles the map of all.
 */
export function spreadOrder(count: number): readonly number[] {
  const bits = Math.ceil(Math.log2(Math.max(2, count)));
  const reversed = (i: number) => { let turned = 0; for (let bit = 0; bit < bits; bit++) turned |= ((i >> bit) & 1) << (bits - 1 - bit); return turned; };
  return Array.from({ length: 2 ** bits }, (_, i) => reversed(i)).filter((i) => i < count);
}

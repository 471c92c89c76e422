/** @file The subsets that KernelSHAP tries: every one where it can, otherwise small and large ones whole and the rest in pairs. */
import { describe, expect, it } from "vitest";
import { choose, shapleyCoalitions, subsetsOf, type Coalition } from "../../../../../src/engine/attribution/perturbations/coalitions.js";
import { createRandom } from "../../../../../src/engine/attribution/random.js";

const sizeOf = ({ members }: Coalition) => members.reduce((a, b) => a + b, 0);
const weightOf = (coalitions: readonly Coalition[]) => coalitions.reduce((sum, { weight }) => sum + weight, 0);
/** The Shapley kernel of one subset, as the paper writes it. */
const kernel = (players: number, size: number) => (players - 1) / (choose(players, size) * size * (players - size));

describe("subsets", () => {
  it("of a size are all there, once", () => {
    expect([choose(5, 2), choose(6, 3), choose(50, 25)]).toEqual([10, 20, 126410606437752]);
    expect(subsetsOf(4, 2).map((members) => members.join(""))).toEqual(["1100", "1010", "1001", "0110", "0101", "0011"]);
    expect(new Set(subsetsOf(7, 3).map(String)).size).toBe(35);
  });

  it.each([2, 3, 4, 5, 6, 7, 10])("of %d players are enumerated when the budget allows, weighed by the Shapley kernel", (players) => {
    const coalitions = shapleyCoalitions(players, 2 ** players - 2, createRandom(0));
    expect(new Set(coalitions.map(({ members }) => String(members))).size).toBe(2 ** players - 2);
    expect(coalitions.every(({ draw }) => draw === undefined)).toBe(true);
    const factor = coalitions[0]!.weight / kernel(players, sizeOf(coalitions[0]!));
    for (const coalition of coalitions) expect(coalition.weight / kernel(players, sizeOf(coalition))).toBeCloseTo(factor, 12);
    expect(weightOf(coalitions)).toBeCloseTo(1, 12);
  });

  it("are drawn in pairs where there are too many, sizes 1 and n - 1 whole", () => {
    const coalitions = shapleyCoalitions(50, 500, createRandom(3));
    expect(coalitions.length).toBeLessThanOrEqual(500);
    expect(coalitions.length).toBeGreaterThanOrEqual(499);
    expect(weightOf(coalitions)).toBeCloseTo(1, 12);
    const whole = coalitions.filter(({ draw }) => draw === undefined);
    expect(new Set(whole.map(({ members }) => String(members))).size).toBe(100);
    expect(new Set(whole.map(sizeOf))).toEqual(new Set([1, 49]));
    const drawn = coalitions.filter(({ draw }) => draw !== undefined);
    for (let i = 0; i < drawn.length; i += 2) {
      expect(drawn[i]!.draw).toBe(drawn[i + 1]!.draw);
      expect([...drawn[i]!.members].map((member) => 1 - member)).toEqual([...drawn[i + 1]!.members]);
    }
  });

  it("are drawn as often as the kernel weighs their size, and every player as often as another", () => {
    const players = 12;
    const drawn = shapleyCoalitions(players, 3000, createRandom(1)).filter(({ draw }) => draw !== undefined);
    const sizes = [...new Set(drawn.map(sizeOf))].toSorted((a, b) => a - b);
    const share = (size: number) => (1 / (size * (players - size))) / sizes.reduce((sum, s) => sum + 1 / (s * (players - s)), 0);
    expect(sizes).toEqual([5, 6, 7]);
    // Within four standard deviations of a binomial.
    for (const size of sizes) expect(Math.abs(drawn.filter((coalition) => sizeOf(coalition) === size).length / drawn.length - share(size))).toBeLessThan(4 * Math.sqrt(0.25 / (drawn.length / 2)));
    const first = drawn.filter((_, i) => i % 2 === 0);
    const chance = first.reduce((sum, coalition) => sum + sizeOf(coalition), 0) / first.length / players;
    for (let player = 0; player < players; player++) expect(Math.abs(first.filter(({ members }) => members[player] === 1).length / first.length - chance)).toBeLessThan(4 * Math.sqrt(0.25 / first.length));
  });

  it("are the same for the same seed only", () => {
    expect(shapleyCoalitions(20, 60, createRandom(5))).toEqual(shapleyCoalitions(20, 60, createRandom(5)));
    expect(shapleyCoalitions(20, 60, createRandom(5))).not.toEqual(shapleyCoalitions(20, 60, createRandom(6)));
  });
});

/** @file The numbers of a comparison, against hand values, definitions and closed forms. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { average, changeBetween, commonEnds, correlationsOf, disagreement, noiseShare, relativeChange } from "../../../src/drawing/comparison.js";
import { rankCorrelation, rankCorrelations, ranks } from "../../../src/engine/attribution/trust/rankCorrelation.js";

const grid = (shape: number[], data: number[]) => ({ shape, data: Float32Array.from(data) });

/** Ranks by their definition: how many are smaller, and half of the others that are equal. */
const countedRanks = (values: readonly number[]) => values.map((value) => values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2);

describe("average and disagreement", () => {
  it("takes the mean and the standard deviation, value by value", () => {
    const maps = [grid([1, 2], [1, -4]), grid([1, 2], [3, -4]), grid([1, 2], [8, -4])];
    expect([...average(maps).data]).toEqual([4, -4]);
    // (9 + 1 + 16) / 3
    expect(disagreement(maps).data[0]).toBeCloseTo(Math.sqrt(26 / 3), 6);
    expect(disagreement(maps).data[1]).toBe(0);
    expect(disagreement(maps).shape).toEqual([1, 2]);
  });
});

describe("change", () => {
  it("is the distance as a share of what came after", () => {
    expect(relativeChange([3, 4], [0, 0])).toBe(Infinity);
    expect(relativeChange([0, 0], [3, 4])).toBe(1);
    expect(relativeChange([3, 0], [3, 4])).toBeCloseTo(4 / 5, 12);
    expect(relativeChange([0, 0], [0, 0])).toBe(0);
  });
});

describe("rank correlation", () => {
  it("ranks by the definition, ties included", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 40 }), (values) => {
      expect([...ranks(values)]).toEqual(countedRanks(values));
    }));
  });

  it("is 1 - 6 sum d^2 / (n^3 - n) without ties", () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer(), { minLength: 3, maxLength: 30 }), fc.integer(), (values, seed) => {
      const other = values.map((value, i) => Math.sin(value + seed * (i + 1)));
      fc.pre(new Set(other).size === other.length);
      const [a, b] = [countedRanks(values), countedRanks(other)];
      const squares = a.reduce((sum, rank, i) => sum + (rank - b[i]!) ** 2, 0);
      const n = values.length;
      expect(rankCorrelations([values, other])[0]![1]).toBeCloseTo(1 - (6 * squares) / (n ** 3 - n), 9);
      expect(rankCorrelation(other, values)).toBeCloseTo(1 - (6 * squares) / (n ** 3 - n), 9);
    }));
  });

  it("knows nothing about a constant map, and sees through a change of scale", () => {
    const [first, second] = rankCorrelations([[1, 2, 3], [10, 100, 1000], [3, 2, 1], [5, 5, 5]]);
    expect(first!.slice(0, 3).map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 1, -1]);
    expect(second![3]).toBeNaN();
  });
});

describe("correlations of results", () => {
  const fine = (data: number[]) => ({ attribution: grid([1, 1, 2, 4], data), heatmap: grid([2, 4], data), inputSize: [2, 4] as const });

  it("compare methods on the coarsest grid among them, and one method pixel by pixel", () => {
    const coarse = { attribution: grid([1, 2], [1, 2]), heatmap: grid([2, 4], [1, 1, 2, 2, 1, 1, 2, 2]), inputSize: [2, 4] as const };
    // By halves the first map has less left (sum 6) than right (sum 10); pixel by pixel it is mixed.
    const mixed = fine([4, 0, 5, 0, 0, 2, 0, 5]);
    expect(correlationsOf([mixed, coarse], true)).toEqual({ matrix: [[expect.closeTo(1), expect.closeTo(1)], [expect.closeTo(1), expect.closeTo(1)]], grid: [1, 2] });
    const { matrix, grid: none } = correlationsOf([mixed, coarse], false);
    expect(none).toBeUndefined();
    expect(matrix[0]![1]).toBeCloseTo(rankCorrelation([4, 0, 5, 0, 0, 2, 0, 5], [1, 1, 2, 2, 1, 1, 2, 2]), 12);
  });

  it("say how a map changed", () => {
    const change = changeBetween(fine([0, 0, 0, 0, 0, 0, 3, 4]), fine([0, 0, 0, 0, 0, 0, 4, 3]));
    expect(change.distance).toBeCloseTo(Math.SQRT2 / 5, 9);
    expect(change.correlation).toBeLessThan(1);
  });
});

describe("noise", () => {
  it("is all of a lone spike and none of an area", () => {
    const spike = grid([5, 5], Array.from({ length: 25 }, (_, i) => (i === 12 ? 1 : 0)));
    expect(noiseShare(spike)).toBe(1);
    expect(noiseShare(grid([4, 6], Array.from({ length: 24 }, (_, i) => (i % 6 < 3 ? 1 : 0))))).toBe(0);
    expect(noiseShare(grid([3, 3], new Array<number>(9).fill(0)))).toBe(0);
  });

  it("takes the median of every window, as sorting finds it", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 20, maxLength: 20 }), (values) => {
      const at = (row: number, column: number) => values[Math.min(3, Math.max(0, row)) * 5 + Math.min(4, Math.max(0, column))]!;
      const window = (i: number) => [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((across) => at(Math.floor(i / 5) + down, (i % 5) + across)));
      const removed = values.reduce((sum, value, i) => sum + (value - window(i).toSorted((a, b) => a - b)[4]!) ** 2, 0);
      const energy = values.reduce((sum, value) => sum + value * value, 0);
      expect(noiseShare(grid([4, 5], values))).toBeCloseTo(energy === 0 ? 0 : Math.min(1, removed / energy), 9);
    }));
  });

  it("is the share of one spike in a field by hand", () => {
    // 49 values of 1, one of them 3: the filter takes the 3 down to 1, a change of 4 in an energy of 48 + 9.
    const field = grid([7, 7], Array.from({ length: 49 }, (_, i) => (i === 24 ? 3 : 1)));
    expect(noiseShare(field)).toBeCloseTo(4 / 57, 6);
  });
});

describe("a shared scale", () => {
  it("reaches from the lowest to the highest, evenly about zero once one is signed", () => {
    expect(commonEnds([{ ends: [0, 2], signed: false }, { ends: [1, 5], signed: false }])).toEqual({ ends: [0, 5], signed: false });
    expect(commonEnds([{ ends: [0, 2], signed: false }, { ends: [-3, 3], signed: true }])).toEqual({ ends: [-3, 3], signed: true });
  });
});

/** @file Attention weights made ready to be looked at: small matrices whose answers are seen at a glance. */
import { describe, expect, it } from "vitest";
import { strongestLines } from "../../../../src/drawing/attention/lines.js";
import { middleOf, onScale, paintWeights, scaleFor } from "../../../../src/drawing/attention/scale.js";
import { cutWeights, headWeights, keysByWeight, kthLargest, largestWeight, pooledWeights, selectTokens } from "../../../../src/drawing/attention/weights.js";

const grid = (rows: readonly (readonly number[])[]) => ({ shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });
const rowsOf = ({ shape, data }: { shape: readonly number[]; data: Float32Array }) => Array.from({ length: shape[0]! }, (_, row) => [...data.subarray(row * shape[1]!, (row + 1) * shape[1]!)]);

describe("one head or the mean", () => {
  const weights = { shape: [2, 2, 1, 2], data: Float32Array.of(1, 0, 0.5, 0.5, 0.25, 0.75, 0, 1) };

  it.each([[0, 0, [1, 0]], [0, 1, [0.5, 0.5]], [1, 0, [0.25, 0.75]], [0, "mean", [0.75, 0.25]], [1, "mean", [0.125, 0.875]]] as const)("of window %s, head %s", (window, head, expected) => {
    expect(rowsOf(headWeights(weights, window, head))).toEqual([expected]);
  });
});

describe("tokens that are kept", () => {
  const all = grid([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [1, 0, 0]]);

  it("are the same matrix when all are", () => {
    expect(selectTokens(all, { rows: [0, 1, 2], columns: [0, 1, 2] })).toBe(all);
  });

  it("are cut out as they are", () => {
    expect(rowsOf(selectTokens(all, { rows: [1], columns: [0, 2] }))).toEqual([[0.25, 0.5]]);
  });

  it("are divided by what each row keeps, also when a slice of that is cut out", () => {
    // Without the first token the second row keeps 3/4: 1/4 and 1/2 of it are a third and two thirds.
    expect(rowsOf(selectTokens(all, { rows: [1, 2], columns: [2], renormalised: [1, 2] }))).toEqual([[expect.closeTo(2 / 3, 6)], [0]]);
  });
});

describe("what is drawn", () => {
  it.each([[1, 4], [2, 3], [3, 3], [4, 1], [5, -Infinity]])("the %s-th largest of 3 1 4 3 is %s", (k, expected) => {
    expect(kthLargest(Float32Array.of(3, 1, 4, 3), 0, 4, k)).toBe(expected);
  });

  it("leaves out what is below the threshold or beyond the strongest of its row", () => {
    const matrix = grid([[0.5, 0.25, 0.25], [0.75, 0.125, 0.125]]);
    expect(rowsOf(cutWeights(matrix, 0.2, Infinity))).toEqual([[0.5, 0.25, 0.25], [0.75, NaN, NaN]]);
    expect(rowsOf(cutWeights(matrix, 0, 1))).toEqual([[0.5, NaN, NaN], [0.75, NaN, NaN]]);
    // Two keys tie for the second place; none of them is preferred.
    expect(rowsOf(cutWeights(matrix, 0, 2))).toEqual([[0.5, 0.25, 0.25], [0.75, 0.125, 0.125]]);
  });

  it("lists keys by their weight, without those that are not drawn", () => {
    expect(keysByWeight(grid([[0.25, NaN, 0.5, 0.25]]), 0)).toEqual([{ key: 2, weight: 0.5 }, { key: 0, weight: 0.25 }, { key: 3, weight: 0.25 }]);
  });

  it("loses no strong weight in a smaller picture", () => {
    expect(rowsOf(pooledWeights(grid([[0, 1, 2], [3, NaN, NaN], [4, NaN, NaN]]), 2))).toEqual([[3, 2], [4, NaN]]);
    expect(largestWeight(Float32Array.of(NaN, 0.5, 0.25))).toBe(0.5);
  });
});

describe("scales", () => {
  it("place a weight between their ends", () => {
    const [largest, one, root] = (["largest", "one", "root"] as const).map((choice) => scaleFor(choice, 0.25));
    expect([largest, one, root].map((scale) => onScale(scale!, 0.0625))).toEqual([0.25, 0.0625, 0.5]);
    expect([largest, one, root].map((scale) => middleOf(scale!))).toEqual([0.125, 0.5, 0.0625]);
    expect(onScale(largest!, 2)).toBe(1);
    expect(onScale(scaleFor("largest", 0), 0)).toBe(0);
  });

  it("paint the ends of a table, and nothing where there is no number", () => {
    const colors = new Uint8Array(768);
    colors.set([1, 2, 3], 0);
    colors.set([7, 8, 9], 765);
    expect([...paintWeights(grid([[0, 0.5, NaN]]), { highest: 0.5, isRoot: false }, colors)]).toEqual([1, 2, 3, 255, 7, 8, 9, 255, 0, 0, 0, 0]);
  });
});

describe("lines", () => {
  const heads = [grid([[0.5, 0.5, 0], [0.125, 0.75, 0.125]]), grid([[0.25, 0.25, 0.5], [1, 0, 0]])];
  const listed = (top: number, of = heads) => {
    const { from, to, head, weight } = strongestLines(of, top);
    return Array.from(weight, (value, i) => [head[i], from[i], to[i], value]);
  };

  it("run from each query to its strongest keys in every head, strongest first", () => {
    expect(listed(1)).toEqual([[1, 1, 0, 1], [0, 1, 1, 0.75], [0, 0, 0, 0.5], [0, 0, 1, 0.5], [1, 0, 2, 0.5]]);
  });

  it("leave out only zeros when all are wanted", () => {
    expect(listed(Infinity)).toHaveLength(5 + 4);
  });

  it("are the strongest of too many, and say so", () => {
    const count = 300;
    const many = [{ shape: [count, count], data: Float32Array.from({ length: count * count }, (_, i) => (1 + ((i * 7919) % 90_001)) / 90_001) }];
    const lines = strongestLines(many, Infinity);
    expect(lines.isCapped).toBe(true);
    expect(lines.weight.length).toBe(65_536);
    const sorted = many[0]!.data.toSorted((a, b) => b - a);
    expect(lines.weight[65_535]).toBe(sorted[65_535]);
    expect(strongestLines(many, 3).isCapped).toBe(false);
  });
});

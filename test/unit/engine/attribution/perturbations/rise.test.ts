/** @file RISE against its expectation over every mask there is, on an image small enough to list them. */
import { describe, expect, it } from "vitest";
import { createMaskMean } from "../../../../../src/engine/attribution/perturbations/maskMean.js";
import { drawMask, enlargeMask } from "../../../../../src/engine/attribution/perturbations/rise.js";
import { createRandom } from "../../../../../src/engine/attribution/random.js";
import { softmax } from "../../../../../src/engine/attribution/probabilities.js";
import { randomSource } from "../../numbers.js";
import { target } from "../smallClassifiers.js";
import { close, height, linear, linearScore, other, perturb, places, plain, width, x } from "./linearImage.js";

/** How visible a place is, straight from the definition: tents of one cell's width around cell centres, the outer ones reaching to the border. */
function visibility(cells: readonly number[], side: number, y: number, x: number, size: readonly [number, number]): number {
  const shares = (at: number, length: number) => {
    const step = ((side + 1) * Math.ceil(length / side)) / side;
    const place = Math.min(side - 1, Math.max(0, (at + 0.5) / step - 0.5));
    return Array.from({ length: side }, (_, cell) => Math.max(0, 1 - Math.abs(place - cell)));
  };
  const [rows, columns] = [shares(y, size[0]), shares(x, size[1])];
  return rows.reduce((sum, row, i) => sum + row * columns.reduce((part, column, j) => part + column * cells[i * side + j]!, 0), 0);
}

/** Every mask of 2 by 2 cells: 16 grids, at each shift below an enlarged cell. All are equally likely at a probability of one half. */
const side = 2;
const everyMask = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].map((cell) => (bits >> cell) & 1)).flatMap((cells) =>
  Array.from({ length: Math.ceil(height / side) }, (_, shiftY) => shiftY).flatMap((shiftY) => Array.from({ length: Math.ceil(width / side) }, (__, shiftX) => ({
    cells, shiftY, shiftX, mask: Array.from({ length: places }, (___, p) => visibility(cells, side, Math.floor(p / width) + shiftY, (p % width) + shiftX, [height, width])),
  }))));

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const fill = other(41);
const scoreUnder = (mask: readonly number[], filling: ArrayLike<number>) => softmax([0, 1, 2].map((c) => linearScore(x.map((value, i) => mask[i % places]! * value + (1 - mask[i % places]!) * filling[i]!), c)))[2]!;

describe("RISE's masks", () => {
  it("are the grid enlarged bilinearly and cut out at its shift", () => {
    for (const { cells, shiftY, shiftX, mask } of everyMask) {
      const made = new Float32Array(places);
      enlargeMask(made, { cells: Float32Array.from(cells), shiftY, shiftX }, height, width);
      close(made, mask);
    }
  });

  it("are as visible as their probability everywhere, and reach every shift", () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 4000 }, () => drawMask(3, 0.3, 12, 7, random));
    const visible = drawn.reduce((sum, { cells }) => sum + cells.reduce((a, b) => a + b, 0), 0) / (4000 * 9);
    expect(Math.abs(visible - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / 36000));
    expect(new Set(drawn.map(({ shiftY, shiftX }) => `${shiftY} ${shiftX}`)).size).toBe(4 * 3);
  });
});

describe("RISE", () => {
  const scores = everyMask.map(({ mask }) => scoreUnder(mask, fill.data as Float32Array));
  const expected = Array.from({ length: places }, (_, p) => mean(everyMask.map(({ mask }, i) => scores[i]! * mask[p]!)) / mean(everyMask.map(({ mask }) => mask[p]!)));
  const meanScore = mean(scores);
  /** The default takes the mean score of all masks off. */
  const zero = { expected: 0, measured: meanScore };
  /** The exact standard deviation of one mask's term. */
  const spread = {
    expected: (p: number) => Math.sqrt(mean(everyMask.map(({ mask }, i) => ((scores[i]! * mask[p]!) / 0.5 - expected[p]!) ** 2))),
    measured: (p: number) => Math.sqrt(mean(everyMask.map(({ mask }, i) => (((scores[i]! - expected[p]!) * mask[p]!) / 0.5) ** 2))),
  };
  const centred = {
    expected: spread.expected,
    measured: (p: number) => Math.sqrt(mean(everyMask.map(({ mask }, i) => (((scores[i]! - expected[p]!) * mask[p]!) / 0.5 - (scores[i]! - meanScore)) ** 2))),
  };

  it.each(["expected", "measured"] as const)("divided by the %s visibility comes to the mean score of what shows a place, as near as it says", async (coverage) => {
    const masks = 4000;
    const { attribution, facts, evaluations } = await perturb(linear(), {
      method: "rise", target: target(2, { score: "softmax" }), parameters: { masks, cells: side, coverage, fill: plain(fill), seed: 7 },
    });
    expect(evaluations).toEqual({ forward: masks + 1, gradient: 0 });
    for (let p = 0; p < places; p++) expect(Math.abs(attribution.data[p]! - (expected[p]! - zero[coverage])), `place ${p}`).toBeLessThan((4.5 * centred[coverage](p)) / Math.sqrt(masks));
    const exact = Math.sqrt(mean(expected.map((_, p) => spread[coverage](p) ** 2)) / masks);
    expect(Math.abs(Number(facts["standardError"]) / exact - 1)).toBeLessThan(0.1);
  });

  it("by the measured visibility is flat for a score that no mask changes", async () => {
    const constant = linear((graph, logits) => graph.add("Add", [graph.add("Mul", [logits, graph.scalar(0)]), graph.scalar(3)]));
    const { attribution, remarks } = await perturb(constant, { method: "rise", parameters: { masks: 40, cells: 3 } });
    close(attribution.data, new Array<number>(places).fill(0));
    expect(remarks.map(({ code }) => code)).toContain("blankMap");
  });

  it("is the same for the same seed only", async () => {
    const map = async (seed: number) => (await perturb(linear(), { method: "rise", parameters: { masks: 20, seed } })).attribution.data;
    expect(await map(1)).toEqual(await map(1));
    expect(await map(1)).not.toEqual(await map(2));
  });

  it("shows the mean so far, ending at the result", async () => {
    const partials: Float32Array[] = [];
    const totals = new Set<number>();
    const { attribution } = await perturb(linear(), {
      method: "rise", parameters: { masks: 24 }, memory: 1, report: (_, total, partial) => { if (partial) { partials.push(partial().attribution.data); totals.add(total); } },
    });
    expect(partials.length).toBe(24);
    expect(totals).toEqual(new Set([24]));
    expect(partials.at(-1)).toEqual(attribution.data);
    expect(partials[0]).not.toEqual(attribution.data);
  });
});

describe("the mean over masks", () => {
  it.each([undefined, 0.4])("has the standard error of its definition (visibility %s)", (known) => {
    const next = randomSource(5);
    const draws = Array.from({ length: 50 }, () => ({ mask: Float32Array.from({ length: 3 }, () => Math.fround(next())), score: next() + 2 }));
    const sums = createMaskMean(3, known);
    for (const { mask, score } of draws) sums.add(mask, score);
    const squares = [0, 1, 2].map((p) => {
      const divisor = known ?? mean(draws.map(({ mask }) => mask[p]!));
      const value = mean(draws.map(({ mask, score }) => score * mask[p]!)) / divisor;
      expect(sums.values()[p]).toBeCloseTo(value, 5);
      const terms = draws.map(({ mask, score }) => (known === undefined ? ((score - value) * mask[p]!) / divisor : (score * mask[p]!) / divisor - value));
      return terms.reduce((sum, term) => sum + term ** 2, 0) / 49 / 50;
    });
    expect(sums.standardError()).toBeCloseTo(Math.sqrt(mean(squares)), 8);
  });

  it("is 0 where nothing was seen", () => expect([createMaskMean(2, undefined).values(), createMaskMean(2, 0.5).values()]).toEqual([new Float32Array(2), new Float32Array(2)]));
});


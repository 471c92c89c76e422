/** @file Entropy, distance, strongest keys, small pictures and hidden tokens, by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headStatistics, positionsInText, positionsOnImage } from "../../../../src/drawing/attention/headStatistics.js";
import { strongestLinks } from "../../../../src/drawing/attention/strongestLinks.js";
import { thumbnails } from "../../../../src/drawing/attention/thumbnails.js";
import { selectTokens } from "../../../../src/drawing/attention/weights.js";

const grid = (shape: readonly number[], data: readonly number[]) => ({ shape, data: Float32Array.from(data) });

describe("headStatistics", () => {
  it("measures the spread of weights in nats", () => {
    // One head looks at one token each, the other at all four alike, the third at two with 3/4 and 1/4.
    const sharp = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const flat = sharp.map(() => 0.25);
    const mixed = Array.from({ length: 4 }, () => [0.75, 0.25, 0, 0]).flat();
    const { entropy } = headStatistics(grid([1, 3, 4, 4], [...sharp, ...flat, ...mixed]), positionsInText(4));
    expect(entropy[0]).toBe(0);
    expect(entropy[1]).toBeCloseTo(Math.log(4), 6);
    expect(entropy[2]).toBeCloseTo(0.75 * Math.log(4 / 3) + 0.25 * Math.log(4), 6);
  });

  it("agrees with the formula for weights of any size", () => {
    fc.assert(fc.property(fc.array(fc.float({ min: Math.fround(1e-30), max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (weights) => {
      const data = Float32Array.from(weights);
      const wanted = data.reduce((sum, weight) => sum - weight * Math.log(weight), 0);
      expect(Math.abs(headStatistics({ shape: [1, 1, 1, data.length], data }, undefined).entropy[0]! - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, wanted));
    }));
  });

  it("measures how many words away attention goes", () => {
    // The first looks at itself; the second one on: 0, 1, 1 and 1 words away (the last looks back); the third spreads: from each of 4 words, the mean distance is (0+1+2+3)/4, (1+0+1+2)/4 and so on back.
    const self = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const next = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0];
    const flat = self.map(() => 0.25);
    const { distance } = headStatistics(grid([1, 3, 4, 4], [...self, ...next, ...flat]), positionsInText(4));
    expect([...distance]).toEqual([0, 0.75, (1.5 + 1 + 1 + 1.5) / 4].map(Math.fround));
  });

  it("measures patches on their grid and leaves tokens out that stand nowhere", () => {
    // A class token and 2 x 2 patches. Patch 0 gives the class token 1/2, its right neighbour 1/4 and the opposite corner 1/4; the others look at themselves.
    const weights = [
      0.2, 0.2, 0.2, 0.2, 0.2,
      0.5, 0, 0.25, 0, 0.25,
      0, 0, 1, 0, 0,
      0, 0, 0, 1, 0,
      0, 0, 0, 0, 1,
    ];
    const { distance } = headStatistics(grid([1, 1, 5, 5], weights), positionsOnImage([-1, 0, 1, 2, 3], 2));
    expect(distance[0]).toBeCloseTo(((1 + Math.SQRT2) / 2) / 4, 6);
    const unknown = headStatistics(grid([1, 1, 5, 5], weights), undefined);
    expect(unknown.distance[0]).toBeNaN();
    expect(headStatistics(grid([1, 1, 1, 5], weights.slice(0, 5)), positionsInText(5)).distance[0]).toBeNaN();
  });

  it("takes the mean over windows", () => {
    // Two windows of two cells of a row of four: the first looks over, the second at itself.
    const { distance, entropy } = headStatistics(grid([2, 1, 2, 2], [0, 1, 1, 0, 1, 0, 0, 1]), positionsOnImage([0, 1, 2, 3], 4));
    expect(distance[0]).toBe(0.5);
    expect(entropy[0]).toBe(0);
  });
});

describe("strongestLinks", () => {
  it("names the strongest other token, the first of equal ones", () => {
    expect(strongestLinks(grid([3, 3], [0.9, 0.05, 0.05, 0.2, 0.2, 0.6, 0.3, 0.5, 0.2]))).toEqual([
      { from: 0, to: 1, weight: Math.fround(0.05) }, { from: 1, to: 2, weight: Math.fround(0.6) }, { from: 2, to: 1, weight: 0.5 },
    ]);
    expect(strongestLinks(grid([1, 1], [1]))).toEqual([]);
  });
});

describe("hiding tokens", () => {
  const without = (weights: ReturnType<typeof grid>, keep: readonly boolean[]) => {
    const kept = keep.flatMap((isKept, token) => (isKept ? [token] : []));
    return selectTokens(weights, { rows: kept, columns: kept, renormalised: kept });
  };

  it("drops rows and columns and makes rows sum to 1", () => {
    const { shape, data } = without(grid([3, 3], [0.5, 0.25, 0.25, 0.2, 0.6, 0.2, 1, 0, 0]), [false, true, true]);
    expect(shape).toEqual([2, 2]);
    [0.75, 0.25, 0, 0].forEach((wanted, i) => expect(data[i]).toBeCloseTo(wanted, 6));
  });

  it("changes nothing when all are kept, and keeps rows at 1 whatever is dropped", () => {
    const softmax = (scores: number[]) => { const powers = scores.map(Math.exp); const sum = powers.reduce((a, b) => a + b, 0); return powers.map((power) => power / sum); };
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }).chain((n) => fc.tuple(fc.array(fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }), fc.array(fc.boolean(), { minLength: n, maxLength: n }))), ([scores, keep]) => {
      const weights = grid([scores.length, scores.length], scores.flatMap(softmax));
      const all = without(weights, keep.map(() => true));
      expect(all.data.every((value, i) => Math.abs(value - weights.data[i]!) < 1e-6)).toBe(true);
      const { shape, data } = without(weights, keep);
      for (let row = 0; row < shape[0]!; row++) expect(data.subarray(row * shape[1]!, (row + 1) * shape[1]!).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }));
  });
});

describe("thumbnails", () => {
  it("shows the largest weight of each cell as a share of the head's largest", () => {
    const weights = grid([1, 2, 4, 4], [
      0.1, 0.2, 0, 0, 0.4, 0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.2,
      ...new Array<number>(16).fill(0),
    ]);
    expect([...thumbnails(weights, 2)]).toEqual([255, 0, 0, 128, 0, 0, 0, 0]);
  });

  it("repeats weights where there are more cells, and looks at all windows", () => {
    expect([...thumbnails(grid([1, 1, 1, 2], [1, 0.2]), 4)]).toEqual([255, 255, 51, 51, 255, 255, 51, 51, 255, 255, 51, 51, 255, 255, 51, 51]);
    expect([...thumbnails(grid([2, 1, 1, 2], [1, 0, 0, 0.6]), 2)]).toEqual([255, 153, 255, 153]);
  });

  it("leaves no weight out: the largest is always seen", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (queries, keys, side, at) => {
      const data = new Float32Array(queries * keys);
      data[at % data.length] = 0.5;
      expect(Math.max(...thumbnails({ shape: [1, 1, queries, keys], data }, side))).toBe(255);
    }));
  });
});

describe("a text of 512 tokens in a model of BERT's size", () => {
  it("takes well under a second", () => {
    // 2 of 12 layers, since memory is dear: a sixth of the time.
    const data = Float32Array.from({ length: 12 * 512 * 512 }, (_, i) => ((i * 2654435761) % 1024) / 262144);
    const layer = { shape: [1, 12, 512, 512], data };
    const positions = positionsInText(512);
    headStatistics(layer, positions);
    const start = performance.now();
    for (let i = 0; i < 2; i++) {
      headStatistics(layer, positions);
      thumbnails(layer, 32);
    }
    const ms = 6 * (performance.now() - start);
    console.info(`statistics of 12 layers x 12 heads x 512 tokens: ${ms.toFixed(0)} ms`);
    expect(ms).toBeLessThan(3000);
  });
});

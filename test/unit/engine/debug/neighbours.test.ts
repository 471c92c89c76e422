/** @file The nearest feature vectors against a plain sort. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { nearestTo } from "../../../../src/engine/debug/neighbours.js";

it("are those a sort by cosine puts first", () => {
  const vector = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 });
  fc.assert(fc.property(vector, fc.array(vector, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (query, all, count) => {
    const cosine = (b: readonly number[]) => {
      const dot = query.reduce((sum, value, i) => sum + value * b[i]!, 0);
      return dot === 0 ? 0 : dot / (Math.hypot(...query) * Math.hypot(...b));
    };
    const wanted = all.map(cosine).toSorted((a, b) => b - a).slice(0, count);
    const found = nearestTo(Float32Array.from(query), all.map((values) => Float32Array.from(values)), count);
    expect(found.map(({ similarity }) => similarity)).toHaveLength(wanted.length);
    found.forEach(({ index, similarity }, i) => {
      expect(similarity).toBeCloseTo(wanted[i]!, 6);
      expect(similarity).toBeCloseTo(cosine(all[index]!), 6);
    });
    expect(new Set(found.map(({ index }) => index)).size).toBe(found.length);
  }));
});

it("keep their order where they are equally near, and pass over what cannot be compared", () => {
  const found = nearestTo(Float32Array.of(1, 0), [undefined, Float32Array.of(2, 0), Float32Array.of(1, 0, 0), Float32Array.of(5, 0), Float32Array.of(0, 1)], 3);
  expect(found).toEqual([{ index: 1, similarity: 1 }, { index: 3, similarity: 1 }, { index: 4, similarity: 0 }]);
});

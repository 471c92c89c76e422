/** @file The bounded sample: the smallest keys with their rows, whatever the order. */
import { describe, expect, it } from "vitest";
import { createSample, drawOf } from "../../../../src/engine/audit/sample.js";
import { randomFrom } from "./random.js";

describe("sample", () => {
  it("keeps what sorting would keep, in any order", () => {
    const random = randomFrom(3);
    const keys = Array.from({ length: 1000 }, () => random());
    const expected = keys.map((key, image) => ({ key, image })).toSorted((a, b) => a.key - b.key).slice(0, 37).map(({ image }) => image).toSorted((a, b) => a - b);
    for (const order of [keys.map((_, i) => i), keys.map((_, i) => i).toReversed(), keys.map((_, i) => (i * 7) % 1000)]) {
      const sample = createSample(37, 2);
      for (const image of order) sample.offer(keys[image]!, image, () => [image, -image]);
      const slots = Array.from({ length: sample.size }, (_, slot) => slot);
      expect(slots.map((slot) => sample.image(slot)).toSorted((a, b) => a - b)).toEqual(expected);
      for (const slot of slots) expect([...sample.row(slot)]).toEqual([sample.image(slot), -sample.image(slot)]);
      expect(sample.seen).toBe(1000);
    }
  });

  it("copies a row only where it stays", () => {
    const sample = createSample(1, 1);
    let copies = 0;
    const row = () => [++copies];
    for (const key of [3, 5, 4, 1, 2]) sample.offer(key, key, row);
    expect([copies, sample.size, sample.image(0), sample.row(0)[0]]).toEqual([2, 1, 1, 2]);
  });

  it("draws names evenly", () => {
    const halves = Array.from({ length: 4000 }, (_, i) => drawOf(`class ${i % 10}/${i}.jpg`) / 2 ** 53);
    // The mean of 4000 even draws lies within 1/2 ± 0.02 but for one time in 10,000 (standard deviation 0.0046).
    expect(Math.abs(halves.reduce((sum, value) => sum + value, 0) / 4000 - 0.5)).toBeLessThan(0.02);
    expect(new Set(halves).size).toBe(4000);
    expect(Math.min(...halves)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...halves)).toBeLessThan(1);
  });
});

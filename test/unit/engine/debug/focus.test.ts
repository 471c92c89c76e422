/** @file Where the mass of hand-made maps lies, and how two of them overlap. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { focusOf, overlapOf } from "../../../../src/engine/debug/focus.js";
import { areaAround, asPlaces, hotRegion, maskOfArea, placeOf } from "../../../../src/engine/debug/hotRegion.js";
import type { PixelImage } from "../../../../src/engine/preprocess/resample.js";

/** A map of `[h, w]` from a value per cell. */
const mapOf = (height: number, width: number, value: (x: number, y: number) => number) => ({
  shape: [height, width], data: Float32Array.from({ length: height * width }, (_, i) => value(i % width, Math.floor(i / width))),
});
/** A gray picture as RGB. */
const pictureOf = (height: number, width: number, value: (x: number, y: number) => number): PixelImage => ({
  width, height, channels: 3, data: Uint8ClampedArray.from({ length: height * width * 3 }, (_, i) => value(Math.floor(i / 3) % width, Math.floor(i / 3 / width))),
});
const noisy = (height: number, width: number) => pictureOf(height, width, (x, y) => ((x + y) % 2) * 255);
const within = (x: number, y: number, left: number, top: number, right: number, bottom: number) => x >= left && x < right && y >= top && y < bottom;

describe("the hot region", () => {
  it("is the connected piece around the maximum, not the level set's other pieces", () => {
    // Two blobs of 4 and of 3 each: total 10; the level set with half of it holds 4 + 3, and the maximum is in the first.
    const map = mapOf(5, 5, (x, y) => (x === 0 && y === 0 ? 4 : x === 4 && y === 4 ? 3 : x === 2 && y === 2 ? 2 : x === 4 && y === 0 ? 1 : 0));
    expect([...hotRegion(map).entries()].filter(([, value]) => value === 1).map(([i]) => i)).toEqual([0]);
  });

  it("takes neighbours across corners in", () => {
    const map = mapOf(3, 3, (x, y) => (x === y ? 1 : 0));
    expect([...hotRegion(map)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it("is everything in an even map and nothing in a blank one", () => {
    expect([...hotRegion(mapOf(2, 3, () => 0.5))]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...hotRegion(mapOf(2, 3, () => 0))]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...hotRegion(mapOf(2, 3, () => -1))]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("passes over what is no number", () => {
    expect([...hotRegion(mapOf(1, 4, (x) => [NaN, 1, 5, NaN][x]!))]).toEqual([0, 0, 1, 0]);
  });

  it("holds the cells that carry half of the mass where they hang together", () => {
    // A ramp of 1, 2, 3, 4: half of 10 is reached by 4 and 3.
    expect([...hotRegion(mapOf(1, 4, (x) => x + 1))]).toEqual([0, 0, 1, 1]);
  });

  it("of a map of single pixels is the place where they are dense", () => {
    // Every third pixel of the lower right quarter, and single brighter ones elsewhere.
    const map = mapOf(56, 56, (x, y) => (x >= 28 && y >= 28 ? Number((x + y) % 3 === 0) : x % 20 === 5 && y % 20 === 5 ? 2 : -1));
    expect(hotRegion(map).reduce((sum, value) => sum + value, 0)).toBe(1);
    const { x, y, width, height } = areaAround(hotRegion(asPlaces(map)), [56, 56]);
    expect(Math.min(x, y)).toBeGreaterThan(0.4);
    expect(Math.min(width, height)).toBeGreaterThan(0.3);
  });

  it("has an area in shares of the sides, and back", () => {
    const mask = maskOfArea({ x: 0.5, y: 0.25, width: 0.5, height: 0.5 }, [8, 4]);
    expect([...mask].reduce((sum, value) => sum + value, 0)).toBe(2 * 4);
    expect(areaAround(mask, [8, 4])).toEqual({ x: 0.5, y: 0.25, width: 0.5, height: 0.5 });
    expect(areaAround(new Uint8Array(4), [2, 2])).toEqual({ x: 0, y: 0, width: 0, height: 0 });
  });

  it("has a place by the third its centre lies in", () => {
    expect(placeOf({ x: 0, y: 0, width: 0.2, height: 0.2 })).toBe("topLeft");
    expect(placeOf({ x: 0.4, y: 0.7, width: 0.2, height: 0.3 })).toBe("bottom");
    expect(placeOf({ x: 0.8, y: 0.8, width: 0.2, height: 0.2 })).toBe("bottomRight");
    expect(placeOf({ x: 0, y: 0.3, width: 0.3, height: 0.3 })).toBe("left");
    expect(placeOf({ x: 0, y: 0, width: 1, height: 1 })).toBe("centre");
    expect(placeOf({ x: 0, y: 0, width: 0, height: 0 })).toBe("centre");
  });
});

describe("focus", () => {
  it("of a map in the lower right corner", () => {
    // 20 × 20 cells; the 5 × 5 of the corner hold 3 each (75), the 375 others 0.0667 in all 25.
    const map = mapOf(20, 20, (x, y) => (within(x, y, 15, 15, 20, 20) ? 3 : 25 / 375));
    const focus = focusOf(map, noisy(20, 20));
    expect(focus.region).toEqual({ x: 0.75, y: 0.75, width: 0.25, height: 0.25 });
    expect(focus).toMatchObject({ place: "bottomRight", cornerPlace: "bottomRight", regionArea: 25 / 400 });
    expect(focus.regionMass).toBeCloseTo(0.75, 5);
    expect(focus.outside).toBeCloseTo(0.25, 5);
    expect(focus.corner).toBeCloseTo(0.75, 5);
    // A border of 2 cells: 16 of the corner's 25, and 144 - 16 = 128 of the others.
    expect(focus.border).toBeCloseTo((16 * 3 + 128 * (25 / 375)) / 100, 5);
  });

  it("of an even map: 36 % at the border, 6.25 % in each corner", () => {
    const focus = focusOf(mapOf(40, 40, () => 1), noisy(40, 40));
    expect(focus.border).toBeCloseTo(0.36, 5);
    expect(focus.corner).toBeCloseTo(0.0625, 5);
    expect(focus.outside).toBe(0);
  });

  it("measures the border by the shorter side", () => {
    const focus = focusOf(mapOf(10, 40, (x, y) => (within(x, y, 1, 1, 39, 9) ? 0 : 1)), noisy(10, 40));
    expect(focus.border).toBe(1);
    expect(focusOf(mapOf(10, 40, (x, y) => (within(x, y, 1, 1, 39, 9) ? 1 : 0)), noisy(10, 40)).border).toBe(0);
  });

  it("tells even background from what has detail", () => {
    // The left half is even, the right half a chessboard; windows that reach across have detail.
    const picture = pictureOf(32, 32, (x, y) => (x < 16 ? 120 : ((x + y) % 2) * 255));
    const left = focusOf(mapOf(32, 32, (x) => (x < 12 ? 1 : 0)), picture);
    expect(left.uniform).toBe(1);
    expect(left.uniformArea).toBeCloseTo(15 / 32, 5);
    expect(focusOf(mapOf(32, 32, (x) => (x >= 16 ? 1 : 0)), picture).uniform).toBe(0);
  });

  it("calls a slow slope even and a step not", () => {
    expect(focusOf(mapOf(64, 64, () => 1), pictureOf(64, 64, (x) => 100 + x)).uniformArea).toBe(1);
    expect(focusOf(mapOf(64, 64, () => 1), pictureOf(64, 64, (x) => (x < 32 ? 100 : 140))).uniformArea).toBeLessThan(0.95);
  });

  it("is all zero for a blank map", () => {
    expect(focusOf(mapOf(4, 4, () => -2), noisy(4, 4))).toMatchObject({ place: "centre", regionMass: 0, regionArea: 0, border: 0, corner: 0, uniform: 0, outside: 0 });
  });

  it("has shares between 0 and 1 that add up, whatever the map and its scale", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.float({ min: -1, max: 1, noNaN: true })), (height, width, values) => {
      const map = mapOf(height, width, () => values.next().value as number);
      const focus = focusOf(map, noisy(height, width));
      for (const share of [focus.regionMass, focus.border, focus.corner, focus.uniform, focus.uniformArea, focus.outside, focus.regionArea]) expect(share >= 0 && share <= 1).toBe(true);
      if (map.data.some((value) => value > 0)) expect(focus.regionMass + focus.outside).toBeCloseTo(1, 6);
      const larger = focusOf({ ...map, data: map.data.map((value) => value * 8) }, noisy(height, width));
      expect(larger).toEqual({ ...focus, regionMass: larger.regionMass, border: larger.border, corner: larger.corner, uniform: larger.uniform, outside: larger.outside });
      expect(larger.regionMass).toBeCloseTo(focus.regionMass, 5);
    }));
  });
});

describe("overlap", () => {
  it("of a map with itself is whole, of maps apart none", () => {
    const left = mapOf(4, 4, (x) => (x < 2 ? 1 : 0));
    const right = mapOf(4, 4, (x) => (x >= 2 ? 1 : 0));
    expect(overlapOf(left, left)).toMatchObject({ iou: 1, shared: 1 });
    expect(overlapOf(left, left).correlation).toBeCloseTo(1, 6);
    expect(overlapOf(left, right)).toMatchObject({ iou: 0, shared: 0 });
    expect(overlapOf(left, right).correlation).toBeCloseTo(-1, 6);
  });

  it("counts what two maps share, each of mass one", () => {
    // (4, 0) and (1, 1) of 2 cells: min(1, 0.5) + min(0, 0.5) = 0.5. Hot: the first cell, and both.
    expect(overlapOf(mapOf(1, 2, (x) => (x === 0 ? 4 : 0)), mapOf(1, 2, () => 1))).toEqual({ iou: 0.5, shared: 0.5, correlation: null });
  });

  it("with a blank map is nothing", () => {
    expect(overlapOf(mapOf(2, 2, () => 0), mapOf(2, 2, (x) => x))).toEqual({ iou: 0, shared: 0, correlation: null });
  });
});

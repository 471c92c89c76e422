/** @file Each quality flag on a picture made to raise it, and numbers that follow from their definitions. */
import { describe, expect, it } from "vitest";
import { qualityOf, type QualitySubject } from "../../../../src/engine/debug/quality.js";
import type { QualityFlag } from "../../../../src/engine/debug/evidence.js";

const side = 64;
const gray = (value: (x: number, y: number) => number): QualitySubject["seen"] => ({
  width: side, height: side, channels: 3, data: Uint8ClampedArray.from({ length: side * side * 3 }, (_, i) => value(Math.floor(i / 3) % side, Math.floor(i / 3 / side))),
});
const chessboard = gray((x, y) => (((x >> 2) + (y >> 2)) % 2 === 0 ? 64 : 192));
const subject = (over: Partial<QualitySubject> = {}): QualitySubject => ({ seen: chessboard, width: 200, height: 200, transparent: 0, region: { x: 0, y: 0, width: 200, height: 200 }, ...over });

describe("quality", () => {
  it("has nothing against a plain picture, and knows its numbers", () => {
    const quality = qualityOf(subject());
    expect(quality.flags).toEqual([]);
    expect(quality.brightness).toBeCloseTo(128 / 255, 5);
    expect(quality.contrast).toBeCloseTo(64 / 255, 5);
    expect(quality).toMatchObject({ width: 200, height: 200, transparent: 0, cutOff: 0 });
  });

  it("measures sharpness as the variance of the Laplacian", () => {
    // Every pixel's four neighbours are the other shade: the Laplacian is +4 · 128 or -4 · 128 in equal numbers.
    const finest = qualityOf(subject({ seen: gray((x, y) => ((x + y) % 2 === 0 ? 64 : 192)) }));
    expect(finest.sharpness).toBeCloseTo(512 ** 2, 0);
    // A slope has none.
    expect(qualityOf(subject({ seen: gray((x) => 4 * x) })).sharpness).toBeCloseTo(0, 5);
  });

  it("goes by the sharpest part: a sharp thing before an even sky is not blurred", () => {
    const sky = qualityOf(subject({ seen: gray((x, y) => (x >= 48 && y >= 48 ? 64 + ((x + y) % 2) * 128 : 128 + x)) }));
    expect(sky.sharpness).toBeGreaterThan(0.5 * 512 ** 2);
    expect(sky.flags).toEqual([]);
  });

  const raising: readonly (readonly [QualityFlag, Partial<QualitySubject>, Partial<QualitySubject>])[] = [
    ["blurred", { seen: gray((x) => 128 + 60 * Math.sin(x / 10)) }, { seen: gray((x) => 128 + 60 * Math.sin(x)) }],
    ["dark", { seen: gray((x, y) => ((x + y) % 2) * 100) }, { seen: gray((x, y) => 30 + ((x + y) % 2) * 100) }],
    ["bright", { seen: gray((x, y) => 255 - (x % 4 === 0 && y % 4 === 0 ? 120 : 0)) }, { seen: gray((x, y) => 255 - ((x + y) % 2) * 60) }],
    ["lowContrast", { seen: gray((x, y) => 120 + ((x + y) % 2) * 20) }, { seen: gray((x, y) => 110 + ((x + y) % 2) * 40) }],
    ["small", { width: 31, height: 100 }, { width: 32, height: 90 }],
    ["elongated", { width: 340, height: 1000 }, { width: 360, height: 1000 }],
    ["transparent", { transparent: 0.02 }, { transparent: 0.005 }],
    ["cropped", { region: { x: 50, y: 50, width: 140, height: 140 } }, { region: { x: 25, y: 25, width: 150, height: 150 } }],
  ];
  it.each(raising)("flags %s beyond its threshold, and not before", (flag, beyond, before) => {
    expect(qualityOf(subject(beyond)).flags).toContain(flag);
    expect(qualityOf(subject(before)).flags).not.toContain(flag);
  });

  it("counts as cut off only what the picture has: a region may reach beyond it", () => {
    expect(qualityOf(subject({ region: { x: -20, y: 50, width: 240, height: 100 } })).cutOff).toBeCloseTo(0.5, 5);
    expect(qualityOf(subject({ region: { x: -20, y: -20, width: 240, height: 240 } })).cutOff).toBe(0);
    expect(qualityOf(subject({ region: { x: 0, y: 0, width: 200, height: 199.9 } })).cutOff).toBe(0);
  });
});

/** @file Laying a map over a picture, pixel by pixel. */
import { expect, it } from "vitest";
import { blendOverlay, paintGrid, type Overlay } from "../../../src/drawing/overlay.js";
import { resizeBilinear } from "../../../src/drawing/heatmap.js";
import { createRandom } from "../../../src/engine/attribution/random.js";

/** Colour i is (i, 0, 255 - i). */
const colors = Uint8Array.from({ length: 768 }, (_, i) => [Math.floor(i / 3), 0, 255 - Math.floor(i / 3)][i % 3]!);
const style = { opacity: 0.5, interpolation: "bilinear", background: "image" } as const;
const map = (shape: readonly number[], data: readonly number[]) => ({ shape, data: Float32Array.from(data) });

function drawn(width: number, overlay: Omit<Overlay, "colors" | "signed"> & { readonly signed?: boolean }, rgb = new Uint8Array(width * 3).fill(100)): number[] {
  blendOverlay({ rgb, width, firstRow: 0 }, { colors, signed: false, ...overlay });
  return [...rgb];
}

it("mixes picture and map inside the region and leaves the rest", () => {
  expect(drawn(3, { grid: map([1, 1], [1]), region: { x: 1, y: 0, width: 1, height: 1 }, style })).toEqual([100, 100, 100, 178, 50, 50, 100, 100, 100]);
});

it("shows the map alone at full opacity and the picture alone at none", () => {
  const [grid, region] = [map([1, 2], [0, 1]), { x: 0, y: 0, width: 2, height: 1 }];
  expect(drawn(2, { grid, region, style: { ...style, opacity: 1 } })).toEqual([0, 0, 255, 255, 0, 0]);
  expect(drawn(2, { grid, region, style: { ...style, opacity: 0 } })).toEqual([100, 100, 100, 100, 100, 100]);
});

it("draws the visible part of a region that reaches beyond the picture", () => {
  expect(drawn(2, { grid: map([1, 4], [0, 0, 1, 1]), region: { x: -1, y: 0, width: 4, height: 1 }, style: { ...style, opacity: 1 } })).toEqual([0, 0, 255, 255, 0, 0]);
});

it("puts zero of a signed map in the middle", () => {
  const grid = map([1, 3], [-1, 0, 1]);
  expect(drawn(3, { grid, signed: true, region: { x: 0, y: 0, width: 3, height: 1 }, style: { ...style, opacity: 1 } })).toEqual([0, 0, 255, 128, 0, 127, 255, 0, 0]);
  expect([...paintGrid({ grid, signed: true, colors })]).toEqual([0, 0, 255, 128, 0, 127, 255, 0, 0]);
});

it("keeps cells apart when nothing is smoothed", () => {
  expect(drawn(4, { grid: map([1, 2], [0, 1]), region: { x: 0, y: 0, width: 4, height: 1 }, style: { ...style, opacity: 1, interpolation: "nearest" } })).toEqual([0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 0, 0]);
});

it("greys the picture by the mean of its parts, under the map and beside it", () => {
  const rgb = Uint8Array.of(30, 60, 90, 30, 60, 90);
  expect(drawn(2, { grid: map([1, 1], [0]), region: { x: 1, y: 0, width: 1, height: 1 }, style: { ...style, background: "gray" } }, rgb)).toEqual([60, 60, 60, 30, 30, 158]);
});

it("gives the same picture in bands as whole, and the colours of a map resized first", () => {
  const random = createRandom(4);
  const [width, height, rows, columns] = [23, 17, 5, 7];
  const grid = { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, () => random.uniform()) };
  const picture = Uint8Array.from({ length: width * height * 3 }, () => random.below(256));
  const overlay: Overlay = { grid, signed: false, colors, region: { x: 2.4, y: -3.2, width: 18.3, height: 24.9 }, style };
  const whole = picture.slice();
  blendOverlay({ rgb: whole, width, firstRow: 0 }, overlay);
  const banded = picture.slice();
  for (let row = 0; row < height; row += 4) blendOverlay({ rgb: banded.subarray(row * width * 3, Math.min(height, row + 4) * width * 3), width, firstRow: row }, overlay);
  expect([...banded]).toEqual([...whole]);
  // Region rounded to whole pixels: x 2 to 21, y -3 to 22.
  const resized = resizeBilinear(grid, [25, 19]).data;
  const expected = picture.map((value, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x < 2 || x >= 21 ? value : Math.round(value / 2 + colors[Math.round(resized[(y + 3) * 19 + x - 2]! * 255) * 3 + c]! / 2);
  });
  expect(Math.max(...whole.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(1);
});

/** @file Iso-lines on fields whose lines are known: circles, straight lines, saddles. */
import { describe, expect, it } from "vitest";
import { contourLevels, contours } from "../../../src/drawing/contours.js";
import type { Grid } from "../../../src/drawing/heatmap.js";

/** A field sampled at the middles of the cells. */
function field(rows: number, columns: number, value: (x: number, y: number) => number): Grid {
  return { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, (_, i) => value((i % columns) + 0.5, Math.floor(i / columns) + 0.5)) };
}
const pointsOf = (points: readonly number[]) => Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i]!, points[2 * i + 1]!] as const);

describe("contours", () => {
  it("of a cone are closed circles", () => {
    const lines = contours(field(60, 80, (x, y) => 1 - Math.hypot(x - 40, y - 30) / 40), [0.5, 0.75]);
    expect(lines.map(({ level, closed }) => [level, closed])).toEqual([[0.5, true], [0.75, true]]);
    for (const [i, radius] of [20, 10].entries()) {
      const points = pointsOf(lines[i]!.points);
      for (const [x, y] of points) expect(Math.abs(Math.hypot(x - 40, y - 30) - radius)).toBeLessThan(0.02);
      const length = points.reduce((total, [x, y], k) => { const [nextX, nextY] = points[(k + 1) % points.length]!; return total + Math.hypot(nextX - x, nextY - y); }, 0);
      expect(length / (2 * Math.PI * radius)).toBeCloseTo(1, 1);
    }
  });

  it("of a slope are one open straight line from edge to edge", () => {
    const [line, ...others] = contours(field(6, 10, (x) => x / 10), [0.42]);
    expect([others, line?.closed]).toEqual([[], false]);
    const points = pointsOf(line!.points);
    expect(points).toHaveLength(6);
    for (const [x] of points) expect(x).toBeCloseTo(4.2, 5);
    expect([points[0]![1], points.at(-1)![1]].toSorted((a, b) => a - b)).toEqual([0.5, 5.5]);
  });

  it("of a saddle never cross: each corner is cut off, or both peaks are joined", () => {
    const saddle = (middle: number) => contours({ shape: [2, 2], data: Float32Array.of(1, middle, middle, 1) }, [0.5]);
    for (const middle of [0.2, -0.2]) {
      const lines = saddle(middle);
      expect(lines.map(({ closed, points }) => [closed, points.length])).toEqual([[false, 4], [false, 4]]);
      // With a high middle the low corners (upper right, lower left) are cut off, with a low one the high corners.
      const corners = lines.map(({ points }) => [points[0]! + points[2]!, points[1]! + points[3]!].map((sum) => sum / 2 > 1));
      expect(corners.every(([right, low]) => (middle > 0 ? right !== low : right === low))).toBe(true);
    }
  });

  it("of a flat map, or beyond its values, are none", () => {
    expect(contours(field(4, 4, () => 0.5), [0.3, 0.7])).toEqual([]);
    expect(contours({ shape: [1, 1], data: Float32Array.of(1) }, [0.5])).toEqual([]);
  });

  it("has as many ends as leave the map, and as many rings as there are hills", () => {
    const hills = field(40, 40, (x, y) => Math.max(...[[10, 10], [30, 12], [20, 30]].map(([a, b]) => Math.exp(-((x - a!) ** 2 + (y - b!) ** 2) / 20))));
    expect(contours(hills, [0.5]).map(({ closed }) => closed)).toEqual([true, true, true]);
  });
});

it("levels lie evenly between the ends, on both sides of zero for signed maps", () => {
  expect(contourLevels(3, false)).toEqual([0.25, 0.5, 0.75]);
  expect(contourLevels(1, true)).toEqual([-0.5, 0.5]);
  expect(contourLevels(0, true)).toEqual([]);
});

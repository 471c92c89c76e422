/** @file The share of a map's mass in a box or a mask, against counting by hand. */
import { describe, expect, it } from "vitest";
import { focusShare, insideBox, insideMask } from "../../../../src/worker/check/focusShare.js";

const grid = (rows: number[][]) => ({ shape: [rows.length, rows[0]!.length], data: Float32Array.from(rows.flat()) });
/** Two rows of three pixels over the part of an image from (10, 20), each 5 wide and 10 high. Positive mass: 1 + 2 + 4 + 3 = 10. */
const map = grid([[1, 2, -8], [0, 4, 3]]);
const region = { x: 10, y: 20, width: 15, height: 20 };

describe("focusShare", () => {
  it.each([
    ["all of it", [0, 0, 100, 100], 1, 1],
    ["the left column", [10, 20, 5, 20], 0.1, 1 / 3],
    ["the lower row", [0, 30, 40, 10], 0.7, 0.5],
    ["an edge on a centre belongs to the box on its left, not to the one on its right", [12.5, 0, 5, 100], 0.1, 1 / 3],
    ["a part beside what the model sees", [30, 0, 10, 10], 0, 0],
  ] as const)("%s", (_, box, share, area) => {
    const found = focusShare(map, region, insideBox(box));
    expect(found.share).toBeCloseTo(share, 12);
    expect(found.area).toBeCloseTo(area, 12);
  });

  it("knows no share of a map without mass", () => {
    expect(focusShare(grid([[-1, 0]]), region, insideBox([0, 0, 100, 100]))).toEqual({ share: undefined, area: 1 });
  });
});

describe("insideMask", () => {
  it("takes the pixel under a point, whatever the mask's own size, and nothing beyond the image", () => {
    // Left half bright, over an image of 100 by 50.
    const isInside = insideMask({ width: 2, height: 1, channels: 3, data: [255, 255, 255, 0, 0, 0] }, 100, 50);
    expect([[0, 0], [49.9, 49], [50, 10], [99, 49], [100, 10], [10, 50], [-1, 10]].map(([x, y]) => isInside(x!, y!))).toEqual([true, true, false, false, false, false, false]);
  });
});

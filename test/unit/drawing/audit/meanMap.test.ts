/** @file The picture of a mean map: every cell once, in its colour; a frame where a region is told. */
import { describe, expect, it } from "vitest";
import { meanMapSvg } from "../../../../src/drawing/audit/meanMapSvg.js";
import { colorTable } from "../../../../src/drawing/colormap.js";

const colorAt = (share: number) => `rgb(${[...colorTable("viridis").subarray(3 * Math.round(255 * share)).subarray(0, 3)].join(",")})`;

describe("a mean map", () => {
  it("draws every cell, those of one value together, the largest in the last colour", () => {
    const drawn = meanMapSvg([0, 0.5, 0.25, 0], undefined, "a <map>");
    expect([...drawn.matchAll(/<path fill="([^"]*)" d="([^"]*)"/g)].map(([, color, path]) => [color, path])).toEqual([
      [colorAt(0), "M0 0h16v16h-16zM16 16h16v16h-16z"], [colorAt(1), "M16 0h16v16h-16z"], [colorAt(0.5), "M0 16h16v16h-16z"],
    ]);
    expect(drawn).toContain('aria-label="a &#60;map&#62;"');
    expect(drawn).not.toContain("<rect");
  });

  it("frames a region, and stays blank for a blank map", () => {
    expect(meanMapSvg([0, 0, 0, 0], { x: 0.5, y: 0, width: 0.5, height: 1 }, "")).toMatch(/d="M0 0h16v16h-16zM16 0[^"]*"\/><\/g><rect x="16" y="0" width="16" height="32"/);
  });
});

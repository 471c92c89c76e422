/** @file Colour maps against matplotlib's tables (recorded by `test/fixtures/drawing/record.py`). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { colorTable, colormapIds, type ColormapId } from "../../../src/drawing/colormap.js";

const { colormaps } = JSON.parse(readFileSync(new URL("../../fixtures/drawing/recorded.json", import.meta.url), "utf8")) as { colormaps: Readonly<Record<string, readonly number[]>> };

describe("colour maps as matplotlib has them", () => {
  // Some parts lie at halves, where the last bit decides which way they are rounded.
  it.each(Object.entries(colormaps))("%s", (id, expected) => {
    expect(colormapIds).toContain(id);
    const table = colorTable(id as ColormapId);
    expect(Math.max(...expected.map((value, i) => Math.abs(value - table[i]!)))).toBeLessThanOrEqual(1);
  });
});

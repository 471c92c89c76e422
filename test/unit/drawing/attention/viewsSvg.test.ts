/** @file The head view, the grids and the overlay as SVG: what stands in the file, and that it can be drawn whatever the tokens hold. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { headViewSvg } from "../../../../src/drawing/attention/headViewSvg.js";
import { strongestLines } from "../../../../src/drawing/attention/lines.js";
import { overlaySvg } from "../../../../src/drawing/attention/overlaySvg.js";
import { headColor } from "../../../../src/drawing/attention/palette.js";
import { tilesSvg } from "../../../../src/drawing/attention/tilesSvg.js";
import { colorTable } from "../../../../src/drawing/colormap.js";

const grid = (rows: readonly (readonly number[])[]) => ({ shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });
const frame = { title: "a < b", caption: "c & d", theme: "light" } as const;
const size = async (svg: string) => { const { width, height } = await sharp(Buffer.from(svg)).metadata(); return { width, height }; };

describe("the head view", () => {
  const heads = [grid([[0.75, 0.25], [0.5, 0.5]]), grid([[1, 0], [0, 1]])];
  const draw = (active: readonly number[], least = 0) => headViewSvg({
    ...frame, rows: ["<b>", "x"], columns: ["<b>", "x"], lines: strongestLines(heads, Infinity), least, strength: 1 / active.length, active: active.map((head) => ({ head, name: `head ${head}` })), names: { from: "Query", to: "Key" },
  });

  it("draws each line in its head's colour, its weight divided by the heads that are on", () => {
    const svg = draw([0, 1]);
    expect(svg.match(/<path d="M/g)).toHaveLength(6);
    expect(svg).toContain(`stroke="${headColor(1, "light")}" stroke-opacity="0.500"`);
    expect(svg).toContain(`stroke="${headColor(0, "light")}" stroke-opacity="0.375"`);
    expect(draw([0])).toContain(`stroke="${headColor(0, "light")}" stroke-opacity="0.750"`);
    expect(draw([0])).not.toContain(`stroke="${headColor(1, "light")}"`);
    expect(draw([0, 1], 0.6).match(/<path d="M/g)).toHaveLength(3);
  });

  it("makes tokens safe and can be drawn", async () => {
    const svg = draw([0, 1]);
    expect(svg).not.toContain("<b>");
    expect((await size(svg)).width).toBeGreaterThan(220);
  });
});

describe("the grids", () => {
  const tile = (title: string) => ({ title, lines: ["entropy 1.00"], grid: grid([[1, 0], [0, NaN]]) });
  const colors = colorTable("viridis");

  it("break one layer's heads into lines of four, on one scale", async () => {
    const draw = (count: number) => tilesSvg({ ...frame, rows: [{ name: undefined, tiles: Array.from({ length: count }, (_, i) => tile(`head ${i}`)) }], columns: [], corner: "", colors, scale: { highest: 0.5, isRoot: false }, isShared: true });
    const [four, five] = [await size(draw(4)), await size(draw(5))];
    expect(five.width).toBe(four.width);
    expect(five.height).toBeGreaterThan(four.height + 150);
    expect(draw(4)).toContain(">0.5</text>");
    expect(draw(4)).not.toContain("NaN");
  });

  it("keep a row for each layer, under the heads' names", () => {
    const svg = tilesSvg({ ...frame, rows: ["layer 0", "layer 1"].map((name) => ({ name, tiles: [tile(""), tile("")] })), columns: ["0", "1"], corner: "Head", colors, scale: { highest: 1, isRoot: true }, isShared: false });
    for (const words of [">layer 0<", ">layer 1<", ">Head<", ">0<", ">1<"]) expect(svg).toContain(words);
    expect(svg.match(/shape-rendering/g)).toHaveLength(4);
  });
});

describe("the overlay", () => {
  it("lays the map over what the model saw, in its colours", async () => {
    const pixel = async (color: string) => `data:image/png;base64,${(await sharp({ create: { width: 1, height: 1, channels: 3, background: color } }).png().toBuffer()).toString("base64")}`;
    const svg = overlaySvg({
      ...frame, image: await pixel("#000000"), map: await pixel("#ffffff"), size: { width: 100, height: 50 }, region: { x: 50, y: 0, width: 50, height: 50 }, opacity: 0.5, isSmooth: false, frames: [], colors: colorTable("viridis"), scale: { highest: 0.25, isRoot: true },
    });
    const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => data[(y * info.width + x) * 3];
    const [, top = 0] = /<g transform="translate\(\d+ (\d+)\)">/.exec(svg)!.map(Number);
    expect(at(12 + 100, top + 100)).toBe(0);
    expect(at(12 + 500, top + 100)).toBeGreaterThan(120);
    // The scale's ends, and the middle of a root scale.
    for (const words of [">0<", ">0.0625<", ">0.25<"]) expect(svg).toContain(words);
  });
});

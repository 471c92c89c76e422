/** @file An attention matrix as SVG, read back as pixels: which cell has which colour, and that it can be drawn whatever the tokens hold. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { heatmapSvg, type AttentionHeatmap } from "../../../../src/drawing/attention/heatmapSvg.js";

/** The first and last colours of viridis, by matplotlib. */
const [darkest, brightest] = [[68, 1, 84], [253, 231, 37]] as const;

/** Unlabelled cells: the matrix begins where the file says so. */
async function drawn(parts: Partial<AttentionHeatmap> & Pick<AttentionHeatmap, "weights">): Promise<{ readonly svg: string; at(x: number, y: number): number[] }> {
  const [queries, keys] = parts.weights.shape as [number, number];
  const svg = heatmapSvg({ rows: Array.from({ length: queries }, () => ""), columns: Array.from({ length: keys }, () => ""), title: "", caption: "", theme: "light", ...parts });
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { svg, at: (x, y) => [...data.subarray((Math.floor(y) * info.width + Math.floor(x)) * info.channels).subarray(0, 3)] };
}

describe("heatmapSvg", () => {
  it("draws queries as rows and keys as columns, from 0 to the largest weight", async () => {
    // Numbers inside cells would lie over the colours, so the cells are looked at near their corners.
    const { svg, at } = await drawn({ weights: { shape: [2, 3], data: [0, 0.4, 0, 0.2, 0, 0] } });
    const [left, top] = [/<g transform="translate\((\d+) (\d+)\)">/, /<g class="matrix" transform="translate\((\d+) (\d+)\)">/].map((group) => group.exec(svg)!.slice(1).map(Number)).reduce(([x = 0, y = 0], [dx = 0, dy = 0]) => [x + dx, y + dy]) as [number, number];
    const colorsOf = (row: number, key: number) => at(left + key * 30 + 2, top + row * 30 + 2);
    expect(colorsOf(0, 1)).toEqual(brightest);
    for (const [row, key] of [[0, 0], [0, 2], [1, 1], [1, 2]] as const) expect(colorsOf(row, key)).toEqual(darkest);
    // Half way: matplotlib's viridis(128).
    expect(colorsOf(1, 0).every((part, i) => Math.abs(part - [33, 145, 140][i]!) <= 3)).toBe(true);
    expect(svg).toContain(">.40<");
    expect(svg).toContain(">.20<");
  });

  it("names the tokens of both sides, and makes every character safe", async () => {
    const rows = ["<script>", "a&b"];
    const { svg } = await drawn({ weights: { shape: [2, 2], data: [1, 0, 0, 1] }, rows, columns: ["\"x\"", "猫\u0000"], title: "5 < 6", caption: "'q'" });
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&#60;script&#62;");
    expect(svg).toContain("a&#38;b");
    expect(svg).toContain("猫<");
  });

  it("draws weights that are all 0 or no numbers as nothing", async () => {
    const { svg } = await drawn({ weights: { shape: [1, 2], data: [Number.NaN, 0] } });
    expect(svg).not.toContain("NaN");
  });

  it("holds 512 tokens in a file of a few megabytes, with labels that do not overlap", async () => {
    const data = Float32Array.from({ length: 512 * 512 }, (_, i) => ((i * 2654435761) % 4096) / 4096);
    const names = Array.from({ length: 512 }, (_, i) => `t${i}`);
    const { svg } = await drawn({ weights: { shape: [512, 512], data }, rows: names, columns: names });
    expect(svg.length).toBeLessThan(8e6);
    expect(svg).toContain(">t0<");
    expect(svg).not.toContain(">t1<");
  });
});

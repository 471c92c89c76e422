/** @file Many heads as one SVG file: the grid of a layer, or the model view with a row per layer. */
import { escapeText } from "../escapeText.js";
import type { Grid } from "../heatmap.js";
import type { Scale } from "./scale.js";
import { legendSize, matrixGroup, scaleBar, shortened, svgColors, svgFile, svgFont, svgMargin, widest, type SvgFrame } from "./svgParts.js";

/** One head's picture with a title above and lines below. */
export interface SvgTile {
  readonly title: string;
  readonly lines: readonly string[];
  /** `[rows, columns]`. */
  readonly grid: Grid;
}

export interface TilesDrawing extends SvgFrame {
  /** With names the rows stay rows; a single row without one is broken into lines. */
  readonly rows: readonly { readonly name: string | undefined; readonly tiles: readonly SvgTile[] }[];
  /** Names above the columns; empty for none. */
  readonly columns: readonly string[];
  /** What those names are of. */
  readonly corner: string;
  readonly colors: Uint8Array;
  readonly scale: Scale;
  /** Whether the scale holds for all, and is drawn. */
  readonly isShared: boolean;
}

const sizes = { grid: 150, model: 56, gap: 12 } as const;
const acrossGrid = 4;
const lineHeight = svgFont + 3;

/** The file's text. */
export function tilesSvg(drawing: TilesDrawing): string {
  const { columns, corner, theme, colors, scale, isShared } = drawing;
  const { ink, dim } = svgColors[theme];
  const rows = drawing.rows.flatMap(({ name, tiles }) => (name === undefined ? chunks(tiles, acrossGrid).map((line) => ({ name: "", tiles: line })) : [{ name, tiles }]));
  const size = columns.length > 0 ? sizes.model : sizes.grid;
  const names = rows.map(({ name }) => shortened(name));
  const left = widest(names) > 0 ? Math.max(widest(names), widest([corner])) + 8 : 0;
  const across = Math.max(0, ...rows.map(({ tiles }) => tiles.length));
  // Heads' names may be wider than their pictures.
  const width = Math.max(size, widest(columns)) + sizes.gap;
  const hasTitles = rows.some(({ tiles }) => tiles.some(({ title }) => title !== ""));
  const lines = Math.max(0, ...rows.flatMap(({ tiles }) => tiles.map((tile) => tile.lines.length)));
  const above = hasTitles ? lineHeight + 2 : 0;
  const height = above + size + lines * lineHeight + sizes.gap;
  const head = columns.length > 0 ? lineHeight + 4 : 0;
  const text = (x: number, y: number, color: string, anchor: string, words: string) => `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${escapeText(words)}</text>`;
  const tile = ({ title, lines: below, grid }: SvgTile, x: number, y: number) => {
    const [rowCount = 1, columnCount = 1] = grid.shape;
    const cell = size / Math.max(1, rowCount, columnCount);
    const bottom = y + above + rowCount * cell;
    return [
      ...(title === "" ? [] : [text(x, y + svgFont, ink, "start", title)]), `<g transform="translate(${x} ${y + above})">${matrixGroup(grid, cell, scale, colors)}</g>`,
      ...below.map((line, i) => text(x, bottom + (i + 1) * lineHeight, dim, "start", line)),
    ].join("");
  };
  const body = [
    ...(corner === "" ? [] : [text(left - 8, svgFont, dim, "end", corner)]),
    ...columns.map((name, i) => text(left + i * width, svgFont, dim, "start", name)),
    ...rows.flatMap((row, i) => [
      ...(row.name === "" ? [] : [text(left - 8, head + i * height + above + size / 2 + svgFont * 0.35, dim, "end", names[i]!)]),
      ...row.tiles.map((one, j) => tile(one, left + j * width, head + i * height)),
    ]),
  ];
  const bottom = head + rows.length * height;
  return svgFile(drawing, {
    width: left + across * width, height: bottom + (isShared ? svgMargin + legendSize.height : 0),
    body: [...body, ...(isShared ? [scaleBar(0, bottom + svgMargin, scale, colors, ink)] : [])].join("\n"),
  });
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

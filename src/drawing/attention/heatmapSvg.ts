/** @file One attention matrix as an SVG file of its own: query rows, key columns, their tokens, the scale, and the weights as numbers where there is room. */
import { colorTable } from "../colormap.js";
import { escapeText } from "../escapeText.js";
import { onScale, type Scale } from "./scale.js";
import { isBright, legendSize, matrixPaths, scaleBar, shortened, svgColors, svgFile, svgFont, svgMargin, widest, type SvgFrame } from "./svgParts.js";

/** What is drawn. `weights` is `[queries, keys]`, row-major; `rows` and `columns` name its tokens. */
export interface AttentionHeatmap extends SvgFrame {
  readonly weights: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** 256 colours, `rgb` triples; viridis where none are given. */
  readonly colors?: Uint8Array;
  /** From 0 to the largest weight where none is given. */
  readonly scale?: Scale;
}

/** Cells shrink with the number of tokens, from those that hold a number to a few pixels. */
const cells = { largest: 30, smallest: 2, area: 960, withNumbers: 26 } as const;

/**
 * The file's text, both ends of its scale written on it. Values that are no numbers are left blank.
 * Cells of one colour are one path, so that 512 tokens make a file of a few megabytes that viewers still open.
 */
export function heatmapSvg(heatmap: AttentionHeatmap): string {
  const { weights, rows, columns, theme, colors = colorTable("viridis"), scale = { highest: largest(weights.data), isRoot: false } } = heatmap;
  const [queries = 0, keys = 0] = weights.shape;
  const cell = Math.max(cells.smallest, Math.min(cells.largest, Math.floor(cells.area / Math.max(queries, keys, 1))));
  const [rowNames, columnNames] = [rows, columns].map((names) => names.map((name) => shortened(name))) as [string[], string[]];
  const [left, top] = [widest(rowNames) + 6, widest(columnNames) + 6];
  const bottom = top + queries * cell + svgMargin;
  const { ink } = svgColors[theme];
  return svgFile(heatmap, {
    width: left + keys * cell, height: bottom + legendSize.height,
    body: `<g fill="${ink}" text-anchor="end">${labels(rowNames, cell, (i) => `x="${left - 6}" y="${top + (i + 0.5) * cell + svgFont * 0.35}"`)}</g>
<g fill="${ink}">${labels(columnNames, cell, (i) => `transform="translate(${left + (i + 0.5) * cell + svgFont * 0.35} ${top - 6}) rotate(-90)"`)}</g>
<g class="matrix" transform="translate(${left} ${top})">
<g transform="scale(${cell})" shape-rendering="crispEdges">${matrixPaths(weights, scale, colors)}</g>${numbers(weights.data, queries, keys, cell, scale, colors)}
</g>
${scaleBar(0, bottom, scale, colors, ink)}`,
  });
}

/** ".34" in the middle of each cell that is large enough, dark on bright and bright on dark. */
function numbers(data: ArrayLike<number>, queries: number, keys: number, cell: number, scale: Scale, colors: Uint8Array): string {
  if (cell < cells.withNumbers) return "";
  const texts = Array.from({ length: queries * keys }, (_, i) => {
    const weight = data[i]!;
    if (!Number.isFinite(weight)) return "";
    const text = weight >= 0.995 ? weight.toFixed(1) : weight.toFixed(2).replace(/^0/, "");
    return `<text x="${((i % keys) + 0.5) * cell}" y="${(Math.floor(i / keys) + 0.5) * cell + 3}" fill="${isBright(colors, Math.round(255 * onScale(scale, weight))) ? "#000" : "#fff"}">${text}</text>`;
  });
  return `\n<g text-anchor="middle" font-size="9">${texts.join("")}</g>`;
}

/** Every token's label, or every few so that they do not lie on each other. */
function labels(names: readonly string[], cell: number, place: (i: number) => string): string {
  const every = Math.ceil((svgFont + 1) / cell);
  return names.map((name, i) => (i % every === 0 ? `<text ${place(i)}>${escapeText(name)}</text>` : "")).join("");
}

function largest(data: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > most) most = data[i]!;
  return most;
}

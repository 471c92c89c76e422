/** @file One attention matrix as an SVG file of its own: query rows, key columns, their tokens, the scale, and the weights as numbers where there is room. */
import { colorTable } from "../colormap.js";
import { escapeText } from "../escapeText.js";

/** What is drawn. `weights` is `[queries, keys]`, row-major; `rows` and `columns` name its tokens. */
export interface AttentionHeatmap {
  readonly weights: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly title: string;
  readonly caption: string;
  readonly theme: "light" | "dark";
}

const colors = { light: { paper: "#ffffff", ink: "#1f2328", dim: "#59636e" }, dark: { paper: "#1e1e1e", ink: "#e6e6e6", dim: "#a0a0a0" } } as const;
const font = 11;
const margin = 12;
/** Cells shrink with the number of tokens, from those that hold a number to a few pixels. */
const cells = { largest: 30, smallest: 2, area: 960, withNumbers: 26 } as const;
const legend = { width: 200, height: 10, steps: 64 } as const;
const longestLabel = 24;

/**
 * The file's text. Weights run from 0 (dark) to the largest one there (bright) in viridis, both ends written on the scale. Values that are no numbers count as 0.
 * Cells of one colour are one path, so that 512 tokens make a file of a few megabytes that viewers still open.
 */
export function heatmapSvg({ weights, rows, columns, title, caption, theme }: AttentionHeatmap): string {
  const [queries = 0, keys = 0] = weights.shape;
  const cell = Math.max(cells.smallest, Math.min(cells.largest, Math.floor(cells.area / Math.max(queries, keys, 1))));
  const [rowNames, columnNames] = [rows, columns].map((names) => names.map((name) => shortened(name))) as [string[], string[]];
  const left = margin + widest(rowNames) + 6;
  const head = margin + 2 * (font + 8);
  const top = head + widest(columnNames) + 6;
  const [width, height] = [Math.max(left + keys * cell + margin, legend.width + 2 * margin, ...[title, caption].map((text) => 2 * margin + textWidth(text))), top + queries * cell + margin + legend.height + 2 * font + margin];
  const highest = largest(weights.data);
  const { paper, ink, dim } = colors[theme];
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title description" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="${font}">
<title id="title">${escapeText(title)}</title>
<desc id="description">${escapeText(caption)}</desc>
<rect width="${width}" height="${height}" fill="${paper}"/>
<text x="${margin}" y="${margin + font}" fill="${ink}" font-weight="600">${escapeText(title)}</text>
<text x="${margin}" y="${margin + 2 * font + 6}" fill="${dim}">${escapeText(caption)}</text>
<g fill="${ink}" text-anchor="end">${labels(rowNames, cell, (i) => `x="${left - 6}" y="${top + (i + 0.5) * cell + font * 0.35}"`)}</g>
<g fill="${ink}">${labels(columnNames, cell, (i) => `transform="translate(${left + (i + 0.5) * cell + font * 0.35} ${top - 6}) rotate(-90)"`)}</g>
<g transform="translate(${left} ${top})">
${matrix(weights.data, queries, keys, cell, highest)}
</g>
${scale(margin, top + queries * cell + margin, highest, ink)}
</svg>
`;
}

/** One path per colour of runs of neighbouring cells, over a ground of the lowest colour. */
function matrix(data: ArrayLike<number>, queries: number, keys: number, cell: number, highest: number): string {
  const paths = Array.from({ length: 256 }, () => [] as string[]);
  const numbers: string[] = [];
  for (let row = 0; row < queries; row++) {
    for (let from = 0; from < keys; ) {
      const color = colorIndex(data[row * keys + from]!, highest);
      let to = from + 1;
      while (to < keys && colorIndex(data[row * keys + to]!, highest) === color) to++;
      if (color > 0) paths[color]!.push(`M${from} ${row}h${to - from}v1h-${to - from}z`);
      from = to;
    }
    if (cell >= cells.withNumbers) for (let key = 0; key < keys; key++) numbers.push(weightText(data[row * keys + key]!, key, row, cell, highest));
  }
  const drawn = paths.flatMap((steps, color) => (steps.length > 0 ? [`<path fill="${css(color)}" d="${steps.join("")}"/>`] : []));
  const grid = `<g transform="scale(${cell})" shape-rendering="crispEdges"><rect width="${keys}" height="${queries}" fill="${css(0)}"/>${drawn.join("")}</g>`;
  return numbers.length > 0 ? `${grid}\n<g text-anchor="middle" font-size="9">${numbers.join("")}</g>` : grid;
}

/** ".34" in the middle of its cell, dark on bright and bright on dark. */
function weightText(weight: number, key: number, row: number, cell: number, highest: number): string {
  if (!Number.isFinite(weight)) return "";
  const text = weight >= 0.995 ? weight.toFixed(1) : weight.toFixed(2).replace(/^0/, "");
  const isBright = highest > 0 && weight / highest > 0.6;
  return `<text x="${(key + 0.5) * cell}" y="${(row + 0.5) * cell + 3}" fill="${isBright ? "#000" : "#fff"}">${text}</text>`;
}

/** Every token's label, or every few so that they do not lie on each other. */
function labels(names: readonly string[], cell: number, place: (i: number) => string): string {
  const every = Math.ceil((font + 1) / cell);
  return names.map((name, i) => (i % every === 0 ? `<text ${place(i)}>${escapeText(name)}</text>` : "")).join("");
}

function scale(x: number, y: number, highest: number, ink: string): string {
  const step = legend.width / legend.steps;
  const bars = Array.from({ length: legend.steps }, (_, i) => `<rect x="${x + i * step}" y="${y}" width="${step + 0.5}" height="${legend.height}" fill="${css(Math.round((255 * i) / (legend.steps - 1)))}"/>`).join("");
  const below = y + legend.height + font + 3;
  return `${bars}<g fill="${ink}"><text x="${x}" y="${below}">0</text><text x="${x + legend.width}" y="${below}" text-anchor="end">${Number(highest.toPrecision(3))}</text></g>`;
}

const colorIndex = (weight: number, highest: number) => (highest > 0 && weight > 0 ? Math.min(255, Math.round((255 * weight) / highest)) : 0);

function css(color: number): string {
  const table = colorTable("viridis");
  return `#${[0, 1, 2].map((part) => table[3 * color + part]!.toString(16).padStart(2, "0")).join("")}`;
}

function largest(data: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > most) most = data[i]!;
  return most;
}

function shortened(name: string): string {
  const characters = Array.from(name);
  return characters.length <= longestLabel ? name : `${characters.slice(0, longestLabel - 1).join("")}…`;
}

/** About as wide as the text is drawn; East Asian characters take a full square. */
const textWidth = (text: string) => Math.ceil(Array.from(text).reduce((sum, character) => sum + (character.codePointAt(0)! > 0x1100 ? 1 : 0.6), 0) * font);

const widest = (names: readonly string[]) => names.reduce((most, name) => Math.max(most, textWidth(name)), 0);

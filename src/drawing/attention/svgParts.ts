/** @file What every attention drawing has: ground and ink, a title with its caption, the cells of a matrix as paths, the scale. */
import type { Grid } from "../heatmap.js";
import { escapeText } from "../escapeText.js";
import { onScale, type Scale } from "./scale.js";

export const svgColors = { light: { paper: "#ffffff", ink: "#1f2328", dim: "#59636e" }, dark: { paper: "#1e1e1e", ink: "#e6e6e6", dim: "#a0a0a0" } } as const;
export type SvgTheme = keyof typeof svgColors;

export const svgFont = 11;
export const svgMargin = 12;
/** The size of the scale with its numbers. */
export const legendSize = { width: 200, height: 10 + svgFont + 3 } as const;
const legend = { height: 10, steps: 64 } as const;
const lineHeight = svgFont + 5;
const longestLabel = 24;

/** The frame of a drawing around its content. */
export interface SvgFrame {
  readonly title: string;
  readonly caption: string;
  readonly theme: SvgTheme;
}

/** The whole file: the content, `width` by `height`, below title and caption. */
export function svgFile({ title, caption, theme }: SvgFrame, content: { readonly width: number; readonly height: number; readonly body: string }): string {
  const { paper, ink, dim } = svgColors[theme];
  const width = Math.ceil(Math.max(content.width, legendSize.width, Math.min(textWidth(title), 480)) + 2 * svgMargin);
  const lines = [...wrapped(title, width - 2 * svgMargin).map((text) => ({ text, color: ink, weight: 600 })), ...wrapped(caption, width - 2 * svgMargin).map((text) => ({ text, color: dim, weight: 400 }))];
  const top = svgMargin + lines.length * lineHeight + 6;
  const height = Math.ceil(top + content.height + svgMargin);
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title description" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="${svgFont}">
<title id="title">${escapeText(title)}</title>
<desc id="description">${escapeText(caption)}</desc>
<rect width="${width}" height="${height}" fill="${paper}"/>
${lines.map(({ text, color, weight }, i) => `<text x="${svgMargin}" y="${svgMargin + svgFont + i * lineHeight}" fill="${color}" font-weight="${weight}">${escapeText(text)}</text>`).join("\n")}
<g transform="translate(${svgMargin} ${top})">
${content.body}
</g>
</svg>
`;
}

/** A matrix in unit cells: one path per colour of runs of neighbouring cells, over a ground of the lowest colour. Values that are no numbers are left blank. */
export function matrixPaths({ shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }, scale: Scale, colors: Uint8Array): string {
  const [rows = 0, columns = 0] = shape;
  const paths = Array.from({ length: 256 }, () => [] as string[]);
  const color = (at: number) => Math.round(255 * onScale(scale, data[at]!));
  let isWhole = true;
  for (let row = 0; row < rows; row++) {
    for (let from = 0; from < columns; ) {
      const index = color(row * columns + from);
      let to = from + 1;
      while (to < columns && Object.is(color(row * columns + to), index)) to++;
      if (Number.isNaN(index)) isWhole = false;
      else paths[index]!.push(`M${from} ${row}h${to - from}v1h-${to - from}z`);
      from = to;
    }
  }
  const ground = isWhole ? `<rect width="${columns}" height="${rows}" fill="${css(colors, 0)}"/>` : "";
  return ground + paths.flatMap((steps, index) => (steps.length > 0 && !(isWhole && index === 0) ? [`<path fill="${css(colors, index)}" d="${steps.join("")}"/>`] : [])).join("");
}

/** The scale with its ends written below; of a root scale the middle too. */
export function scaleBar(x: number, y: number, { highest, isRoot }: Scale, colors: Uint8Array, ink: string): string {
  const step = legendSize.width / legend.steps;
  const bars = Array.from({ length: legend.steps }, (_, i) => `<rect x="${x + i * step}" y="${y}" width="${step + 0.5}" height="${legend.height}" fill="${css(colors, Math.round((255 * i) / (legend.steps - 1)))}"/>`).join("");
  const below = y + legend.height + svgFont + 3;
  const text = (at: number, anchor: string, value: number) => `<text x="${x + at}" y="${below}" text-anchor="${anchor}">${Number(value.toPrecision(3))}</text>`;
  return `${bars}<g fill="${ink}">${text(0, "start", 0)}${isRoot ? text(legendSize.width / 2, "middle", highest / 4) : ""}${text(legendSize.width, "end", highest)}</g>`;
}

/** A colour of a table of 256. */
export function css(colors: Uint8Array, index: number): string {
  return `#${[0, 1, 2].map((part) => colors[3 * index + part]!.toString(16).padStart(2, "0")).join("")}`;
}

export function shortened(name: string): string {
  const characters = Array.from(name);
  return characters.length <= longestLabel ? name : `${characters.slice(0, longestLabel - 1).join("")}…`;
}

/** About as wide as the text is drawn; East Asian characters take a full square. */
export function textWidth(text: string): number {
  return Math.ceil(Array.from(text).reduce((sum, character) => sum + (character.codePointAt(0)! > 0x1100 ? 1 : 0.6), 0) * svgFont);
}

/** How wide the longest of some names is. */
export function widest(names: readonly string[]): number {
  return names.reduce((most, name) => Math.max(most, textWidth(name)), 0);
}

/** Lines of at most a width, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else if (word !== "" || last === undefined) lines.push(word);
  }
  return lines.filter((line) => line !== "");
}

/** Whether a colour is bright, so that black stands out on it. */
export function isBright(colors: Uint8Array, index: number): boolean {
  return 0.299 * colors[3 * index]! + 0.587 * colors[3 * index + 1]! + 0.114 * colors[3 * index + 2]! > 140;
}

/** The cells of a grid of weights at a size, crisp. */
export function matrixGroup(grid: Grid, cell: number, scale: Scale, colors: Uint8Array): string {
  return `<g transform="scale(${cell})" shape-rendering="crispEdges">${matrixPaths(grid, scale, colors)}</g>`;
}

/** @file The mean map of many images as an SVG picture, with the region that they share outlined. */
import type { Area } from "../../engine/debug/evidence.js";
import { colorTable } from "../colormap.js";
import { escapeText } from "../escapeText.js";

const cell = 16;

/** `values` are `side * side`, row by row; the largest takes the end of viridis. Without an `area` nothing is outlined; `shown` is the picture's side in pixels. */
export function meanMapSvg(values: readonly number[], area: Area | undefined, title: string, shown?: number): string {
  const side = Math.round(Math.sqrt(values.length));
  const size = side * cell;
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const colors = colorTable("viridis");
  // A path per colour: a page may hold some hundreds of these.
  const paths = new Map<string, string>();
  values.forEach((value, i) => {
    const at = 3 * Math.round(255 * (most > 0 ? Math.max(0, value) / most : 0));
    const color = `rgb(${colors[at]},${colors[at + 1]},${colors[at + 2]})`;
    paths.set(color, `${paths.get(color) ?? ""}M${(i % side) * cell} ${Math.floor(i / side) * cell}h${cell}v${cell}h${-cell}z`);
  });
  const cells = [...paths].map(([color, path]) => `<path fill="${color}" d="${path}"/>`).join("");
  return `<svg class="mean-map" xmlns="http://www.w3.org/2000/svg" width="${shown ?? size}" height="${shown ?? size}" viewBox="0 0 ${size} ${size}" role="img" aria-label="${escapeText(title)}"><title>${escapeText(title)}</title>
<g shape-rendering="crispEdges">${cells}</g>${area ? outline(area, size) : ""}</svg>`;
}

function outline({ x, y, width, height }: Area, size: number): string {
  const box = `x="${x * size}" y="${y * size}" width="${width * size}" height="${height * size}" fill="none"`;
  return `<rect ${box} stroke="#000" stroke-width="3.5"/><rect ${box} stroke="#fff" stroke-width="1.5"/>`;
}

/** @file The mean map of many images as an SVG picture, with the region that they share outlined. */
import type { Area } from "../../engine/debug/evidence.js";
import { colorTable } from "../colormap.js";
import { escapeText } from "../escapeText.js";

const cell = 16;

/** `values` are `side * side`, row by row; the largest takes the end of viridis. */
export function meanMapSvg(values: readonly number[], area: Area, title: string): string {
  const side = Math.round(Math.sqrt(values.length));
  const size = side * cell;
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const colors = colorTable("viridis");
  const cells = values.map((value, i) => {
    const at = 3 * Math.round(255 * (most > 0 ? Math.max(0, value) / most : 0));
    return `<path fill="rgb(${colors[at]},${colors[at + 1]},${colors[at + 2]})" d="M${(i % side) * cell} ${Math.floor(i / side) * cell}h${cell}v${cell}h${-cell}z"/>`;
  });
  const outline = `x="${area.x * size}" y="${area.y * size}" width="${area.width * size}" height="${area.height * size}" fill="none"`;
  return `<svg class="mean-map" xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" role="img" aria-label="${escapeText(title)}"><title>${escapeText(title)}</title>
<g shape-rendering="crispEdges">${cells.join("")}</g><rect ${outline} stroke="#000" stroke-width="3.5"/><rect ${outline} stroke="#fff" stroke-width="1.5"/></svg>`;
}

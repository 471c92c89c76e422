/** @file The head view as an SVG file: queries on the left, keys on the right, a line for every weight in its head's colour. */
import { escapeText } from "../escapeText.js";
import type { AttentionLines } from "./lines.js";
import { headColor } from "./palette.js";
import { shortened, svgColors, svgFile, svgFont, textWidth, widest, type SvgFrame } from "./svgParts.js";

export interface HeadDrawing extends SvgFrame {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly lines: AttentionLines;
  /** Lines of at least this weight are drawn. */
  readonly least: number;
  /** A line's opacity per weight. */
  readonly strength: number;
  /** The heads that are switched on, each with its name. */
  readonly active: readonly { readonly head: number; readonly name: string }[];
  /** What stands above the two lists. */
  readonly names: { readonly from: string; readonly to: string };
}

const rowHeight = 18;
const gap = 220;
/** A file with more lines than this is more than most viewers open. */
const mostDrawn = 20_000;
const leastOpacity = 0.002;

/** The file's text. The faintest lines, which nobody would see, are left out. */
export function headViewSvg(drawing: HeadDrawing): string {
  const { rows, columns, lines, least, strength, active, names, theme } = drawing;
  const { ink, dim } = svgColors[theme];
  const [from, to] = [rows, columns].map((labels) => labels.map((label) => shortened(label))) as [string[], string[]];
  const left = Math.max(widest(from), textWidth(names.from)) + 8;
  const right = left + gap;
  const keyHeight = 20;
  const top = keyHeight + rowHeight;
  const y = (row: number) => top + (row + 0.5) * rowHeight;
  const on = new Set(active.map(({ head }) => head));
  const drawn: string[] = [];
  for (let i = 0; i < lines.weight.length && drawn.length < mostDrawn; i++) {
    const opacity = Math.min(1, lines.weight[i]! * strength);
    if (lines.weight[i]! < least || opacity < leastOpacity) break;
    if (on.has(lines.head[i]!)) drawn.push(`<path d="M${left} ${y(lines.from[i]!)}L${right} ${y(lines.to[i]!)}" stroke="${headColor(lines.head[i]!, theme)}" stroke-opacity="${opacity.toFixed(3)}"/>`);
  }
  const key = keys(active, theme, ink);
  const label = (text: string, x: number, at: number, anchor: string, color: string) => `<text x="${x}" y="${at}" text-anchor="${anchor}" fill="${color}">${escapeText(text)}</text>`;
  return svgFile(drawing, {
    width: Math.max(right + 8 + Math.max(widest(to), textWidth(names.to)), key.width), height: top + Math.max(rows.length, columns.length) * rowHeight,
    body: `${key.body}
${label(names.from, left - 8, keyHeight + svgFont, "end", dim)}${label(names.to, right + 8, keyHeight + svgFont, "start", dim)}
<g fill="none" stroke-width="2">${drawn.join("")}</g>
${from.map((text, i) => label(text, left - 8, y(i) + svgFont * 0.35, "end", ink)).join("")}
${to.map((text, i) => label(text, right + 8, y(i) + svgFont * 0.35, "start", ink)).join("")}`,
  });
}

/** Which colour is which head. */
function keys(active: HeadDrawing["active"], theme: HeadDrawing["theme"], ink: string): { readonly width: number; readonly body: string } {
  let x = 0;
  const body = active.map(({ head, name }) => {
    const at = x;
    x += 16 + textWidth(name) + 6;
    return `<rect x="${at}" width="11" height="11" rx="2" fill="${headColor(head, theme)}"/><text x="${at + 15}" y="9.5" fill="${ink}">${escapeText(name)}</text>`;
  });
  return { width: x, body: body.join("") };
}

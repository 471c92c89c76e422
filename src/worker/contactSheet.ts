/** @file Several pictures on one sheet, each with a caption. */
import { escapeText } from "../drawing/escapeText.js";
import type { OverlayOptions, Sharp } from "sharp";
import { colorStops, shortNumber } from "../report/markup.js";

/** One picture of a sheet: PNG or JPEG bytes, the lines below it, the first one in bold, and the colours of its map with the raw values at their ends. */
export interface SheetCell {
  readonly picture: Uint8Array;
  readonly lines: readonly string[];
  readonly scale: { readonly colors: Uint8Array; readonly ends: readonly [low: number, high: number] } | undefined;
}

const cellWidth = 320;
const gap = 16;
const lineHeight = 20;
const headHeight = 28;
const scaleHeight = 34;
const mostColumns = 4;

/** The pictures in rows on white, as PNG. Captions need a font of the system; `hasFont` tells whether there is one. */
export async function renderContactSheet(title: string, cells: readonly SheetCell[]): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const resized = await Promise.all(cells.map(({ picture }) => sharp(picture).resize({ width: cellWidth, kernel: "cubic" }).png().toBuffer({ resolveWithObject: true })));
  const columns = Math.min(mostColumns, cells.length);
  const pictureHeight = Math.max(...resized.map(({ info }) => info.height));
  const rowHeight = pictureHeight + lineHeight * Math.max(...cells.map(({ lines }) => lines.length)) + scaleHeight + gap;
  const width = columns * (cellWidth + gap) + gap;
  const height = gap + headHeight + Math.ceil(cells.length / columns) * rowHeight;
  const left = (i: number) => gap + (i % columns) * (cellWidth + gap);
  const top = (i: number) => gap + headHeight + Math.floor(i / columns) * rowHeight;
  const pictures = resized.map(({ data }, i): OverlayOptions => ({ input: data, left: left(i), top: top(i) }));
  const captions = cells.flatMap(({ lines }, i) => lines.map((line, at) => text(cut(line), left(i), top(i) + pictureHeight + scaleHeight + lineHeight * (at + 1) - 6, at === 0)));
  const scales = cells.map(({ scale }, i) => (scale ? scaleBar(scale, i, left(i), top(i) + pictureHeight + 6) : ""));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${text(title, gap, gap + 14, true, 16)}${captions.join("")}${scales.join("")}</svg>`;
  const sheet: Sharp = sharp({ create: { width, height, channels: 3, background: "#ffffff" } });
  return Uint8Array.from(await sheet.composite([...pictures, { input: Buffer.from(svg), left: 0, top: 0 }]).removeAlpha().png({ compressionLevel: 6 }).toBuffer());
}

function scaleBar({ colors, ends: [low, high] }: NonNullable<SheetCell["scale"]>, i: number, x: number, y: number): string {
  const stops = colorStops(colors).map((color, at, all) => `<stop offset="${at / (all.length - 1)}" stop-color="${color}"/>`).join("");
  const bar = `<linearGradient id="scale${i}">${stops}</linearGradient><rect x="${x}" y="${y}" width="${cellWidth}" height="8" fill="url(#scale${i})"/>`;
  return `${bar}${text(shortNumber(low), x, y + 22, false, 12)}${text(shortNumber(high), x + cellWidth, y + 22, false, 12, "end")}`;
}

function text(words: string, x: number, y: number, bold: boolean, size = 14, anchor = "start"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="sans-serif" font-size="${size}" fill="${bold ? "#1f2328" : "#59636e"}"${bold ? ' font-weight="bold"' : ""}>${escapeText(words)}</text>`;
}

/** A caption is as wide as its picture. */
function cut(line: string): string {
  const most = Math.floor(cellWidth / 7);
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** Whether words can be drawn here: without any font two different ones look alike. */
export async function hasFont(): Promise<boolean> {
  const { default: sharp } = await import("sharp");
  const draw = (words: string) => sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${text(words, 0, 15, false)}</svg>`)).raw().toBuffer();
  const [a, b] = await Promise.all([draw("ii"), draw("WW")]);
  return !a.equals(b);
}

/** @file A map laid over a picture, in plain RGB bytes, by bands of rows so that a huge picture never lies in memory twice. */
import type { Grid } from "./heatmap.js";
import type { DrawStyle } from "./style.js";

/** A rectangle in the picture's pixels; fractions are allowed, and it may reach beyond the picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whole rows of a picture, RGB interleaved. */
export interface Band {
  readonly rgb: Uint8Array | Uint8ClampedArray;
  /** The picture's width. */
  readonly width: number;
  /** The row of the picture that the band starts with. */
  readonly firstRow: number;
}

export interface Overlay {
  /** `[rows, columns]` on its scale: 0 to 1, or -1 to 1 when `signed`. */
  readonly grid: Grid;
  readonly signed: boolean;
  /** The part of the picture that the map lies over. */
  readonly region: Rectangle;
  /** 256 colours, `rgb` triples. */
  readonly colors: Uint8Array;
  readonly style: Pick<DrawStyle, "opacity" | "interpolation" | "background">;
}

/** The place of a value in a table of 256 colours. */
export function colorIndex(value: number, signed: boolean): number {
  return Math.round(Math.min(1, Math.max(0, signed ? (value + 1) / 2 : value)) * 255);
}

/** Lays the map over the rows in place. Where the map does not reach, the picture stays; a grey background is grey everywhere. */
export function blendOverlay({ rgb, width, firstRow }: Band, { grid, signed, region, colors, style: { opacity, interpolation, background } }: Overlay): void {
  if (background === "gray") toGray(rgb);
  const [rows, columns] = [grid.shape[0]!, grid.shape[1]!];
  const [left, top] = [Math.round(region.x), Math.round(region.y)];
  const mapWidth = Math.max(1, Math.round(region.x + region.width) - left);
  const mapHeight = Math.max(1, Math.round(region.y + region.height) - top);
  const [from, to] = [Math.max(0, left), Math.min(width, left + mapWidth)];
  const tap = interpolation === "nearest" ? nearestTap : linearTap;
  const across = Array.from({ length: Math.max(0, to - from) }, (_, i) => tap(from + i - left, columns, mapWidth));
  const bottom = Math.min(firstRow + rgb.length / (3 * width), top + mapHeight);
  for (let y = Math.max(firstRow, top); y < bottom; y++) {
    const down = tap(y - top, rows, mapHeight);
    const [upper, lower] = [down.low * columns, down.high * columns];
    for (const [i, { low, high, share }] of across.entries()) {
      const above = grid.data[upper + low]! * (1 - share) + grid.data[upper + high]! * share;
      const below = grid.data[lower + low]! * (1 - share) + grid.data[lower + high]! * share;
      const color = 3 * colorIndex(above * (1 - down.share) + below * down.share, signed);
      const at = 3 * ((y - firstRow) * width + from + i);
      for (let c = 0; c < 3; c++) rgb[at + c] = Math.round(rgb[at + c]! * (1 - opacity) + colors[color + c]! * opacity);
    }
  }
}

/** The two cells that a place lies between, and the share of the second. */
interface Tap {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** Half-pixel centres, edges clamped. */
function linearTap(i: number, cells: number, size: number): Tap {
  const at = Math.min(cells - 1, Math.max(0, ((i + 0.5) * cells) / size - 0.5));
  const low = Math.floor(at);
  return { low, high: Math.min(cells - 1, low + 1), share: at - low };
}

function nearestTap(i: number, cells: number, size: number): Tap {
  const low = Math.min(cells - 1, Math.floor(((i + 0.5) * cells) / size));
  return { low, high: low, share: 0 };
}

/** The mean of the three parts, as Captum's `blended_heat_map`. */
function toGray(rgb: Band["rgb"]): void {
  for (let i = 0; i < rgb.length; i += 3) {
    const gray = Math.round((rgb[i]! + rgb[i + 1]! + rgb[i + 2]!) / 3);
    rgb.fill(gray, i, i + 3);
  }
}

/** A map on its own as RGB pixels of its grid, for pictures that lay it over something themselves. */
export function paintGrid({ grid: { data }, signed, colors }: Pick<Overlay, "grid" | "signed" | "colors">): Uint8Array {
  const rgb = new Uint8Array(data.length * 3);
  for (const [i, value] of data.entries()) {
    const color = 3 * colorIndex(value, signed);
    rgb.set(colors.subarray(color, color + 3), 3 * i);
  }
  return rgb;
}

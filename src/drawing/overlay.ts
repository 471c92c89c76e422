/** @file An image and its heatmap as one picture, in plain RGBA bytes. */
import { resizeBilinear, type Grid } from "./heatmap.js";

/** RGB pixels, interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array | Uint8ClampedArray;
}

/** How the map is laid over the picture. */
export interface OverlayStyle {
  /** 256 colours, `rgb` triples. */
  readonly colors: Uint8Array;
  /** 0 shows the picture alone, 1 the map alone. */
  readonly opacity: number;
}

/** A rectangle in the picture's pixels; fractions are allowed, and it may reach beyond the picture. */
interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Lays the heatmap (`[H, W]`, 0 to 1) over the part of the picture the model saw, `region`; the rest of the picture stays as it is.
 * Returns RGBA bytes of the picture's size, all opaque.
 */
export function composeOverlay(picture: Picture, heatmap: Grid, region: Rectangle, { colors, opacity }: OverlayStyle): Uint8ClampedArray {
  const { width, height, rgb } = picture;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, read = 0, write = 0; i < width * height; i++, read += 3, write += 4) {
    rgba[write] = rgb[read]!;
    rgba[write + 1] = rgb[read + 1]!;
    rgba[write + 2] = rgb[read + 2]!;
    rgba[write + 3] = 255;
  }
  const left = Math.round(region.x);
  const top = Math.round(region.y);
  const mapWidth = Math.max(1, Math.round(region.x + region.width) - left);
  const mapHeight = Math.max(1, Math.round(region.y + region.height) - top);
  const map = resizeBilinear(heatmap, [mapHeight, mapWidth]).data;
  for (let y = Math.max(0, top); y < Math.min(height, top + mapHeight); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + mapWidth); x++) {
      const value = map[(y - top) * mapWidth + x - left]!;
      const color = Math.round(Math.min(1, Math.max(0, value)) * 255) * 3;
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) rgba[at + c] = rgba[at + c]! * (1 - opacity) + colors[color + c]! * opacity;
    }
  }
  return rgba;
}

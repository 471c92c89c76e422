/** @file The drawn matrix or map of attention as SVG and PNG. */
import { heatmapSvg } from "../drawing/attention/heatmapSvg.js";
import { overlaySvg } from "../drawing/attention/overlaySvg.js";
import { largestWeight } from "../drawing/attention/weights.js";
import { colorTable } from "../drawing/colormap.js";
import { resizeBilinear, type Grid } from "../drawing/heatmap.js";
import type { Region } from "../protocol/api.js";
import { dataUri } from "../report/markup.js";
import type { Jobs } from "../worker/jobs.js";
import { encodeRgb } from "../worker/renderImage.js";
import type { ShownAttention } from "./shownAttention.js";

/** What stands above a picture, and on which ground. */
export interface PictureFrame {
  readonly title: string;
  readonly caption: string;
  readonly theme: "light" | "dark";
}

/** The longer side of a map that is embedded, and of the image beneath it. */
const [mapSide, imageSide] = [512, 1280];
const opacity = 0.55;
/** Pixels of a PNG per unit of its SVG. */
const density = 1.5;

/** Queries as rows, keys as columns. */
export function matrixSvg({ matrix, rows, columns }: ShownAttention, frame: PictureFrame): string {
  return heatmapSvg({ ...frame, weights: matrix, rows, columns });
}

/** A map `[rows, columns]` over the part of the image that the model saw, enlarged bilinearly. */
export async function mapSvg(jobs: Jobs, path: string, region: Region, map: Grid, frame: PictureFrame): Promise<string> {
  const { bytes, mime, width, height } = await jobs.previewImage(path, imageSide);
  const share = Math.min(1, mapSide / Math.max(region.width, region.height));
  const [tall, wide] = [region.height, region.width].map((side) => Math.max(1, Math.round(side * share))) as [number, number];
  const colors = colorTable("viridis");
  const scale = { highest: largestWeight(map.data), isRoot: false };
  const rgb = new Uint8Array(3 * tall * wide);
  resizeBilinear(map, [tall, wide]).data.forEach((value, i) => {
    const color = 3 * Math.round(255 * (scale.highest > 0 ? Math.min(1, Math.max(0, value / scale.highest)) : 0));
    rgb.set(colors.subarray(color, color + 3), 3 * i);
  });
  return overlaySvg({ ...frame, image: dataUri(mime, bytes), map: dataUri("image/png", await encodeRgb(rgb, wide, tall)), size: { width, height }, region, opacity, isSmooth: true, frames: [], colors, scale });
}

/** An SVG as PNG. Words need a font of the system. */
export async function rasterized(svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return new Uint8Array(await sharp(Buffer.from(svg), { density: 72 * density, unlimited: true }).removeAlpha().png().toBuffer());
}

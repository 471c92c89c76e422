/** @file Attention over an image as an SVG file: the image embedded, the map over what the model saw, the scale below. */
import { escapeText } from "../escapeText.js";
import type { Rectangle } from "../overlay.js";
import type { Scale } from "./scale.js";
import { legendSize, scaleBar, svgColors, svgFile, svgMargin, type SvgFrame } from "./svgParts.js";

export interface OverlayDrawing extends SvgFrame {
  /** The image and the map as data URIs; the map has one pixel per patch. */
  readonly image: string;
  readonly map: string;
  /** The image's size, which the other lengths are measured in. */
  readonly size: { readonly width: number; readonly height: number };
  /** The part of the image that the map lies over. */
  readonly region: Rectangle;
  readonly opacity: number;
  readonly isSmooth: boolean;
  /** Framed: the patch that was chosen, its window. */
  readonly frames: readonly Rectangle[];
  readonly colors: Uint8Array;
  readonly scale: Scale;
}

const shownWidth = 640;

/** The file's text. */
export function overlaySvg(drawing: OverlayDrawing): string {
  const { image, map, size: { width, height }, region, opacity, isSmooth, frames, colors, scale, theme } = drawing;
  const shownHeight = (shownWidth * height) / width;
  const frame = ({ x, y, width: w, height: h }: Rectangle, color: string, thickness: number) =>
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${color}" stroke-width="${(thickness * width) / shownWidth}"/>`;
  return svgFile(drawing, {
    width: shownWidth, height: shownHeight + svgMargin + legendSize.height,
    body: `<svg width="${shownWidth}" height="${shownHeight}" viewBox="0 0 ${width} ${height}">
<image width="${width}" height="${height}" preserveAspectRatio="none" href="${escapeText(image)}"/>
<image x="${region.x}" y="${region.y}" width="${region.width}" height="${region.height}" preserveAspectRatio="none" opacity="${opacity}"${isSmooth ? "" : ' style="image-rendering:pixelated"'} href="${escapeText(map)}"/>
${frames.map((one) => frame(one, "#000", 4) + frame(one, "#fff", 2)).join("")}
</svg>
${scaleBar(0, shownHeight + svgMargin, scale, colors, svgColors[theme].ink)}`,
  });
}

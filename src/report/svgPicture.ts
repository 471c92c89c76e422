/** @file A picture as one SVG file: the image and its map embedded, iso-lines as paths, the scale with numbers, and words for those who do not see it. */
import { escapeText } from "../drawing/escapeText.js";
import type { Rectangle } from "../drawing/overlay.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { colorStops, dataUri, shortNumber } from "./markup.js";

export interface SvgParts {
  /** The size of the whole image, which is the picture's coordinates. */
  readonly width: number;
  readonly height: number;
  readonly image: { readonly bytes: Uint8Array; readonly mime: string };
  readonly isGray: boolean;
  /** The map in its colours, and where it lies on the image. */
  readonly map: { readonly png: Uint8Array; readonly region: Rectangle; readonly opacity: number; readonly isSmooth: boolean };
  /** Iso-lines as `<path>` elements; empty for none. */
  readonly lines: string;
  readonly colors: Uint8Array;
  /** The raw values at the ends of the scale. */
  readonly ends: readonly [low: number, high: number];
  readonly title: string;
  readonly description: string;
}

/** The scale below the picture, in units of its own. */
const legend = { width: 400, height: 34, margin: 12, bar: 10, font: 11 } as const;

/** The file's text. */
export function svgPicture(parts: SvgParts, translate: Translate): string {
  const { width, height, image, isGray, map: { png, region, opacity, isSmooth }, lines } = parts;
  const below = (width * legend.height) / legend.width;
  const mean = `<filter id="gray" color-interpolation-filters="sRGB"><feColorMatrix values="${"0.3333 0.3333 0.3333 0 0 ".repeat(3)}0 0 0 1 0"/></filter>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title description" width="${width}" height="${height + below}" viewBox="0 0 ${width} ${height + below}">
<title id="title">${escapeText(parts.title)}</title>
<desc id="description">${escapeText(parts.description)}</desc>
<defs>${isGray ? mean : ""}<linearGradient id="scale">${colorStops(parts.colors).map((color, i, all) => `<stop offset="${(i / (all.length - 1)).toFixed(4)}" stop-color="${color}"/>`).join("")}</linearGradient></defs>
<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<image width="${width}" height="${height}" preserveAspectRatio="none"${isGray ? ' filter="url(#gray)"' : ""} href="${dataUri(image.mime, image.bytes)}"/>
<image x="${region.x}" y="${region.y}" width="${region.width}" height="${region.height}" preserveAspectRatio="none" opacity="${opacity}"${isSmooth ? "" : ' style="image-rendering:pixelated"'} href="${dataUri("image/png", png)}"/>
${lines}
</svg>
${scale(parts, translate)}
</svg>
`;
}

function scale({ width, height, ends: [low, high] }: SvgParts, translate: Translate): string {
  const { margin, bar, font } = legend;
  const text = (x: number, anchor: string, words: string) => `<text x="${x}" y="${legend.height - 6}" text-anchor="${anchor}">${escapeText(words)}</text>`;
  return `<svg y="${height}" width="${width}" height="${(width * legend.height) / legend.width}" viewBox="0 0 ${legend.width} ${legend.height}" font-family="system-ui, sans-serif" font-size="${font}">
<rect width="${legend.width}" height="${legend.height}" fill="#fff"/><rect x="${margin}" y="6" width="${legend.width - 2 * margin}" height="${bar}" fill="url(#scale)"/>
<g fill="#1f2328">${text(margin, "start", shortNumber(low))}${text(legend.width / 2, "middle", translate(reportTexts.rawValue))}${text(legend.width - margin, "end", shortNumber(high))}</g>
</svg>`;
}

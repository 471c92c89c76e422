/** @file A finished explanation as a file that stands on its own: a picture, a page, or the raw numbers. */
import { basename } from "node:path";
import { readStyle } from "../drawing/readStyle.js";
import { blendOverlay } from "../drawing/overlay.js";
import type { DrawStyle } from "../drawing/style.js";
import { writeSafetensors } from "../engine/importers/safetensors.js";
import type { Explanation, ExportedFile, ExportFormat, ExportRequest } from "../protocol/api.js";
import { fillIn, noteTexts } from "../protocol/errorTexts.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { targetName } from "../report/captions.js";
import { htmlReport, type ReportItem } from "../report/htmlReport.js";
import { shortNumber } from "../report/markup.js";
import { writeNpy } from "../report/npy.js";
import { svgPicture } from "../report/svgPicture.js";
import type { ImageCache } from "./imageCache.js";
import { contourLines, drawExplanation, encodeRgb, renderOverlay, renderPreview, tensorPicture } from "./renderImage.js";
import { version } from "./version.js";

/** The longer side of pictures that are embedded: sharp on every screen, and small enough to send. */
const embeddedSide = 2048;
const pageSide = 1024;
const mapSide = 1024;

/** How each format is made. */
const makers: Readonly<Record<ExportFormat, (images: ImageCache, explanation: Explanation, style: DrawStyle, translate: Translate) => Promise<Uint8Array> | Uint8Array>> = {
  png: (images, explanation, style) => renderOverlay(images, explanation, style),
  svg: async (images, explanation, style, translate) => new TextEncoder().encode(await renderSvg(images, explanation, style, translate)),
  html: async (images, explanation, style, translate) => {
    const notes = explanation.notes.map(({ code, data }) => translate(noteTexts[code], data));
    return new TextEncoder().encode(htmlReport(basename(explanation.model.path), [await reportItem(images, explanation, style, explanation.input, notes)], version, translate));
  },
  safetensors: (_, { attribution, heatmap }) => writeSafetensors({ attribution: { dtype: "float32", ...attribution }, heatmap: { dtype: "float32", ...heatmap } }),
  npy: (_, { attribution }) => writeNpy(attribution),
};

/** Makes the file. Throws what is wrong with the image. */
export async function exportPicture(images: ImageCache, { explanation, format, style, strings }: ExportRequest): Promise<ExportedFile> {
  const translate: Translate = (english, data = {}) => fillIn(Object.hasOwn(strings, english) ? strings[english]! : english, data);
  return { bytes: await makeExport(images, explanation, format, readStyle(style), translate), extension: format };
}

/** The content of one format. */
export async function makeExport(images: ImageCache, explanation: Explanation, format: ExportFormat, style: DrawStyle, translate: Translate): Promise<Uint8Array> {
  return makers[format](images, explanation, style, translate);
}

/** What the page shows of one explanation. `input` is its name for people. */
export async function reportItem(images: ImageCache, explanation: Explanation, style: DrawStyle, input: string, notes: readonly string[]): Promise<ReportItem> {
  const { ends, colors } = drawExplanation(explanation, style);
  const original = explanation.region ? await renderPreview(await images.get(explanation.input), pageSide) : undefined;
  return { input, explanation, notes, png: await renderOverlay(images, explanation, style, pageSide), original, scale: { ends, colors } };
}

async function renderSvg(images: ImageCache, explanation: Explanation, style: DrawStyle, translate: Translate): Promise<string> {
  const drawn = drawExplanation(explanation, style);
  const { region, image } = explanation.region ? { region: explanation.region, image: await renderPreview(await images.get(explanation.input), embeddedSide) } : await tensorPicture(explanation);
  const { width, height } = image;
  // Programs that show SVG enlarge pictures each in their own way, so the map is enlarged here, unless its cells are to be seen.
  const isSmooth = style.interpolation !== "nearest";
  const scale = Math.min(1, mapSide / Math.max(region.width, region.height));
  const [rows, columns] = isSmooth ? [Math.max(1, Math.round(region.height * scale)), Math.max(1, Math.round(region.width * scale))] : (drawn.grid.shape as readonly [number, number]);
  const rgb = new Uint8Array(rows * columns * 3);
  blendOverlay({ rgb, width: columns, firstRow: 0 }, { ...drawn, region: { x: 0, y: 0, width: columns, height: rows }, style: { ...style, opacity: 1, background: "image" } });
  const words = { method: explanation.method, target: explanation.versus ? explanation.target.label : targetName(explanation, translate), versus: explanation.versus?.label ?? "" };
  return svgPicture({
    width, height, image, isGray: style.background === "gray", map: { png: await encodeRgb(rgb, columns, rows), region, opacity: style.opacity, isSmooth },
    lines: contourLines({ ...drawn, region }, style.contours, Math.max(width, height)), colors: drawn.colors, ends: drawn.ends,
    title: translate(explanation.versus ? reportTexts.pictureTitleVersus : reportTexts.pictureTitle, words),
    description: translate(reportTexts.pictureDescription, { image: basename(explanation.input), low: shortNumber(drawn.ends[0]), high: shortNumber(drawn.ends[1]) }),
  }, translate);
}

/** @file Pixels to image files: the preview of an image, and the picture of an explanation. */
import type { Sharp } from "sharp";
import { contourPath, contours, contourLevels } from "../drawing/contours.js";
import { colorTable } from "../drawing/colormap.js";
import { drawMap, type DrawnMap } from "../drawing/drawMap.js";
import { minMax } from "../drawing/heatmap.js";
import { blendOverlay, type Overlay } from "../drawing/overlay.js";
import { colormapFor, type DrawStyle } from "../drawing/style.js";
import { methodOf } from "../engine/attribution/methods.js";
import type { Explanation, ImagePreview, Region } from "../protocol/api.js";
import { imageBands, type DecodedImage } from "./decodeImage.js";
import type { ImageCache } from "./imageCache.js";
import { encodePng } from "./pngStream.js";
import { asFloat32, isTensorFile, readTensors } from "./prepareInput.js";

/** Bytes matter less than time here: the default level 6 takes three times as long for a few per cent. */
const pngLevel = 3;

/** The image, EXIF turned, at most `maxSide` on its longer side: JPEG where the file is one, PNG otherwise. */
export async function renderPreview(image: DecodedImage, maxSide: number): Promise<ImagePreview> {
  const small = await shrink(image, maxSide);
  const mime = image.format === "jpeg" ? "image/jpeg" : "image/png";
  const encoded = await (mime === "image/jpeg" ? small.jpeg({ quality: 90 }) : small.png({ compressionLevel: pngLevel })).toBuffer();
  // A copy of its own: Node's buffers may be views into a shared pool, which would travel whole.
  return { bytes: Uint8Array.from(encoded), mime, width: image.width, height: image.height };
}

/** The map of an explanation in a style, with the colours it is drawn in. */
export function drawExplanation({ attribution, method, inputSize, preprocess }: Explanation, style: DrawStyle): DrawnMap & { readonly colors: Uint8Array } {
  const drawn = drawMap(attribution, methodOf(method), style, inputSize, preprocess.layout);
  return { ...drawn, colors: colorTable(colormapFor(style, drawn.signed)) };
}

/** A picture's rows, from the top, and the part of it that the model saw. */
interface Rows {
  readonly width: number;
  readonly height: number;
  readonly region: Region;
  readonly bands: AsyncIterable<Uint8Array | Uint8ClampedArray>;
}

/** The picture of an explanation as PNG: its map over the image, or over the tensor itself where that was the input. At the image's full size, or at most `maxSide` on its longer side. */
export async function renderOverlay(images: ImageCache, explanation: Explanation, style: DrawStyle, maxSide = Infinity): Promise<Uint8Array> {
  const { width, height, region, bands } = explanation.region ? await rowsOfImage(await images.get(explanation.input), explanation.input, explanation.region, maxSide) : rowsOfTensor(explanation);
  const overlay: Overlay = { ...drawExplanation(explanation, style), region, style };
  const lines = contourLines(overlay, style.contours, Math.max(width, height));
  const drawn = drawBands(bands, width, overlay, lines);
  const first = await drawn.next();
  if (first.done) return encodePng(width, height, drawn);
  if (first.value.length < width * height * 3) return encodePng(width, height, after(first.value, drawn));
  return encodeRgb(first.value, width, height);
}

/** RGB pixels as PNG. */
export async function encodeRgb(rgb: Uint8Array | Uint8ClampedArray, width: number, height: number): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return new Uint8Array(await sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false }).png({ compressionLevel: pngLevel }).toBuffer());
}

async function* after<Item>(first: Item, others: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first;
  yield* others;
}

async function* drawBands(bands: Rows["bands"], width: number, overlay: Overlay, lines: string): AsyncGenerator<Uint8Array | Uint8ClampedArray> {
  let firstRow = 0;
  for await (const rgb of bands) {
    blendOverlay({ rgb, width, firstRow }, overlay);
    const rows = rgb.length / (3 * width);
    yield lines === "" ? rgb : await withLines(rgb, width, rows, `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows}" viewBox="0 ${firstRow} ${width} ${rows}">${lines}</svg>`);
    firstRow += rows;
  }
}

/** White within black shows on every picture. As in the panel, lines are as thick as the picture is large. */
export function contourLines({ grid, signed, region }: Pick<Overlay, "grid" | "signed" | "region">, count: number, side: number): string {
  if (count === 0) return "";
  const data = contours(grid, contourLevels(count, signed)).map((contour) => contourPath(contour, grid, region)).join("");
  const width = Math.max(1, side / 500);
  return [["#000", 2.4 * width], ["#fff", width]].map(([color, stroke]) => `<path fill="none" stroke="${color}" stroke-width="${stroke}" stroke-linejoin="round" d="${data}"/>`).join("");
}

async function withLines(rgb: Uint8Array | Uint8ClampedArray, width: number, height: number, svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const raw = { raw: { width, height, channels: 3 }, limitInputPixels: false } as const;
  return sharp(rgb, raw).composite([{ input: Buffer.from(svg) }]).removeAlpha().raw().toBuffer();
}

async function rowsOfImage(image: DecodedImage, path: string, region: Region, maxSide: number): Promise<Rows> {
  const { width, height } = image;
  if (Math.max(width, height) > maxSide) {
    const { data, info } = await (await shrink(image, maxSide)).raw().toBuffer({ resolveWithObject: true });
    const [across, down] = [info.width / width, info.height / height];
    return { width: info.width, height: info.height, bands: one(data), region: { x: region.x * across, y: region.y * down, width: region.width * across, height: region.height * down } };
  }
  // The cached pixels are shared, so they are drawn on in a copy. (A Buffer's own slice would be a view.)
  return { width, height, region, bands: image.reduced ? pixelsOf(imageBands(path, image)) : one(new Uint8Array(image.pixels.data)) };
}

/** One band where others have many. */
async function* one(rgb: Uint8Array | Uint8ClampedArray): AsyncGenerator<Uint8Array | Uint8ClampedArray> {
  yield rgb;
}

async function* pixelsOf(bands: ReturnType<typeof imageBands>): AsyncGenerator<Uint8Array | Uint8ClampedArray> {
  for await (const { data } of bands) yield data;
}

async function shrink({ pixels }: DecodedImage, maxSide: number): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  const image = sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 }, limitInputPixels: false });
  return Math.max(pixels.width, pixels.height) <= maxSide ? image : image.resize({ width: maxSide, height: maxSide, fit: "inside", kernel: "cubic" });
}

/** The picture that stands for a tensor input. */
export async function tensorPicture(explanation: Explanation): Promise<{ readonly image: ImagePreview; readonly region: Region }> {
  const { rgb, width, height, region } = picturedTensor(explanation);
  return { image: { bytes: await encodeRgb(rgb, width, height), mime: "image/png", width, height }, region };
}

function rowsOfTensor(explanation: Explanation): Rows {
  const { rgb, ...rows } = picturedTensor(explanation);
  return { ...rows, bands: one(rgb) };
}

/** A tensor has no colours of its own; its values are stretched from the smallest to the largest. */
function picturedTensor({ input, inputSize: [height, width], model, preprocess }: Explanation): Omit<Rows, "bands"> & { readonly rgb: Uint8ClampedArray } {
  const tensors = isTensorFile(input) ? readTensors(input) : new Map<string, never>();
  const name = model.inputs.find((candidate) => tensors.has(candidate.name))?.name ?? "";
  const tensor = tensors.get(name);
  const values = tensor && asFloat32(tensor);
  const rgb = new Uint8ClampedArray(width * height * 3).fill(255);
  if (values) {
    const { data } = minMax({ shape: values.shape, data: values.data as Float32Array });
    const channels = data.length / (width * height);
    for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) {
      const channel = Math.min(channels - 1, preprocess.channels === "bgr" ? channels - 1 - c : c);
      rgb[i * 3 + c] = data[preprocess.layout === "NCHW" ? channel * width * height + i : i * channels + channel]! * 255;
    }
  }
  return { width, height, rgb, region: { x: 0, y: 0, width, height } };
}

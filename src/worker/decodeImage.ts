/** @file Image files to RGB pixels: turned as EXIF says, transparency on white, 16 bits scaled, colours as Pillow would read them. */
import { readFileSync } from "node:fs";
import type { Sharp } from "sharp";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import type { PixelImage } from "../engine/preprocess/resample.js";
import { stampOf } from "./files.js";
import { jpegHeader } from "./jpegHeader.js";

/** A decoded image. `width` and `height` are the file's own, EXIF turned; `pixels` hold fewer where the file was reduced. */
export interface DecodedImage {
  readonly pixels: PixelImage;
  readonly width: number;
  readonly height: number;
  readonly reduced: boolean;
  /** The share of its pixels that are transparent at all; 0 without an alpha channel. */
  readonly transparent: number;
  /** What the file is, in sharp's words: "jpeg", "png". */
  readonly format: string;
}

/** Above this an image is reduced while it is read, so that it never lies in memory whole. */
const reduceAbove = 50_000_000;
/** What such an image is reduced to: still at least four times the usual 256 pixels for every common shape. */
const reduceTo = 16_000_000;
const largest = 1_000_000_000;
/** Files up to here are read at once: header and pixels then cost one visit to the disk. */
const readWholeBelow = 64_000_000;

/**
 * Decodes the first frame of an image file. ICC profiles are ignored and CMYK is converted by the plain formula, as Pillow does it, since models are trained on what Pillow reads.
 * Throws `inputNotFound`, `imageInvalid` or `imageTooLarge`.
 */
export async function decodeImage(path: string): Promise<DecodedImage> {
  const { size } = stampOf(path, "inputNotFound");
  if (size === 0) throw new WhylightError("imageInvalid", { path, reason: "the file is empty" });
  try {
    const source = size > readWholeBelow ? path : readFileSync(path);
    const open = await opener(source);
    if (typeof source !== "string" && isPlainJpeg(source)) {
      const decoded = await readPixels(open().autoOrient(), false);
      return { ...decoded, width: decoded.pixels.width, height: decoded.pixels.height, reduced: false, format: "jpeg" };
    }
    const metadata = await open().metadata();
    const { width, height } = metadata.autoOrient;
    if (width * height > largest) throw new WhylightError("imageTooLarge", { path, width, height });
    const reduced = width * height > reduceAbove;
    let image = open().autoOrient();
    if (reduced) {
      const share = Math.sqrt(reduceTo / (width * height));
      image = image.resize({ width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)), fit: "fill" });
    }
    return { ...(await readPixels(image, metadata.space === "cmyk")), width, height, reduced, format: metadata.format };
  } catch (thrown) {
    throw readableError(path, thrown);
  }
}

/** A usual photograph, about which nothing has to be asked before it is decoded: asking costs a fifth of what decoding does. */
function isPlainJpeg(bytes: Uint8Array): boolean {
  const header = jpegHeader(bytes);
  return header !== undefined && header.components <= 3 && header.width * header.height <= reduceAbove;
}

/**
 * The pixels of a file whose decoded form was reduced, in bands of whole rows from the top, so that the whole never lies in memory. Each band reads the file anew.
 * Throws what `decodeImage` throws.
 */
export async function* imageBands(path: string, { width, height }: Pick<DecodedImage, "width" | "height">, pixelsPerBand = reduceTo): AsyncGenerator<PixelImage> {
  const open = await opener(path);
  const rows = Math.max(1, Math.floor(pixelsPerBand / width));
  try {
    const isCmyk = (await open().metadata()).space === "cmyk";
    for (let top = 0; top < height; top += rows) {
      yield (await readPixels(open().autoOrient().extract({ left: 0, top, width, height: Math.min(rows, height - top) }), isCmyk)).pixels;
    }
  } catch (thrown) {
    throw readableError(path, thrown);
  }
}

/** Sizes are checked here, with an error of our own. Warnings are common in healthy files; errors and missing data are not. */
async function opener(source: string | Uint8Array): Promise<() => Sharp> {
  const { default: sharp } = await import("sharp");
  return () => sharp(source, { limitInputPixels: false, failOn: "error", ignoreIcc: true, sequentialRead: true });
}

async function readPixels(image: Sharp, isCmyk: boolean): Promise<Pick<DecodedImage, "pixels" | "transparent">> {
  const colored = isCmyk ? image.pipelineColourspace("cmyk").toColourspace("cmyk") : image.toColourspace("srgb");
  const { data, info } = await colored.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { pixels: toRgb(data, width, height, channels, isCmyk), transparent: isCmyk || channels % 2 === 1 ? 0 : transparentShare(data, channels) };
}

/** Alpha is the last of two or four channels. */
function transparentShare(data: Uint8Array, channels: number): number {
  let count = 0;
  for (let i = channels - 1; i < data.length; i += channels) if (data[i] !== 255) count++;
  return (count * channels) / data.length;
}

function readableError(path: string, thrown: unknown): WhylightError {
  if (thrown instanceof WhylightError) return thrown;
  const { data } = toWhylightError(thrown);
  const reason = String(data["reason"]).split("\n")[0]!;
  if (/missing|no such file/i.test(reason)) return new WhylightError("inputNotFound", { path }, { cause: thrown });
  const plain = /unsupported image format/i.test(reason) ? "its format is not known" : reason;
  return new WhylightError("imageInvalid", { path, reason: plain }, { cause: thrown });
}

function toRgb(data: Uint8Array, width: number, height: number, channels: number, isCmyk: boolean): PixelImage {
  if (channels === 3) return { width, height, channels, data };
  const rgb = new Uint8ClampedArray(width * height * 3);
  const convert = isCmyk ? cmykToRgb : channels === 4 ? rgbaToRgb : grayToRgb;
  convert(data, rgb, channels);
  return { width, height, channels: 3, data: rgb };
}

/** `a * b / 255` to the nearest whole number. */
function scale255(a: number, b: number): number {
  const t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

function cmykToRgb(data: Uint8Array, rgb: Uint8ClampedArray, channels: number): void {
  for (let read = 0, write = 0; write < rgb.length; read += channels, write += 3) {
    const light = 255 - data[read + 3]!;
    for (let c = 0; c < 3; c++) rgb[write + c] = light - scale255(data[read + c]!, light);
  }
}

function rgbaToRgb(data: Uint8Array, rgb: Uint8ClampedArray): void {
  for (let read = 0, write = 0; write < rgb.length; read += 4, write += 3) {
    const alpha = data[read + 3]!;
    for (let c = 0; c < 3; c++) rgb[write + c] = Math.round((data[read + c]! * alpha + 255 * (255 - alpha)) / 255);
  }
}

/** One channel, or grey with alpha. */
function grayToRgb(data: Uint8Array, rgb: Uint8ClampedArray, channels: number): void {
  for (let read = 0, write = 0; write < rgb.length; read += channels, write += 3) {
    const alpha = channels === 2 ? data[read + 1]! : 255;
    rgb.fill(Math.round((data[read]! * alpha + 255 * (255 - alpha)) / 255), write, write + 3);
  }
}

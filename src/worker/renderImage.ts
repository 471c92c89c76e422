/** @file Pixels to image files: the preview of an image, and the picture of an explanation. */
import type { Sharp } from "sharp";
import { colorTable, type ColormapId } from "../drawing/colormap.js";
import { composeOverlay, type Picture } from "../drawing/overlay.js";
import { minMax } from "../drawing/heatmap.js";
import type { Explanation, ImagePreview, Region } from "../protocol/api.js";
import type { DecodedImage } from "./decodeImage.js";
import type { ImageCache } from "./imageCache.js";
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

/** How an explanation is drawn. */
export interface DrawingStyle {
  readonly colormap: ColormapId;
  readonly opacity: number;
  /** The picture's longer side at most. */
  readonly maxSide: number;
}

/** The picture of an explanation as PNG: its heatmap over the image, or over the tensor itself where that was the input. */
export async function renderOverlay(images: ImageCache, explanation: Explanation, style: DrawingStyle): Promise<Uint8Array> {
  const { picture, region } = explanation.region ? await pictureOfImage(images, explanation, explanation.region, style.maxSide) : pictureOfTensor(explanation);
  const rgba = composeOverlay(picture, explanation.heatmap, region, { colors: colorTable(style.colormap), opacity: style.opacity });
  const { default: sharp } = await import("sharp");
  return sharp(rgba, { raw: { width: picture.width, height: picture.height, channels: 4 } }).removeAlpha().png({ compressionLevel: pngLevel }).toBuffer();
}

async function pictureOfImage(images: ImageCache, { input }: Explanation, region: Region, maxSide: number): Promise<{ picture: Picture; region: Region }> {
  const image = await images.get(input);
  const { data, info } = await (await shrink(image, maxSide)).raw().toBuffer({ resolveWithObject: true });
  const share = info.width / image.width;
  const down = info.height / image.height;
  return {
    picture: { width: info.width, height: info.height, rgb: data },
    region: { x: region.x * share, y: region.y * down, width: region.width * share, height: region.height * down },
  };
}

async function shrink({ pixels }: DecodedImage, maxSide: number): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  const image = sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 }, limitInputPixels: false });
  return Math.max(pixels.width, pixels.height) <= maxSide ? image : image.resize({ width: maxSide, height: maxSide, fit: "inside", kernel: "cubic" });
}

/** A tensor has no colours of its own; its values are stretched from the smallest to the largest. */
function pictureOfTensor({ input, inputSize: [height, width], model, preprocess }: Explanation): { picture: Picture; region: Region } {
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
  return { picture: { width, height, rgb }, region: { x: 0, y: 0, width, height } };
}

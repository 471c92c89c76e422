/** @file An image file as an audit takes it: the model's input, and what is kept of the picture itself. */
import type { QualityFlag } from "../../engine/debug/evidence.js";
import { perceptualHash } from "../../engine/debug/hash.js";
import { qualityOf } from "../../engine/debug/quality.js";
import { toWhylightError } from "../../engine/errors.js";
import type { Preprocess } from "../../engine/preprocess/description.js";
import { normalizePixels, seeImage } from "../../engine/preprocess/image.js";
import { decodeImage, type DecodedImage } from "../decodeImage.js";

/** Plain data, since it may come from another thread. */
export interface SeenFile {
  readonly shape: readonly number[];
  /** The input's values. */
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly flags: readonly QualityFlag[];
  readonly hash: string;
}

/** An image that cannot be taken, and why. */
export interface UnseenFile {
  readonly code: string;
  readonly reason: string;
}

/** Pictures of usual sizes gain nothing by several threads each, and none is decoded twice. */
export async function limitDecoding(): Promise<void> {
  const { default: sharp } = await import("sharp");
  sharp.concurrency(1);
  sharp.cache(false);
}

/** Reasons that do not come out of libvips. */
const ownReasons: ReadonlySet<string> = new Set(["the file is empty", "its format is not known"]);

/** Decodes, prepares and measures one image; what is wrong with it is an answer. */
export async function seeFile(path: string, preprocess: Preprocess): Promise<SeenFile | UnseenFile> {
  try {
    return measured(await decodeImage(path), preprocess);
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    if (code === "imageTooLarge") return { code, reason: `${data["width"]} × ${data["height"]} pixels are too many` };
    // libvips keeps its messages for all threads together: while others decode, one may be another file's.
    const reason = String(data["reason"] ?? "the file is not there any more");
    return { code, reason: code !== "imageInvalid" || ownReasons.has(reason) ? reason : "the file is damaged" };
  }
}

function measured({ pixels, width, height, transparent }: DecodedImage, preprocess: Preprocess): SeenFile {
  const { pixels: seen, region } = seeImage(pixels, preprocess);
  const [across, down] = [width / pixels.width, height / pixels.height];
  const { flags } = qualityOf({ seen, width, height, transparent, region: { x: region.x * across, y: region.y * down, width: region.width * across, height: region.height * down } });
  const { shape, data } = normalizePixels(seen, preprocess);
  return { shape, values: data as Float32Array, width, height, flags, hash: perceptualHash(seen) };
}

/** @file An image file as an audit takes it: the pixels the model sees, and what is kept of the picture itself. */
import type { QualityFlag } from "../../engine/debug/evidence.js";
import { perceptualHash } from "../../engine/debug/hash.js";
import { qualityOf } from "../../engine/debug/quality.js";
import { toWhylightError } from "../../engine/errors.js";
import type { Preprocess } from "../../engine/preprocess/description.js";
import { inputShape, normalizeInto, seeImage } from "../../engine/preprocess/image.js";
import type { PixelImage } from "../../engine/preprocess/resample.js";
import { decodeImage } from "../decodeImage.js";
import type { FedImage } from "./feedImages.js";

/** Plain data, since it may come from another thread. */
export interface SeenPixels {
  /** As the model sees them: a quarter of the input's bytes, since they are not normalised yet. */
  readonly pixels: PixelImage;
  readonly width: number;
  readonly height: number;
  readonly flags: readonly QualityFlag[];
  readonly hash: string;
}

export type SeenFile = SeenPixels & FedImage;

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

/** What `seePixels` gives, ready for a batch. */
export async function seeFile(path: string, preprocess: Preprocess): Promise<SeenFile | UnseenFile> {
  return fed(await seePixels(path, preprocess), preprocess);
}

/** Makes pixels an input; a failure stays one. */
export function fed(seen: SeenPixels | UnseenFile, preprocess: Preprocess): SeenFile | UnseenFile {
  return "code" in seen ? seen : { ...seen, shape: inputShape(seen.pixels, preprocess), fill: (into) => normalizeInto(into, seen.pixels, preprocess) };
}

/** Decodes, resizes, crops and measures one image; what is wrong with it is an answer. */
export async function seePixels(path: string, preprocess: Preprocess): Promise<SeenPixels | UnseenFile> {
  try {
    const { pixels, width, height, transparent } = await decodeImage(path);
    const { pixels: seen, region } = seeImage(pixels, preprocess);
    const [across, down] = [width / pixels.width, height / pixels.height];
    const { flags } = qualityOf({ seen, width, height, transparent, region: { x: region.x * across, y: region.y * down, width: region.width * across, height: region.height * down } });
    return { pixels: seen, width, height, flags, hash: perceptualHash(seen) };
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    if (code === "imageTooLarge") return { code, reason: `${data["width"]} × ${data["height"]} pixels are too many` };
    // libvips keeps its messages for all threads together: while others decode, one may be another file's.
    const reason = String(data["reason"] ?? "it cannot be read, or is not there any more");
    return { code, reason: code !== "imageInvalid" || ownReasons.has(reason) ? reason : "the file is damaged" };
  }
}

/** @file Inputs made from image files in several ways, each file decoded once while its turns follow each other. */
import { toWhylightError } from "../../engine/errors.js";
import type { Tensor } from "../../engine/ir/tensor.js";
import type { Preprocess } from "../../engine/preprocess/description.js";
import { prepareImage } from "../../engine/preprocess/image.js";
import { decodeImage, type DecodedImage } from "../decodeImage.js";
import type { UnseenFile } from "./seenImage.js";

/** An input that can be put into a batch. */
export interface FedImage {
  readonly shape: readonly number[];
  /** Writes its values into an array of its size. */
  fill(into: Float32Array): void;
}

/** One whose values are at hand. */
export interface FedTensor extends FedImage {
  readonly values: Float32Array;
}

/** Files whose pixels are kept: the one whose turns run and the next. */
const keptFiles = 2;

/** Feeds files one after the other; `change` may alter the input. What is wrong with a file is an answer. */
export function feedImages(): (path: string, preprocess: Preprocess, change?: (tensor: Tensor) => Tensor | Promise<Tensor>) => Promise<FedTensor | UnseenFile> {
  const decoded = new Map<string, Promise<DecodedImage>>();
  return async (path, preprocess, change = (tensor) => tensor) => {
    const image = decoded.get(path) ?? decodeImage(path);
    decoded.set(path, image);
    for (const oldest of decoded.keys()) if (decoded.size > keptFiles) decoded.delete(oldest);
    try {
      const { shape, data } = await change(prepareImage((await image).pixels, preprocess).tensor);
      const values = data as Float32Array;
      return { shape, values, fill: (into) => into.set(values) };
    } catch (thrown) {
      const { code, data, message } = toWhylightError(thrown);
      return { code, reason: String(data["reason"] ?? message) };
    }
  };
}

/** @file Inputs made from image files in several ways, each file decoded once while its turns follow each other. */
import { toWhylightError } from "../../engine/errors.js";
import type { Tensor } from "../../engine/ir/tensor.js";
import type { Preprocess } from "../../engine/preprocess/description.js";
import { prepareImage } from "../../engine/preprocess/image.js";
import { decodeImage, type DecodedImage } from "../decodeImage.js";
import type { UnseenFile } from "./seenImage.js";

/** An input without what is kept of the picture. */
export type FedImage = Pick<Tensor, "shape"> & { readonly values: Float32Array };

/** Files whose pixels are kept: the one whose turns run and the next. */
const keptFiles = 2;

/** Feeds files one after the other; `change` may alter the input. What is wrong with a file is an answer. */
export function feedImages(): (path: string, preprocess: Preprocess, change?: (tensor: Tensor) => Tensor | Promise<Tensor>) => Promise<FedImage | UnseenFile> {
  const decoded = new Map<string, Promise<DecodedImage>>();
  return async (path, preprocess, change = (tensor) => tensor) => {
    const image = decoded.get(path) ?? decodeImage(path);
    decoded.set(path, image);
    for (const oldest of decoded.keys()) if (decoded.size > keptFiles) decoded.delete(oldest);
    try {
      const { shape, data } = await change(prepareImage((await image).pixels, preprocess).tensor);
      return { shape, values: data as Float32Array };
    } catch (thrown) {
      const { code, data, message } = toWhylightError(thrown);
      return { code, reason: String(data["reason"] ?? message) };
    }
  };
}

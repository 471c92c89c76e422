/** @file How the models of keras.applications want pixels: what `preprocess_input` of each does, told by the names they give themselves. */
import { inputSize, type ImageInput } from "../../preprocess/defaults.js";
import type { Preprocess } from "../../preprocess/description.js";

export type Scaling = Pick<Preprocess, "channels" | "scale" | "mean" | "std">;
/** For models that scale pixels themselves. */
export const rawPixels: Scaling = { channels: "rgb", scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
/** The modes of `preprocess_input`. */
const caffe: Scaling = { channels: "bgr", scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] };
const tf: Scaling = { channels: "rgb", scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
const torch: Scaling = { channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Models that scale pixels themselves are told by their layers instead. */
const applications: readonly (readonly [name: RegExp, scaling: Scaling])[] = [
  [/^resnet(50|101|152)v2/i, tf], [/^(resnet(50|101|152)|vgg(16|19))/i, caffe], [/^densenet\d/i, torch],
  [/^(inception_v3|inception_resnet_v2|xception|mobilenet_|mobilenetv2_|mobilenetv3|nasnet)/i, tf],
];

/** What the first of these models that is one of keras.applications wants; `undefined` where none is. */
export function applicationScaling(names: Iterable<string>): Scaling | undefined {
  for (const name of names) {
    const found = applications.find(([pattern]) => pattern.test(name));
    if (found) return found[1];
  }
  return undefined;
}

/** The description for an image input; a model that takes any size and `resizes` gets the pixels as they are: only then are its numbers Keras's own. */
export function kerasDescription(input: ImageInput, scaling: Scaling, resizes: boolean): Preprocess {
  const isOpen = input.height === undefined || input.width === undefined;
  const ofChannels = (values: readonly number[]) => values.slice(0, input.channels);
  return {
    ...scaling, channels: input.channels === 1 ? "gray" : scaling.channels, mean: ofChannels(scaling.mean), std: ofChannels(scaling.std),
    resize: isOpen && resizes ? "none" : "exact", size: inputSize(input), crop: undefined, interpolation: "bilinear", layout: input.layout,
  };
}

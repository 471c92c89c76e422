/** @file What a Keras model says of how images are prepared: by layers at its front, which are part of its graph, or by being one of keras.applications. */
import type { Preprocess } from "../../preprocess/description.js";
import { imageInputOf, inputSize } from "../../preprocess/defaults.js";
import type { LayerConfig, ModelConfig } from "./config.js";
import type { KerasValue } from "./kerasGraph.js";

/** Layers that leave pixels pixels. */
const passing = /^(Identity|Dropout|Random\w+|Gaussian\w+|ZeroPadding2D|Cropping2D|CenterCrop|Resizing|Resize|Cast|InputLayer)$/;
/** Layers that bring them into the range the model wants. */
const rescaling = /^(Rescaling|Normalization|Add|Subtract|Multiply|Divide|TrueDivide|TFOpLambda)$/;

/** Follows the picture from the input as far as it is one. */
export class PicturePath {
  readonly #pictures = new Set<string>();
  /** Whether the model scales pixels itself. */
  rescales = false;
  /** Whether it brings them to a size itself. */
  resizes = false;

  begin(input: string): void {
    this.#pictures.add(input);
  }

  follow({ className }: LayerConfig, from: readonly KerasValue[], to: readonly KerasValue[]): void {
    const isRescaling = rescaling.test(className) && from.length === 1;
    if (!from.some(({ value }) => this.#pictures.has(value)) || (!isRescaling && !passing.test(className))) return;
    this.rescales ||= isRescaling;
    this.resizes ||= className.startsWith("Resiz");
    for (const { value } of to) this.#pictures.add(value);
  }
}

type Scaling = Pick<Preprocess, "channels" | "scale" | "mean" | "std">;
const raw: Scaling = { channels: "rgb", scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
/** The modes of `preprocess_input`. */
const caffe: Scaling = { channels: "bgr", scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] };
const tf: Scaling = { channels: "rgb", scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
const torch: Scaling = { channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Models of keras.applications, by the names they give themselves, and what each wants. Those that scale pixels themselves are told by their layers. */
const applications: readonly (readonly [name: RegExp, scaling: Scaling])[] = [
  [/^resnet(50|101|152)v2/i, tf], [/^(resnet(50|101|152)|vgg(16|19))/i, caffe], [/^densenet\d/i, torch],
  [/^(inception_v3|inception_resnet_v2|xception|mobilenet_|mobilenetv2_|mobilenetv3|nasnet)/i, tf],
];

/** The model's own preprocessing for its first image input; `undefined` where nothing tells. */
export function kerasPreprocess(model: ModelConfig, inputs: readonly KerasValue[], picture: PicturePath): Preprocess | undefined {
  const sizes = inputs.find(({ rank }) => rank === 4)?.sizes;
  const input = sizes && imageInputOf(sizes.map((size) => size ?? "open"));
  if (!input) return undefined;
  const scaling = picture.rescales ? raw : namesOf(model).map((name) => applications.find(([pattern]) => pattern.test(name))?.[1]).find((found) => found !== undefined);
  if (!scaling) return undefined;
  const isOpen = input.height === undefined || input.width === undefined;
  const ofChannels = (values: readonly number[]) => values.slice(0, input.channels);
  return {
    ...scaling, channels: input.channels === 1 ? "gray" : scaling.channels, mean: ofChannels(scaling.mean), std: ofChannels(scaling.std),
    // A model that takes any size and resizes gets the pixels as they are: only then are its numbers Keras's own.
    resize: isOpen && picture.resizes ? "none" : "exact", size: inputSize(input), crop: undefined, interpolation: "bilinear", layout: input.layout,
  };
}

function namesOf(model: ModelConfig): readonly string[] {
  return [model.name, ...model.layers.flatMap((layer) => (layer.model ? namesOf(layer.model) : []))];
}

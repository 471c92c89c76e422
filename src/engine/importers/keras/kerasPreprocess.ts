/** @file What a Keras model says of how images are prepared: by layers at its front, which are part of its graph, or by being one of keras.applications. */
import type { Preprocess } from "../../preprocess/description.js";
import { imageInputOf } from "../../preprocess/defaults.js";
import { applicationScaling, kerasDescription, rawPixels } from "./applications.js";
import type { LayerConfig, ModelConfig } from "./config.js";
import type { KerasValue } from "./kerasGraph.js";

/** Layers that leave pixels pixels; those that take channels apart and put them together again turn RGB to BGR. */
const passing = /^(Identity|Dropout|Random\w+|Gaussian\w+|ZeroPadding2D|Cropping2D|CenterCrop|Resizing|Resize|Cast|InputLayer|GetItem|SlicingOpLambda|Stack|Flip)$/;
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

/** The model's own preprocessing for its first image input; `undefined` where nothing tells. */
export function kerasPreprocess(model: ModelConfig, inputs: readonly KerasValue[], picture: PicturePath): Preprocess | undefined {
  const sizes = inputs.find(({ rank }) => rank === 4)?.sizes;
  const input = sizes && imageInputOf(sizes.map((size) => size ?? "open"));
  if (!input) return undefined;
  const scaling = picture.rescales ? rawPixels : applicationScaling(namesOf(model));
  return scaling && kerasDescription(input, scaling, picture.resizes);
}

function namesOf(model: ModelConfig): readonly string[] {
  return [model.name, ...model.layers.flatMap((layer) => (layer.model ? namesOf(layer.model) : []))];
}

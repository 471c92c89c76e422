/** @file What a model expects and calls things: labels and preprocessing, as a sidecar file or a preprocessor config states them. */

/** How an image becomes the model's input tensor. Sizes are `[height, width]`. */
export interface Preprocess {
  /** `shortest-side` keeps the aspect ratio and makes the shorter side `size`; `exact` stretches to `size`; `none` leaves the pixels. */
  readonly resize: "shortest-side" | "exact" | "none";
  readonly size: readonly [number, number];
  /** Centre crop after resizing; `undefined` for none. */
  readonly crop: readonly [number, number] | undefined;
  /** Where an uneven border of the crop goes: half a pixel to the even side as torchvision (the default), or always down as transformers. */
  readonly cropOffset?: "round" | "floor";
  readonly interpolation: "nearest" | "bilinear" | "bicubic" | "lanczos";
  readonly channels: "rgb" | "bgr" | "gray";
  /** Multiplies pixel values 0 to 255 before `mean` and `std` apply. */
  readonly scale: number;
  /** Per channel, in scaled units. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Axis order of the model's input. */
  readonly layout: "NCHW" | "NHWC";
}

/** What makes probabilities of a model's scores: the softmax where one class excludes the others, the sigmoid where each label may hold by itself, and for a lone yes or no. */
export type OutputActivation = "softmax" | "sigmoid";

/** Where a fact about the model was found, so that people can be told. */
export type Origin = "sidecar" | "preprocessor_config.json" | "processor_config.json" | "config.json" | "labels file" | "metadata" | "model" | "defaults";

/** A model's description after all sources were read in their order. */
export interface ModelDescription {
  readonly preprocess: Preprocess;
  readonly preprocessOrigin: Origin;
  /** `labels[i]` names class i; `undefined` when no source names the classes. */
  readonly labels: readonly string[] | undefined;
  readonly labelsOrigin: Origin | undefined;
  readonly activation: OutputActivation;
  /** The layer to use for the CAM family unless another is asked for. */
  readonly layer: string | undefined;
}

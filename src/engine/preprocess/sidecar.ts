/** @file The sidecar file `<model>.whylight.json`: what a person states about a model. */
import type { OutputActivation, Preprocess } from "./description.js";
import { defaultPreprocess, inputSize, outputSize, type ImageInput } from "./defaults.js";
import { choiceField, isSide, numberField, objectField, perChannelField, present, refuseUnknown, textField, textsField, wrongField, type Fields } from "./fields.js";

/** What the file says; `undefined` where it is silent. */
export interface Sidecar {
  readonly labels: readonly string[] | undefined;
  /** A labels file, relative to the sidecar. */
  readonly labelsFile: string | undefined;
  /** Made from the model's input, since a silent field takes a default that depends on it. `undefined` when the file says nothing of preprocessing. */
  readonly preprocess: ((input: ImageInput) => Preprocess) | undefined;
  readonly layer: string | undefined;
  readonly activation: OutputActivation | undefined;
}

const topKeys = ["$schema", "labels", "labelsFile", "preprocess", "layer", "activation"];
const preprocessKeys = ["resize", "size", "crop", "interpolation", "channels", "scale", "mean", "std", "layout"];

/** Reads the parsed file. Throws `descriptionInvalid`, also for fields nobody knows, since those are mistyped ones. */
export function readSidecar(fields: Fields): Sidecar {
  refuseUnknown(fields, topKeys);
  const preprocess = objectField(fields, "preprocess");
  if (preprocess) refuseUnknown(preprocess, preprocessKeys);
  return {
    labels: textsField(fields, "labels"), labelsFile: textField(fields, "labelsFile"), layer: textField(fields, "layer"), activation: choiceField(fields, "activation", ["softmax", "sigmoid"]),
    preprocess: preprocess && ((input) => readPreprocess(preprocess, input)),
  };
}

function readPreprocess(fields: Fields, input: ImageInput): Preprocess {
  const resize = choiceField(fields, "resize", ["shortest-side", "exact", "none"]) ?? "shortest-side";
  const channels = choiceField(fields, "channels", ["rgb", "bgr", "gray"]) ?? (input.channels === 1 ? "gray" : "rgb");
  if ((channels === "gray") !== (input.channels === 1)) wrongField(fields, "channels", `the model takes ${input.channels} channels`);
  const layout = choiceField(fields, "layout", ["NCHW", "NHWC"]) ?? input.layout;
  if (layout !== input.layout) wrongField(fields, "layout", `the model's input is ${input.layout}`);
  const defaults = defaultPreprocess(input);
  const cropByDefault = resize === "shortest-side" ? inputSize(input) : undefined;
  const std = perChannelField(fields, "std", input.channels) ?? defaults.std;
  if (std.includes(0)) wrongField(fields, "std", "it must not hold 0");
  const preprocess: Preprocess = {
    resize, channels, layout, std,
    size: sizeField(fields, "size") ?? (resize === "exact" ? inputSize(input) : defaults.size),
    crop: fields.values["crop"] === null ? undefined : (sizeField(fields, "crop") ?? cropByDefault),
    interpolation: choiceField(fields, "interpolation", ["nearest", "bilinear", "bicubic", "lanczos"]) ?? defaults.interpolation,
    scale: numberField(fields, "scale") ?? defaults.scale,
    mean: perChannelField(fields, "mean", input.channels) ?? defaults.mean,
  };
  checkSize(fields, preprocess, input);
  return preprocess;
}

/** A number for both sides, or `[height, width]`. */
function sizeField(fields: Fields, key: string): [number, number] | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  if (isSide(value)) return [value, value];
  if (Array.isArray(value) && value.length === 2 && value.every(isSide)) return [value[0]!, value[1]!];
  return wrongField(fields, key, "it must be a size in pixels, or [height, width]");
}

/** A person who states sizes that cannot fit the model must hear so, rather than see them changed. */
function checkSize(fields: Fields, preprocess: Preprocess, { height, width }: ImageInput): void {
  const size = outputSize(preprocess);
  if (size && ((height ?? size[0]) !== size[0] || (width ?? size[1]) !== size[1])) {
    wrongField(fields, preprocess.crop ? "crop" : "size", `it makes images of ${size.join(" × ")}, but the model takes ${height ?? "any"} × ${width ?? "any"} (height × width)`);
  }
}

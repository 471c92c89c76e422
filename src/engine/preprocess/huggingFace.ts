/** @file Preprocessing and labels as Hugging Face, timm and plain PyTorch projects write them beside a model. */
import type { OutputActivation, Preprocess } from "./description.js";
import { defaultPreprocess, inputSize, outputSize, type ImageInput } from "./defaults.js";
import { booleanField, isRecord, isSide, numberField, objectField, perChannelField, present, textField, textsField, wrongField, type Fields } from "./fields.js";
import { processorOf, withProcessorDefaults } from "./processors.js";

/** PIL's numbers for resampling filters that exist here. */
const resampleNumbers: Readonly<Record<number, Preprocess["interpolation"]>> = { 0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic" };
/** Processors whose bare number for `size` means the shorter side; for all others it means a square. */
const shortestSideProcessors = /CLIP|ConvNext|Levit|PoolFormer|MobileNet|MobileViT/i;

/** Reads a `preprocessor_config.json`. Sizes give way to the model's own. Throws `descriptionInvalid`. */
export function readPreprocessorConfig(stated: Fields, input: ImageInput): Preprocess {
  const defaults = defaultPreprocess(input);
  const fields = withProcessorDefaults(stated, input.channels);
  const kind = processorOf(fields);
  const rescale = booleanField(fields, "do_rescale") ?? true;
  const normalize = booleanField(fields, "do_normalize") ?? true;
  const cropped = booleanField(fields, "do_center_crop") ?? false;
  // EfficientNet's images are shifted to -1 .. 1 by an offset of 1 after scaling.
  const shift = booleanField(fields, "rescale_offset") === true ? 1 : 0;
  const zeros = Array.from({ length: input.channels }, () => 0);
  const mean = (normalize ? perChannelField(fields, "image_mean", input.channels) : undefined) ?? (normalize ? defaults.mean : zeros);
  const std = (normalize ? perChannelField(fields, "image_std", input.channels) : undefined) ?? (normalize ? defaults.std : zeros.map(() => 1));
  if (std.includes(0)) wrongField(fields, "image_std", "it must not hold 0");
  const sized = (booleanField(fields, "do_resize") ?? true) ? readSize(fields, kind, input) : { resize: "none" as const, size: inputSize(input), crop: undefined };
  const crop = cropped ? (sides(fields, "crop_size") ?? inputSize(input)) : sized.crop;
  return fitToInput({
    resize: sized.resize, size: sized.size, crop, cropOffset: "floor", interpolation: readResample(fields), channels: channelOrder(fields, input),
    scale: rescale ? (numberField(fields, "rescale_factor") ?? 1 / 255) : 1, mean: mean.map((value) => value + shift), std, layout: input.layout,
  }, input);
}

function channelOrder(fields: Fields, input: ImageInput): Preprocess["channels"] {
  if (input.channels === 1) return "gray";
  return booleanField(fields, "do_flip_channel_order") === true ? "bgr" : "rgb";
}

function readResample(fields: Fields): Preprocess["interpolation"] {
  const number = numberField(fields, "resample") ?? 2;
  return resampleNumbers[number] ?? wrongField(fields, "resample", `filter ${number} is not known here; 0, 1, 2 and 3 are`);
}

function readSize(fields: Fields, kind: string, input: ImageInput): Pick<Preprocess, "resize" | "size" | "crop"> {
  const value = present(fields, "size");
  const nested = isRecord(value) ? objectField(fields, "size")! : undefined;
  const short = nested ? side(nested, "shortest_edge") : shortestSideProcessors.test(kind) && isSide(value) ? value : undefined;
  if (short !== undefined) {
    // ConvNeXT's processor enlarges by crop_pct and crops back below 384 pixels, and stretches from there on.
    if (!/ConvNext/i.test(kind)) return { resize: "shortest-side", size: [short, short], crop: undefined };
    if (short >= 384) return { resize: "exact", size: [short, short], crop: undefined };
    const enlarged = Math.trunc(short / (numberField(fields, "crop_pct") ?? 224 / 256));
    return { resize: "shortest-side", size: [enlarged, enlarged], crop: [short, short] };
  }
  return { resize: "exact", size: sides(fields, "size") ?? inputSize(input), crop: undefined };
}

/** A square's side, `{height, width}` or `[height, width]`. */
function sides(fields: Fields, key: string): [number, number] | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  if (isSide(value)) return [value, value];
  if (Array.isArray(value) && value.length === 2 && value.every(isSide)) return [value[0]!, value[1]!];
  const nested = objectField(fields, key)!;
  const short = side(nested, "shortest_edge");
  if (short !== undefined) return [short, short];
  const height = side(nested, "height") ?? wrongField(nested, "height", "it is missing");
  return [height, side(nested, "width") ?? wrongField(nested, "width", "it is missing")];
}

function side(fields: Fields, key: string): number | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  return isSide(value) ? value : wrongField(fields, key, "it must be a size in pixels");
}

/** timm's words for an image, in `pretrained_cfg`, or in older files beside `architecture`; `undefined` where there are none. */
function timmFields(fields: Fields): Fields | undefined {
  return objectField(fields, "pretrained_cfg") ?? (present(fields, "architecture") !== undefined && present(fields, "input_size") !== undefined ? fields : undefined);
}

/** The size `[height, width]` of the images that a `config.json` says its model is for: timm's `img_size` or `input_size`, or a plain `input_shape`. */
export function statedSize(fields: Fields): readonly [number, number] | undefined {
  const built = objectField(fields, "model_args");
  const size = built && sides(built, "img_size");
  if (size) return size;
  const timm = timmFields(fields);
  const shape = timm ? present(timm, "input_size") : present(fields, "input_shape");
  if (!Array.isArray(shape)) return undefined;
  const isLast = !timm && [1, 3].includes(shape.at(-1) as number);
  const [height, width] = (isLast ? shape.slice(-3, -1) : shape.slice(-2)) as unknown[];
  return shape.length > 2 && isSide(height) && isSide(width) ? [height, width] : undefined;
}

/**
 * Reads the preprocessing a `config.json` states: timm's `pretrained_cfg`, or plain `mean`, `std` and `input_shape`, which mean an image stretched to the input.
 * `undefined` when it states none, as Hugging Face's model configs.
 */
export function readConfigPreprocess(fields: Fields, input: ImageInput): Preprocess | undefined {
  const timm = timmFields(fields);
  const source = timm ?? fields;
  if (present(source, "mean") === undefined) return undefined;
  const defaults = defaultPreprocess(input);
  const std = perChannelField(source, "std", input.channels) ?? defaults.std;
  if (std.includes(0)) wrongField(source, "std", "it must not hold 0");
  const order = textField(source, "channel_order")?.toLowerCase();
  const common = {
    channels: input.channels === 1 ? "gray" as const : order === "bgr" ? "bgr" as const : "rgb" as const,
    scale: 1 / 255, mean: perChannelField(source, "mean", input.channels) ?? defaults.mean, std, layout: input.layout,
  };
  // Models that take any size are fed the one they were made for.
  const own = input.height === undefined && input.width === undefined ? statedSize(fields) : undefined;
  const crop: [number, number] = own ? [...own] : inputSize(input);
  if (!timm) return { ...common, resize: "exact", size: crop, crop: undefined, interpolation: "bilinear" };
  const share = numberField(timm, "crop_pct") ?? 0.875;
  if (!(share > 0)) wrongField(timm, "crop_pct", "it must be above 0");
  const size: [number, number] = [Math.floor(crop[0] / share), Math.floor(crop[1] / share)];
  const interpolation = (["nearest", "bilinear", "bicubic", "lanczos"] as const).find((name) => name === present(timm, "interpolation")) ?? "bilinear";
  return { ...common, resize: present(timm, "crop_mode") === "squash" ? "exact" : "shortest-side", size, crop, interpolation };
}

/** Labels of a `config.json`: Hugging Face's `id2label`, timm's `label_names` with what `label_descriptions` says of them, or plain `labels`. */
export function readConfigLabels(fields: Fields): readonly string[] | undefined {
  const byId = objectField(fields, "id2label");
  if (byId) return labelsById(byId);
  const timm = timmFields(fields);
  const names = textsField(fields, "labels") ?? timmLabels(fields) ?? (timm && timm !== fields ? textsField(timm, "labels") ?? timmLabels(timm) : undefined);
  const descriptions = objectField(fields, "label_descriptions") ?? (timm && objectField(timm, "label_descriptions"));
  return names?.map((name) => (descriptions && Object.hasOwn(descriptions.values, name) ? textField(descriptions, name) : undefined) ?? name);
}

/** Labels that do not exclude each other have a sigmoid each. `undefined` where the file says nothing of it. */
export function readConfigActivation(fields: Fields): OutputActivation | undefined {
  const problem = textField(fields, "problem_type");
  return problem === undefined ? undefined : problem === "multi_label_classification" ? "sigmoid" : "softmax";
}

/** timm's names: a list, or by class index where some have none. */
function timmLabels(fields: Fields): readonly string[] | undefined {
  return isRecord(present(fields, "label_names")) ? labelsById(objectField(fields, "label_names")!) : textsField(fields, "label_names");
}

function labelsById(byId: Fields): readonly string[] {
  const labels: string[] = [];
  for (const [id, label] of Object.entries(byId.values)) {
    if (!/^\d{1,7}$/.test(id)) wrongField(byId, id, "it must be a class index");
    labels[Number(id)] = String(label);
  }
  return Array.from(labels, (label, i) => label ?? `class ${i}`);
}

/** Puts the model's own size in place of the stated one; a resize before a crop keeps its proportion to it. */
function fitToInput(preprocess: Preprocess, input: ImageInput): Preprocess {
  const target = inputSize(input);
  const out = outputSize(preprocess);
  if (input.height === undefined && input.width === undefined) return preprocess;
  if (out === undefined) return { ...preprocess, crop: target };
  if (out[0] === target[0] && out[1] === target[1]) return preprocess;
  if (!preprocess.crop) return { ...preprocess, size: target };
  const scaled = (value: number, i: 0 | 1): number => Math.round((value * target[i]) / out[i]);
  return { ...preprocess, size: [scaled(preprocess.size[0], 0), scaled(preprocess.size[1], 1)], crop: target };
}

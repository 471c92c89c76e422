/** @file What transformers' image processors do where a `preprocessor_config.json` is silent: each class has defaults of its own. */
import { present, textField, type Fields } from "./fields.js";

const bilinear = 2;
const bicubic = 3;
const square = (side: number) => ({ height: side, width: side });
const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const imageNet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const openAi = { image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] };
const cropped = { do_center_crop: true, crop_size: square(224) };

/** By the class's name without "ImageProcessor" or "FeatureExtractor", as of transformers 5. */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ViT: { ...half, resample: bilinear, size: square(224) },
  DeiT: { ...half, resample: bicubic, size: square(256), ...cropped },
  Beit: { ...half, resample: bicubic, size: square(224) },
  ConvNext: { ...half, resample: bicubic, size: { shortest_edge: 384 }, crop_pct: 224 / 256 },
  CLIP: { ...openAi, resample: bicubic, size: { shortest_edge: 224 }, ...cropped },
  Bit: { ...openAi, resample: bicubic, size: { shortest_edge: 224 }, ...cropped },
  MobileNetV1: { ...half, resample: bilinear, size: { shortest_edge: 256 }, ...cropped },
  MobileNetV2: { ...half, resample: bilinear, size: { shortest_edge: 256 }, ...cropped },
  Levit: { ...imageNet, resample: bicubic, size: { shortest_edge: 224 }, ...cropped },
  Pvt: { ...imageNet, resample: bicubic, size: square(224) },
  Siglip: { ...half, resample: bicubic, size: square(224) },
  EfficientNet: { ...half, resample: bicubic, size: square(346) },
};

/** The processor's class, as the file calls it; "" where it does not. */
export function processorOf(fields: Fields): string {
  return textField(fields, "image_processor_type") ?? textField(fields, "feature_extractor_type") ?? "";
}

/** The fields, with the class's defaults where it is a known one and they are silent. Its defaults are for colours: `channels` of 1 take nothing of mean and deviation. */
export function withProcessorDefaults(fields: Fields, channels: number): Fields {
  const kind = processorOf(fields).replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, "");
  if (!Object.hasOwn(defaults, kind)) return fields;
  const silent = Object.entries(defaults[kind]!).filter(([key]) => present(fields, key) === undefined && (channels === 3 || !key.startsWith("image_")));
  return { ...fields, values: { ...fields.values, ...Object.fromEntries(silent) } };
}

/** @file The common mistakes in how pixels are fed, as other preprocessing to try: channel order, value range, mean and standard deviation, resizing, interpolation. */
import type { Preprocess } from "../preprocess/description.js";
import { outputSize } from "../preprocess/defaults.js";

/** What a change is about. */
export const preprocessingDimensions = ["channels", "scale", "mean", "resize", "interpolation"] as const;
export type PreprocessingDimension = (typeof preprocessingDimensions)[number];

export interface PreprocessingVariant {
  /** "channels-bgr", "scale-0-255", "channels-bgr+mean-imagenet": what is changed, each part beginning with its dimension. */
  readonly id: string;
  /** One, or two where two mistakes are tried together. */
  readonly dimensions: readonly PreprocessingDimension[];
  readonly preprocess: Preprocess;
}

/** How values are brought to the range a model wants. */
type Normalization = Pick<Preprocess, "scale" | "mean" | "std">;

const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** The means that Caffe's models subtract, red first. */
const caffeMean = [123.68, 116.779, 103.939];
const averageOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The ranges that models are commonly trained with, likeliest first and those of large values last, since large values can make a model sure of anything.
 * `byColor` orders numbers that belong to red, green and blue as the channels are.
 */
const normalizations: Readonly<Record<string, (present: Preprocess, byColor: (values: readonly number[]) => readonly number[]) => Normalization | undefined>> = {
  // The same mean and standard deviation with the division by 255 that was forgotten; without any mean that is another range of this table.
  "over-255": ({ scale, mean, std }) => (scale > 0.1 && hasMean(mean) ? { scale: scale / 255, mean, std } : undefined),
  imagenet: (_, byColor) => ({ scale: 1 / 255, mean: byColor(imageNet.mean), std: byColor(imageNet.std) }),
  "minus1-1": ({ std }) => ({ scale: 1 / 255, mean: std.map(() => 0.5), std: std.map(() => 0.5) }),
  "0-1": ({ std }) => ({ scale: 1 / 255, mean: std.map(() => 0), std: std.map(() => 1) }),
  // Without a division that the model does itself.
  "times-255": ({ scale, mean, std }) => (scale <= 0.1 && hasMean(mean) ? { scale: scale * 255, mean, std } : undefined),
  "0-255": ({ std }) => ({ scale: 1, mean: std.map(() => 0), std: std.map(() => 1) }),
  caffe: ({ std }, byColor) => ({ scale: 1, mean: byColor(caffeMean), std: std.map(() => 1) }),
};

const hasMean = (mean: readonly number[]) => mean.some((value) => value !== 0);

/** Beyond this ratio two ranges differ in scale; below it, in mean and standard deviation. */
const scaleRatio = 10;

/** Everything worth trying instead of `present`, without what amounts to the same; two together are a channel order and a range. */
export function preprocessingVariants(present: Preprocess): readonly PreprocessingVariant[] {
  const swapped = present.channels === "gray" ? undefined : present.channels === "rgb" ? "bgr" : "rgb";
  const swap: PreprocessingVariant[] = swapped ? [{ id: `channels-${swapped}`, dimensions: ["channels"], preprocess: { ...present, channels: swapped } }] : [];
  const both = swap.flatMap((first) => rangesOf(present, first.preprocess).map((second): PreprocessingVariant => ({
    id: `${first.id}+${second.id}`, dimensions: [...first.dimensions, ...second.dimensions], preprocess: second.preprocess,
  })));
  return [...swap, ...rangesOf(present, present), ...both, ...sizesOf(present), ...interpolationsOf(present)];
}

/** Other ranges for `preprocess`, which has the range of `present`. */
function rangesOf(present: Preprocess, preprocess: Preprocess): PreprocessingVariant[] {
  const byColor = (values: readonly number[]) => (preprocess.channels === "gray" ? [averageOf(values)] : preprocess.channels === "bgr" ? values.toReversed() : values);
  const found: PreprocessingVariant[] = [];
  for (const [name, make] of Object.entries(normalizations)) {
    const normalization = make(preprocess, byColor);
    if (!normalization || [present, ...found.map((variant) => variant.preprocess)].some((other) => isSameRange(normalization, other))) continue;
    const ratio = stepOf(normalization) / stepOf(present);
    const dimension = Math.max(ratio, 1 / ratio) > scaleRatio ? "scale" : "mean";
    found.push({ id: `${dimension}-${name}`, dimensions: [dimension], preprocess: { ...preprocess, ...normalization } });
  }
  return found;
}

/** How far one level of 255 goes. */
const stepOf = ({ scale, std }: Normalization) => scale / averageOf(std);

/** Whether black and white become the same numbers, to 2 % of their distance. */
function isSameRange(a: Normalization, b: Normalization): boolean {
  return a.std.every((_, c) => [0, 255].every((value) => {
    const [first, second] = [a, b].map(({ scale, mean, std }) => (value * scale - mean[c % mean.length]!) / std[c % std.length]!) as [number, number];
    return Math.abs(first - second) < 0.02 * ((255 * a.scale) / a.std[c]!);
  }));
}

/** Other ways to the same input size. */
function sizesOf(present: Preprocess): PreprocessingVariant[] {
  const out = outputSize(present);
  if (!out) return [];
  const side = Math.max(...out);
  const margin = Math.round((side * 256) / 224);
  const others: Readonly<Record<string, Pick<Preprocess, "resize" | "size" | "crop">>> = {
    stretch: { resize: "exact", size: out, crop: undefined },
    short: { resize: "shortest-side", size: [side, side], crop: out },
    margin: { resize: "shortest-side", size: [margin, margin], crop: out },
  };
  return Object.entries(others).filter(([, other]) => !isSameSize(other, present))
    .map(([name, other]): PreprocessingVariant => ({ id: `resize-${name}`, dimensions: ["resize"], preprocess: { ...present, ...other } }));
}

function isSameSize(a: Pick<Preprocess, "resize" | "size" | "crop">, b: Pick<Preprocess, "resize" | "size" | "crop">): boolean {
  const cropOf = ({ crop, size }: typeof a) => (crop ?? size).join();
  if (a.resize !== b.resize || cropOf(a) !== cropOf(b)) return false;
  return a.resize === "exact" ? a.size.join() === b.size.join() : Math.min(...a.size) === Math.min(...b.size);
}

function interpolationsOf(present: Preprocess): PreprocessingVariant[] {
  if (present.resize === "none") return [];
  return (["nearest", "bilinear", "bicubic"] as const).filter((interpolation) => interpolation !== present.interpolation)
    .map((interpolation): PreprocessingVariant => ({ id: `interpolation-${interpolation}`, dimensions: ["interpolation"], preprocess: { ...present, interpolation } }));
}

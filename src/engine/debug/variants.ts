/** @file Everything that is tried on one picture to see what changes the answer, as a table of inputs to feed. */
import type { PlainTensor } from "../attribution/parameters.js";
import type { Tensor } from "../ir/tensor.js";
import type { Preprocess } from "../preprocess/description.js";
import { prepareImage } from "../preprocess/image.js";
import type { PixelImage, Rectangle } from "../preprocess/resample.js";
import type { VariantFamily, VariantResult } from "./evidence.js";
import { hotRegion } from "./hotRegion.js";
import { elsewhere, inverted, masked } from "./masks.js";
import { brightened, cut, mirrored, padded, stretched, turned } from "./pictureChanges.js";
import { preprocessingVariants } from "./preprocessingVariants.js";
import { seenPixels } from "./seenPixels.js";

/** What is changed. */
export interface VariantSubject {
  /** The decoded picture, RGB. */
  readonly image: PixelImage;
  readonly preprocess: Preprocess;
  /** The predicted class's map, `[h, w]` of the model's input. */
  readonly map: PlainTensor;
}

/** One thing to try. */
export interface Variant {
  readonly id: string;
  readonly family: VariantFamily;
  /** The input to feed, of the same shape as the unchanged one. */
  make(): Tensor;
}

/** A subject with what all changes start from. */
interface Start extends VariantSubject {
  readonly tensor: Tensor;
  readonly region: Rectangle;
  /** The picture as the model sees it, and how to feed one of that size. */
  readonly seen: PixelImage;
  readonly asSeen: Preprocess;
}

/** A part of what the model sees, in shares of its sides. */
const crops: Readonly<Record<string, Rectangle>> = {
  "crop-0.8": { x: 0.1, y: 0.1, width: 0.8, height: 0.8 },
  "crop-0.6": { x: 0.2, y: 0.2, width: 0.6, height: 0.6 },
  "crop-topLeft": { x: 0, y: 0, width: 0.8, height: 0.8 },
  "crop-topRight": { x: 0.2, y: 0, width: 0.8, height: 0.8 },
  "crop-bottomLeft": { x: 0, y: 0.2, width: 0.8, height: 0.8 },
  "crop-bottomRight": { x: 0.2, y: 0.2, width: 0.8, height: 0.8 },
};

/** Changes of the picture as it is seen. Those of 15 degrees and 30 % are common augmentations: a model should not mind them. */
const changes: Readonly<Record<string, readonly [VariantFamily, (seen: PixelImage) => PixelImage]>> = {
  flip: ["flip", mirrored],
  ...Object.fromEntries([5, 10, 15].flatMap((degrees) => [[`rotate-${degrees}`, degrees], [`rotate-minus${degrees}`, -degrees]] as const)
    .map(([id, degrees]) => [id, ["rotation", (seen: PixelImage) => turned(seen, degrees)]])),
  darker: ["brightness", (seen) => brightened(seen, 0.7)],
  brighter: ["brightness", (seen) => brightened(seen, 1.3)],
  contrast: ["brightness", stretched],
};

/** All that is tried, in the order of the families. Nothing is computed before `make`, but for the unchanged input. */
export function variantsOf(subject: VariantSubject): readonly Variant[] {
  const { tensor, region } = prepareImage(subject.image, subject.preprocess);
  const seen = seenPixels(tensor, subject.preprocess);
  const start: Start = { ...subject, tensor, region, seen, asSeen: { ...subject.preprocess, resize: "none", crop: undefined } };
  const { image, asSeen } = start;
  return [
    ...maskVariants(start), ...cropVariants(start),
    ...Object.entries(changes).map(([id, [family, change]]): Variant => ({ id, family, make: () => prepareImage(change(seen), asSeen).tensor })),
    ...preprocessingVariants(subject.preprocess).map(({ id, preprocess }): Variant => ({ id, family: "preprocessing", make: () => prepareImage(image, preprocess).tensor })),
  ];
}

/** The hot region taken out, as much taken out elsewhere, each filled in two ways; and everything but the hot region taken out. Nothing for a blank map. */
function maskVariants({ map, tensor, preprocess: { layout } }: Start): Variant[] {
  const hot = hotRegion(map);
  if (!hot.includes(1)) return [];
  const control = elsewhere(hot, map);
  const variant = (id: string, mask: Uint8Array, fill: "surroundings" | "mean"): Variant => ({ id, family: "mask", make: () => masked(tensor, layout, mask, fill) });
  return [
    variant("mask-hot", hot, "surroundings"), variant("mask-elsewhere", control, "surroundings"),
    variant("mask-hot-mean", hot, "mean"), variant("mask-elsewhere-mean", control, "mean"), variant("keep-hot", inverted(hot), "mean"),
  ];
}

function cropVariants({ image, region, seen, preprocess, asSeen }: Start): Variant[] {
  const exact: Preprocess = { ...asSeen, resize: "exact", size: [seen.height, seen.width] };
  const feed = (picture: PixelImage) => prepareImage(picture, exact).tensor;
  const parts = Object.entries(crops).map(([id, { x, y, width, height }]): Variant => ({
    id, family: "crop",
    make: () => feed(cut(image, { x: region.x + x * region.width, y: region.y + y * region.height, width: width * region.width, height: height * region.height })),
  }));
  const isCut = preprocess.resize !== "exact" && (region.width < image.width - 1 || region.height < image.height - 1);
  return isCut ? [...parts, { id: "crop-whole", family: "crop", make: () => feed(padded(image, seen.width / seen.height)) }] : parts;
}

/** What the model says of a variant, from its probabilities. */
export function variantResult({ id, family }: Pick<Variant, "id" | "family">, probabilities: ArrayLike<number>, classes: { readonly predicted: number; readonly true: number }): VariantResult {
  let predicted = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i]! > probabilities[predicted]!) predicted = i;
  return {
    id, family, predicted, confidence: probabilities[predicted]!, predictedProbability: probabilities[classes.predicted]!, trueProbability: probabilities[classes.true]!,
    fixes: predicted === classes.true && classes.predicted !== classes.true,
  };
}

/** @file What is measured about one prediction to tell why it may be wrong: plain numbers, and sentences by their codes. */
import type { ErrorData } from "../errors.js";

/** A sentence by its code; the facts are texts ready to be shown ("45.2 %"). The texts are in `protocol/debugTexts.ts` and `protocol/auditTexts.ts`. */
export interface Sentence<Code extends string = string> {
  readonly code: Code;
  readonly data: ErrorData;
}

/** A rectangle on the model's input, in shares of its width and height, 0 to 1. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where an area lies, in words. */
export const places = ["topLeft", "top", "topRight", "left", "centre", "right", "bottomLeft", "bottom", "bottomRight"] as const;
export type Place = (typeof places)[number];

/** Where the positive mass of a map lies. Shares are of that mass, 0 to 1; 0 for a blank map. */
export interface Focus {
  /** The smallest area that a threshold cuts out around the map's maximum and that is one connected piece: the hot region. */
  readonly region: Area;
  readonly place: Place;
  /** The hot region's share of the mass, and of the picture. */
  readonly regionMass: number;
  readonly regionArea: number;
  /** Within a tenth of the shorter side from the edge. */
  readonly border: number;
  /** In each corner, a quarter of each side: the largest of the four, and which. */
  readonly corner: number;
  readonly cornerPlace: Place;
  /** Over near-uniform pixels. */
  readonly uniform: number;
  /** The same pixels' share of the picture, which `uniform` is to be compared with. */
  readonly uniformArea: number;
  /** Outside the hot region. */
  readonly outside: number;
}

/** How two classes' maps overlap. */
export interface Overlap {
  /** Intersection over union of the two hot regions' cells. */
  readonly iou: number;
  /** The share of the mass that both maps, each made to sum to one, have in common: the sum of the smaller values. */
  readonly shared: number;
  /** Spearman's rank correlation of the two maps on a coarse grid, as in the trust report; `null` where one ranks nothing. */
  readonly correlation: number | null;
}

/** Changes that are tried, by family. `preprocessing` changes how the same pixels are fed; the others change the picture. */
export const variantFamilies = ["mask", "crop", "flip", "rotation", "brightness", "preprocessing"] as const;
export type VariantFamily = (typeof variantFamilies)[number];

/** What the model says after a change. */
export interface VariantResult {
  /** Unique: "mask-hot", "crop-0.8", "flip", "rotate-10", "channels-bgr", "scale-0-255", ... */
  readonly id: string;
  readonly family: VariantFamily;
  readonly predicted: number;
  readonly confidence: number;
  /** Of the class that was predicted before the change. */
  readonly predictedProbability: number;
  readonly trueProbability: number;
  /** Whether the true class comes first after it. */
  readonly fixes: boolean;
}

/** Flags about the picture itself. */
export const qualityFlags = ["blurred", "dark", "bright", "lowContrast", "small", "elongated", "transparent", "cropped"] as const;
export type QualityFlag = (typeof qualityFlags)[number];

/** What the picture's pixels say about its quality. */
export interface Quality {
  readonly flags: readonly QualityFlag[];
  /** Variance of the Laplacian of the luma 0 to 255, at the model's input size, in the sharpest of 4 x 4 tiles. */
  readonly sharpness: number;
  /** Mean luma, 0 to 1. */
  readonly brightness: number;
  /** Standard deviation of the luma, 0 to 1. */
  readonly contrast: number;
  readonly width: number;
  readonly height: number;
  /** The share of the pixels that are transparent at all. */
  readonly transparent: number;
  /** The share of the picture that the preprocessing cuts off. */
  readonly cutOff: number;
}

/** A labelled file near in the model's own features. */
export interface Neighbour {
  /** Relative to the folder that was searched. */
  readonly file: string;
  /** Class index of its label. */
  readonly label: number;
  /** Cosine similarity, -1 to 1. */
  readonly similarity: number;
  /** Whether the picture itself is nearly the same (perceptual hash). */
  readonly isDuplicate: boolean;
}

/** The likely causes, each judged on its own evidence. */
export const causeIds = ["preprocessing", "background", "labelError", "hidden", "quality", "similarClasses", "borderline", "hardlyConsidered"] as const;
export type CauseId = (typeof causeIds)[number];

/** How much speaks for a cause. */
export type CauseStrength = "strong" | "moderate" | "weak";

export interface Cause {
  readonly id: CauseId;
  readonly strength: CauseStrength;
  /** What speaks for it, with its numbers. */
  readonly evidence: readonly Sentence[];
}

/** A class with its place among all: 1 is the likeliest. */
export interface RankedClass {
  readonly index: number;
  readonly label: string;
  readonly probability: number;
  readonly rank: number;
}

/** All that was gathered about one prediction, which `findings.ts`, `causes.ts` and `textbook.ts` read. A report holds the same fields. */
export interface Gathered {
  readonly true: RankedClass;
  readonly predicted: RankedClass;
  readonly expected: RankedClass | undefined;
  /** Predicted less true. */
  readonly margin: { readonly probability: number; readonly logit: number };
  /** Of all probabilities, in nats, and as a share of the most there could be. */
  readonly entropy: { readonly nats: number; readonly share: number };
  readonly classCount: number;
  readonly focus: { readonly predicted: Focus; readonly true: Focus };
  readonly overlap: Overlap;
  readonly variants: readonly VariantResult[];
  readonly quality: Quality;
  readonly neighbours: { readonly searched: number; readonly found: readonly Neighbour[] } | undefined;
  /** Names of the classes that neighbours and variants speak of, by index. */
  readonly classNames: Readonly<Record<number, string>>;
}

/** @file What an audit finds in all its records together. */
import type { Area, Place, Sentence } from "../debug/evidence.js";

/** One class of the model. */
export interface ClassRow {
  readonly index: number;
  readonly label: string;
  /** Images with this label, predictions of it, and both. */
  readonly images: number;
  readonly predicted: number;
  readonly right: number;
  /** `null` where nothing was predicted as it, or nothing is labelled so. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Mean confidence of its predictions. */
  readonly confidence: number | null;
}

/** A cell of the confusion matrix that is not empty. */
export interface ConfusionCell {
  readonly label: number;
  readonly predicted: number;
  readonly images: number;
}

/** One bin of the calibration curve. */
export interface CalibrationBin {
  /** Confidence from (excluded, but for 0) to (included). */
  readonly from: number;
  readonly to: number;
  readonly images: number;
  /** Mean confidence, and the share that is right; `null` for an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** A file by its name with what is said about it. */
export interface Suspect {
  readonly file: string;
  readonly label: number;
  /** The class it looks like. */
  readonly likely: number;
  /** Probability of the label, and of that class. */
  readonly labelProbability: number;
  readonly likelyProbability: number;
  /** Of its nearest files by features, how many bear the likely class; `null` without features. */
  readonly neighbours: { readonly agree: number; readonly of: number } | null;
}

/** Files that are nearly the same picture. */
export interface DuplicateGroup {
  readonly files: readonly { readonly file: string; readonly label: number }[];
  /** Whether their labels differ. */
  readonly isAcrossClasses: boolean;
}

/** What kind of images a region was found among. */
export type RegionGroup =
  /** Mistakes of any class into one class. */
  | { readonly kind: "mistakesInto"; readonly predicted: number }
  /** Mistakes from one class into another. */
  | { readonly kind: "pair"; readonly label: number; readonly predicted: number }
  /** Everything that is predicted as a class. */
  | { readonly kind: "predictedAs"; readonly predicted: number };

/** What happened when the shared region was taken away, or put onto others. */
export interface CounterTest {
  /** Images tried. */
  readonly tried: number;
  /** How many changed their answer away from the class, and how many to their own label. */
  readonly changed: number;
  readonly corrected: number;
  /** The same with an area of the same size elsewhere in the picture taken away. */
  readonly changedElsewhere: number;
  /** Mean probability of the class before, and after. */
  readonly before: number;
  readonly after: number;
}

/** The region's pixels put onto images of other classes that were right. */
export interface PlantTest {
  readonly tried: number;
  /** How many took the group's class for it. */
  readonly turned: number;
}

/** A region that many images of a group share: what may be a shortcut. */
export interface SharedRegion {
  /** Unique in the summary: "mistakes-into-6". */
  readonly id: string;
  readonly group: RegionGroup;
  readonly area: Area;
  readonly place: Place;
  /** How many images of the group put over half of their mass there, of how many. */
  readonly inRegion: number;
  readonly images: number;
  /** The same share among images with another prediction. */
  readonly elsewhereShare: number;
  /** How likely so many are by chance, were the group like the others (binomial, corrected for the regions and groups tried). */
  readonly pValue: number;
  /** Mean map of those `inRegion` images, `mapSide * mapSide` values that sum to one. */
  readonly meanMap: readonly number[];
  /** Files of the group, those with the most mass there first, at most 24. */
  readonly files: readonly string[];
  /** `undefined` until it was tried. */
  readonly masked: CounterTest | undefined;
  readonly planted: PlantTest | undefined;
  /** `confirmed`: taking the region away changes most answers, and far more than elsewhere. `refuted`: it does not. */
  readonly verdict: "confirmed" | "suspected" | "refuted";
}

/** The images that a mean map is of: right answers of a class, mistakes into it, or a pair that is confused. */
export type MapGroup = { readonly kind: "right"; readonly predicted: number } | Exclude<RegionGroup, { readonly kind: "predictedAs" }>;

/** Maps of many images averaged. */
export interface AveragedMaps {
  /** Those with a map that is not blank. */
  readonly images: number;
  /** `mapSide * mapSide` values, row by row, that sum to one. */
  readonly mean: readonly number[];
  /** The ninth of the picture (thirds across and down) with the most mass, and the share of the mass there. */
  readonly place: Place;
  readonly inPlace: number;
}

/** What a group of images looks at on average, and the kinds of maps that it falls into. */
export interface MeanMap extends AveragedMaps {
  readonly group: MapGroup;
  /** How many of the images were clustered: all of them, or as many as maps were kept of. */
  readonly clustered: number;
  /** Two or three kinds of maps that are distinct, largest first; empty where the maps are of one kind, or of no kind. */
  readonly clusters: readonly AveragedMaps[];
}

/** What other preprocessing would do, tried on a sample of the labelled images. */
export interface PreprocessingTrial {
  /** "channels-bgr", "scale-0-255": the ids of `engine/debug/variants.ts`. */
  readonly id: string;
  readonly images: number;
  /** Right as described, and with the change. */
  readonly right: number;
  readonly rightChanged: number;
  /**
   * Mean log-probability of the labels as described, and with the change. A model may answer right with its channels swapped and still be less sure of it on nearly every image
   * (measured on the sample model: right on 50 of 50 both ways, less sure on 38), so that counting right answers alone would miss it.
   */
  readonly likelihood: number;
  readonly likelihoodChanged: number;
  /** How likely so many images would gain (their label's probability rises with the change) by chance: one-sided sign test over those right one way or the other, corrected for the number of changes tried. */
  readonly pValue: number;
  /** Whether the change is better beyond chance and by enough to matter, and better than every other one tried: the model probably wants it. */
  readonly isLikely: boolean;
}

export interface AuditSummary {
  /** Of this format. */
  readonly version: 1;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly folder: string;
  /** Where labels came from: the folders' names, or the file. */
  readonly labelsFrom: string;
  readonly labels: readonly string[];
  readonly layer: string | undefined;
  readonly started: string;
  readonly finished: string | undefined;
  readonly seconds: number;
  readonly runtime: string;
  /** Audited; with a label the model knows; without one; failed. */
  readonly images: number;
  readonly labelled: number;
  readonly failed: readonly { readonly file: string; readonly code: string; readonly reason: string }[];
  readonly failedCount: number;
  /** Label names that are no class of the model, with their images. */
  readonly unknownLabels: readonly { readonly label: string; readonly images: number }[];
  readonly mistakes: number;
  /** Of the labelled; `null` without any. `accuracyRange` is Wilson's 95 % interval. */
  readonly accuracy: number | null;
  readonly accuracyRange: readonly [number, number] | null;
  readonly topFive: number | null;
  readonly classes: readonly ClassRow[];
  readonly confusion: readonly ConfusionCell[];
  readonly calibration: { readonly bins: readonly CalibrationBin[]; readonly expectedError: number; readonly worstError: number } | null;
  /** Most frequent confusions, at most 20. */
  readonly pairs: readonly ConfusionCell[];
  /** Surest mistakes, at most 100. */
  readonly worst: readonly { readonly file: string; readonly label: number; readonly predicted: number; readonly confidence: number }[];
  readonly labelSuspects: readonly Suspect[];
  readonly duplicates: readonly DuplicateGroup[];
  /** How many images have each quality flag, and how many of those are mistakes. */
  readonly quality: readonly { readonly flag: string; readonly images: number; readonly mistakes: number }[];
  readonly regions: readonly SharedRegion[];
  /** Mean maps of the (at most 50) classes with the most mistakes, right answers and mistakes into them, and of `pairs`; without those that have no maps. */
  readonly maps: readonly MeanMap[];
  readonly preprocessing: readonly PreprocessingTrial[];
  /** What to read first, most important first: one sentence each. */
  readonly findings: readonly AuditFinding[];
}

export const auditFindingIds = ["preprocessing", "shortcut", "region", "labelErrors", "duplicates", "calibration", "pair", "failed", "unlabelled", "quality"] as const;
export type AuditFindingId = (typeof auditFindingIds)[number];

/** One finding: a card that filters the gallery. */
export interface AuditFinding {
  readonly id: AuditFindingId;
  /** What of the summary it is about: a region's id, a trial's id; "" otherwise. */
  readonly about: string;
  readonly severity: "high" | "medium" | "low";
  readonly sentences: readonly Sentence[];
}

/** @file What an audit keeps of each image: a line of its file. */
import type { QualityFlag } from "../debug/evidence.js";

/** One audited image. Small enough that many thousands pass through memory one after the other. */
export interface AuditRecord {
  /** Relative to the audited folder, with forward slashes. Names the record. */
  readonly file: string;
  /** Class index of its label; -1 where it has none, or one the model does not know. */
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class. */
  readonly confidence: number;
  /** Probability and rank (from 1) of the labelled class; 0 without a label. */
  readonly trueProbability: number;
  readonly rank: number;
  /** The five likeliest classes with their probabilities, likeliest first. */
  readonly top: readonly (readonly [index: number, probability: number])[];
  /** Of all probabilities, in nats. */
  readonly entropy: number;
  /** Size in pixels, EXIF turned. */
  readonly width: number;
  readonly height: number;
  readonly flags: readonly QualityFlag[];
  /** Perceptual hash (64 bits) of the picture as the model sees it, 16 hexadecimal digits. */
  readonly hash: string;
  /**
   * Map of the predicted class (Grad-CAM; of transformers see `mapSource.ts`), positive part: `mapSide * mapSide` values (row by row over the model's input) that sum to one; to zero for a blank map.
   * `undefined` where the model has no layer on a grid.
   */
  readonly map: Float32Array | undefined;
  /** The layer's mean activation per channel, as long as one; `undefined` like `map`. At most `featureLength` numbers. */
  readonly features: Float32Array | undefined;
}

/** An image that could not be audited. */
export interface FailedImage {
  readonly file: string;
  readonly code: string;
  readonly reason: string;
}

/** Rows and columns that maps are brought to (means over areas), whatever the layer's grid. */
export const mapSide = 8;
/** Features beyond this many channels are added up in equal groups. */
export const featureLength = 128;

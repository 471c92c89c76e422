/** @file Records become a summary, one after the other: what grows with the images is a few numbers of each, never the records. */
import { WhylightError } from "../errors.js";
import type { AuditRecord, FailedImage } from "./record.js";
import type { AuditSummary, CounterTest, PlantTest, PreprocessingTrial, SharedRegion } from "./summary.js";

/** What is known before the first image. */
export type SummaryHead = Pick<AuditSummary, "model" | "folder" | "labelsFrom" | "labels" | "layer" | "started" | "runtime">;

/** A region that was found, before it was tested, and what to test it on. */
export interface RegionCandidate extends Omit<SharedRegion, "masked" | "planted" | "verdict"> {
  /** Right images of other classes, onto which the region's pixels can be put; at most 24, any images of the folder where none were right. */
  readonly plantOn: readonly string[];
}

/** What is known only after everything was tested. */
export interface SummaryEnd {
  /** `undefined` for an audit that was stopped. */
  readonly finished: string | undefined;
  readonly seconds: number;
  /** Tests by the id of their region; what is missing was not tried. */
  readonly masked?: ReadonlyMap<string, CounterTest> | undefined;
  readonly planted?: ReadonlyMap<string, PlantTest> | undefined;
  readonly preprocessing?: readonly PreprocessingTrial[] | undefined;
}

export interface SummaryBuilder {
  /** Adds an image; `unknownLabel` is the name of its label where that is no class of the model. The order of images does not matter. */
  add(record: AuditRecord, unknownLabel?: string): void;
  fail(failed: FailedImage): void;
  /** The regions that images added so far share, most telling first. Searched anew at each call. */
  regions(): readonly RegionCandidate[];
  /** Mistakes and right images to try other preprocessing on, at most `count`: a sample of the labelled images that does not depend on their order. */
  sample(count: number): readonly string[];
  finish(end: SummaryEnd): AuditSummary;
}

/** A summary without images. */
export function createSummary(_head: SummaryHead): SummaryBuilder {
  throw new WhylightError("internal", { reason: "under construction" });
}

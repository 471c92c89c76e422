/** @file Records become a summary, one after the other: what grows with the images is a few numbers of each, never the records. */
import { createCalibration } from "./calibration.js";
import { confusedPairs, createConfusion } from "./confusion.js";
import { duplicateGroups } from "./duplicates.js";
import { createFactTable, type FactTable, type ImageFacts } from "./factTable.js";
import { findingsOf } from "./findings.js";
import { labelSuspects } from "./labelErrors.js";
import { createMapSums, meanMaps } from "./meanMaps.js";
import { neighbourVote } from "./neighbourVote.js";
import { featureLength, mapSide, type AuditRecord, type FailedImage } from "./record.js";
import { createSample, drawOf, type Sample } from "./sample.js";
import { sharedRegions, type FoundRegion, type MappedImage } from "./sharedRegions.js";
import { wilson } from "./statistics.js";
import type { AuditSummary, CounterTest, DuplicateGroup, PlantTest, PreprocessingTrial, SharedRegion } from "./summary.js";
import { verdictOf } from "./verdict.js";

/** What is known before the first image. */
export type SummaryHead = Pick<AuditSummary, "model" | "folder" | "labelsFrom" | "labels" | "layer" | "started" | "runtime">;

/** A region that was found, before it was tested, and what to test it on. */
export interface RegionCandidate extends Omit<SharedRegion, "masked" | "planted" | "verdict"> {
  /** Right images of other classes, onto which the region's pixels can be put; at most 24, any images of the folder with another answer where none were right. */
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
  /** The regions that images added so far share, most telling first. */
  regions(): readonly RegionCandidate[];
  /** At most `count` labelled images to try other preprocessing on, drawn by their names; none that share a region of `without` (ids), whose answers have another reason. */
  sample(count: number, without?: ReadonlySet<string>): readonly string[];
  finish(end: SummaryEnd): AuditSummary;
}

/** How many maps and features are kept, so that memory does not grow with the folder: all mistakes of most audits, and a sample of the rest. */
const kept = { mistakes: 20_000, others: 10_000, features: 4096, suspects: 256 } as const;
/** How many are listed. */
const listed = { failed: 1000, files: 24, pairs: 20, worst: 100, suspects: 100, duplicates: 100, unknown: 100 } as const;

/** A summary without images. */
export function createSummary(head: SummaryHead): SummaryBuilder {
  const facts = createFactTable();
  const mistakes = createSample(kept.mistakes, mapSide * mapSide);
  const others = createSample(kept.others, mapSide * mapSide);
  const features = createSample(kept.features, featureLength);
  const surest = createSample(kept.suspects, featureLength);
  const mapSums = createMapSums();
  const counts = { labelled: 0, mistakes: 0, topFive: 0, failed: 0 };
  const flags = new Map<string, { images: number; mistakes: number }>();
  const unknown = new Map<string, number>();
  let failed: FailedImage[] = [];
  let found: readonly FoundRegion[] | undefined;

  const mapped = () => [...mapsOf(mistakes, facts.at), ...mapsOf(others, facts.at)].toSorted(byFile).map((one) => one.mapped);
  const search = () => (found ??= sharedRegions(mapped()));
  const filesOf = ({ members }: FoundRegion) => members.slice(0, listed.files).map((image) => facts.at(image).file);

  return {
    add(record, unknownLabel) {
      const { label, predicted, confidence, trueProbability, map, features: vector } = record;
      const [image, isLabelled] = [facts.length, label >= 0];
      const isMistake = isLabelled && label !== predicted;
      facts.add(record);
      found = undefined;
      const draw = drawOf(record.file);
      if (map) (isMistake ? mistakes : others).offer(draw, image, () => map);
      if (map && isLabelled) mapSums.add(label, predicted, map);
      if (vector && isLabelled) features.offer(draw, image, () => vector);
      if (vector && isMistake) surest.offer(trueProbability - confidence, image, () => vector);
      if (isLabelled) counts.labelled++;
      if (isMistake) counts.mistakes++;
      if (isLabelled && record.rank <= 5) counts.topFive++;
      if (unknownLabel !== undefined) unknown.set(unknownLabel, (unknown.get(unknownLabel) ?? 0) + 1);
      for (const flag of record.flags) {
        const seen = flags.get(flag) ?? { images: 0, mistakes: 0 };
        flags.set(flag, { images: seen.images + 1, mistakes: seen.mistakes + (isMistake ? 1 : 0) });
      }
    },
    fail(failure) {
      counts.failed++;
      failed.push(failure);
      if (failed.length >= 2 * listed.failed) failed = firstByName(failed, listed.failed);
    },
    regions: () => search().map((region) => {
      const { members: _, ...rest } = region;
      return { ...rest, files: filesOf(region), plantOn: plantOn(facts, region.group.predicted) };
    }),
    sample: (count, without) => {
      const left = new Set(search().flatMap(({ id, members }) => (without?.has(id) ? members : [])));
      return drawn(facts, ({ label, image }) => label >= 0 && !left.has(image), count);
    },
    finish(end) {
      const confusion = createConfusion();
      const calibration = createCalibration();
      const wrong: AuditSummary["worst"][number][] = [];
      for (const { file, label, predicted, confidence } of facts.byName()) {
        confusion.add(label, predicted, confidence);
        if (label >= 0) calibration.add(confidence, label === predicted);
        if (label >= 0 && label !== predicted) wrong.push({ file, label, predicted, confidence });
      }
      const regions = search().map((region): SharedRegion => {
        const { members: _, ...rest } = region;
        const [masked, planted] = [end.masked?.get(region.id), end.planted?.get(region.id)];
        return { ...rest, files: filesOf(region), masked, planted, verdict: verdictOf(masked, planted) };
      });
      // A mistake with a known reason says nothing of its label.
      const explained = new Set(search().flatMap(({ members, place }, i) => (place === "centre" || regions[i]!.verdict === "refuted" ? [] : members)));
      const right = counts.labelled - counts.mistakes;
      const cells = confusion.cells();
      const pairs = confusedPairs(cells, listed.pairs);
      const summary: Omit<AuditSummary, "findings"> = {
        version: 1, ...head, finished: end.finished, seconds: end.seconds,
        images: facts.length, labelled: counts.labelled, failed: firstByName(failed, listed.failed), failedCount: counts.failed,
        unknownLabels: [...unknown].map(([label, images]) => ({ label, images })).toSorted((a, b) => b.images - a.images || (a.label < b.label ? -1 : 1)).slice(0, listed.unknown),
        mistakes: counts.mistakes, accuracy: counts.labelled > 0 ? right / counts.labelled : null, accuracyRange: counts.labelled > 0 ? wilson(right, counts.labelled) : null,
        topFive: counts.labelled > 0 ? counts.topFive / counts.labelled : null,
        classes: confusion.classes(head.labels), confusion: cells, calibration: calibration.result(), pairs,
        worst: wrong.toSorted((a, b) => b.confidence - a.confidence).slice(0, listed.worst),
        labelSuspects: neighbourVote(labelSuspects(facts.byName()).filter(({ image }) => !explained.has(image)), facts, [surest, features], listed.suspects), duplicates: duplicatesOf(facts),
        quality: [...flags].map(([flag, seen]) => ({ flag, ...seen })).toSorted((a, b) => b.images - a.images || (a.flag < b.flag ? -1 : 1)),
        regions: regions.toSorted((a, b) => verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict)), maps: meanMaps(mapSums, cells, pairs, mapped()), preprocessing: end.preprocessing ?? [],
      };
      return { ...summary, findings: findingsOf(summary) };
    },
  };
}

const verdictOrder: readonly SharedRegion["verdict"][] = ["confirmed", "suspected", "refuted"];

/** Everything starts from the order of names, so that the order in which images came never shows. */
function byFile(a: Pick<ImageFacts, "file">, b: Pick<ImageFacts, "file">): number {
  return a.file < b.file ? -1 : 1;
}

function mapsOf(sample: Sample, factsOf: (image: number) => ImageFacts): { readonly file: string; readonly mapped: MappedImage }[] {
  return Array.from({ length: sample.size }, (_, slot) => {
    const image = sample.image(slot);
    const { file, label, predicted } = factsOf(image);
    return { file, mapped: { image, label, predicted, weight: sample.seen / sample.size, map: sample.row(slot) } };
  });
}

/** The first names of a draw that is the same whatever the order. */
function drawn(facts: FactTable, isWanted: (fact: ImageFacts) => boolean, count: number): string[] {
  const files: string[] = [];
  for (const fact of facts.byDraw()) {
    if (files.length === count) break;
    if (isWanted(fact)) files.push(fact.file);
  }
  return files;
}

function plantOn(facts: FactTable, predicted: number): string[] {
  const isOther = (fact: ImageFacts) => fact.predicted !== predicted && fact.label !== predicted;
  const right = drawn(facts, (fact) => isOther(fact) && fact.label === fact.predicted, listed.files);
  return right.length > 0 ? right : drawn(facts, isOther, listed.files);
}

function firstByName(failed: readonly FailedImage[], count: number): FailedImage[] {
  return failed.toSorted(byFile).slice(0, count);
}

function duplicatesOf(facts: FactTable): DuplicateGroup[] {
  const all = Array.from(facts.byName(), ({ image, hash }) => ({ image, hash }));
  const groups = duplicateGroups(all.map(({ hash }) => hash)).map((group): DuplicateGroup => {
    const files = group.map((at) => facts.at(all[at]!.image)).map(({ file, label }) => ({ file, label }));
    return { files: files.slice(0, listed.files), isAcrossClasses: new Set(files.filter(({ label }) => label >= 0).map(({ label }) => label)).size > 1 };
  });
  return groups.toSorted((a, b) => Number(b.isAcrossClasses) - Number(a.isAcrossClasses) || b.files.length - a.files.length).slice(0, listed.duplicates);
}

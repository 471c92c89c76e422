/** @file Which small pictures an audit's report shows, each known by a key. */
import type { AuditSummary } from "../engine/audit/summary.js";

/** A small picture of an audited image, alone or with the map of its answer over it. */
export interface WantedPicture {
  readonly file: string;
  readonly hasMap: boolean;
}

export interface AuditPicture {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** Pictures by `pictureKey`; one that could not be made is missing. */
export type AuditPictures = ReadonlyMap<string, AuditPicture>;

export const shown = { worst: 60, perRegion: 6, suspects: 40, duplicateGroups: 20, perGroup: 6 } as const;

export function pictureKey({ file, hasMap }: WantedPicture): string {
  return `${hasMap ? "map" : "image"}:${file}`;
}

/** Groups of near duplicates whose labels differ. */
export function duplicatesAcross({ duplicates }: Pick<AuditSummary, "duplicates">): AuditSummary["duplicates"] {
  return duplicates.filter(({ isAcrossClasses }) => isAcrossClasses);
}

/** Every picture once, in the order of the report. */
export function wantedPictures(summary: AuditSummary): WantedPicture[] {
  const hasMaps = summary.layer !== undefined;
  const both = (file: string) => [{ file, hasMap: false }, ...(hasMaps ? [{ file, hasMap: true }] : [])];
  const wanted = [
    ...summary.regions.flatMap(({ files }) => files.slice(0, shown.perRegion)).flatMap(both),
    ...summary.worst.slice(0, shown.worst).flatMap(({ file }) => both(file)),
    ...summary.labelSuspects.slice(0, shown.suspects).map(({ file }) => ({ file, hasMap: false })),
    ...duplicatesAcross(summary).slice(0, shown.duplicateGroups).flatMap(({ files }) => files.slice(0, shown.perGroup)).map(({ file }) => ({ file, hasMap: false })),
  ];
  return [...new Map(wanted.map((one) => [pictureKey(one), one])).values()];
}

/** @file Two audits of the same images held against each other: what got fixed, what broke, and whether that is more than chance. */
import { sharedArea } from "./areas.js";
import type { AuditRecord } from "./record.js";
import { mcNemar } from "./statistics.js";
import type { AuditSummary, RegionGroup, SharedRegion } from "./summary.js";

/** What is needed of an audit. */
export interface ComparedAudit extends Pick<AuditSummary, "labels" | "regions"> {
  readonly images: Iterable<Pick<AuditRecord, "file" | "label" | "predicted">>;
}

/** How two audits differ; class indexes are the second audit's. */
export interface AuditDifference {
  /** Labelled images that both hold. */
  readonly images: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  readonly right: { readonly before: number; readonly after: number };
  readonly fixed: number;
  readonly broken: number;
  readonly wrongInBoth: number;
  /** Two-sided p-value of McNemar's exact test: how likely so uneven a split of fixed and broken is by chance. */
  readonly pValue: number;
  readonly classes: readonly { readonly label: number; readonly images: number; readonly before: number; readonly after: number; readonly fixed: number; readonly broken: number }[];
  /** Shared regions by what became of them. */
  readonly regions: readonly { readonly id: string; readonly label: string; readonly place: SharedRegion["place"]; readonly change: "gone" | "new" | "stays" }[];
}

/** Compares labelled images by their names and by the names of their labels, since two models may number classes differently; an image that was labelled anew is another one. */
export function compareAudits(before: ComparedAudit, after: ComparedAudit): AuditDifference {
  const known = new Map<string, { readonly label: string; readonly isRight: boolean }>();
  for (const { file, label, predicted } of before.images) if (label >= 0) known.set(file, { label: nameOf(before, label), isRight: label === predicted });
  const classes = new Map<number, { label: number; images: number; before: number; after: number; fixed: number; broken: number }>();
  let onlyAfter = 0;
  for (const { file, label, predicted } of after.images) {
    if (label < 0) continue;
    const other = known.get(file);
    if (other?.label !== nameOf(after, label)) {
      onlyAfter++;
      continue;
    }
    const was = other.isRight;
    const is = label === predicted;
    const row = classes.get(label) ?? { label, images: 0, before: 0, after: 0, fixed: 0, broken: 0 };
    classes.set(label, { label, images: row.images + 1, before: row.before + Number(was), after: row.after + Number(is), fixed: row.fixed + Number(!was && is), broken: row.broken + Number(was && !is) });
  }
  const rows = [...classes.values()].toSorted((a, b) => a.label - b.label);
  const total = (count: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + count(row), 0);
  const [images, right, fixed, broken] = [total((row) => row.images), { before: total((row) => row.before), after: total((row) => row.after) }, total((row) => row.fixed), total((row) => row.broken)];
  return {
    images, onlyBefore: known.size - images, onlyAfter, right, fixed, broken, wrongInBoth: images - right.before - fixed, pValue: mcNemar(fixed, broken), classes: rows,
    regions: changedRegions(before, after),
  };
}

/** A region stays where the other audit has one of the same group that shares over half of the smaller area. Refuted ones are none. */
function changedRegions(before: ComparedAudit, after: ComparedAudit): AuditDifference["regions"] {
  const named = (audit: ComparedAudit) => audit.regions.filter(({ verdict }) => verdict !== "refuted").map((region) => ({ region, label: nameOf(audit, region.group.predicted), group: groupName(audit, region.group) }));
  const [old, now] = [named(before), named(after)];
  const isSame = (a: (typeof old)[number], b: (typeof old)[number]) => a.group === b.group && overlap(a.region, b.region);
  return [
    ...now.map((one) => ({ id: one.region.id, label: one.label, place: one.region.place, change: old.some((other) => isSame(one, other)) ? ("stays" as const) : ("new" as const) })),
    ...old.filter((one) => !now.some((other) => isSame(one, other))).map(({ region, label }) => ({ id: region.id, label, place: region.place, change: "gone" as const })),
  ];
}

function overlap(a: SharedRegion, b: SharedRegion): boolean {
  return sharedArea(a.area, b.area) > 0.5;
}

/** By the classes' names. */
function groupName(audit: ComparedAudit, group: RegionGroup): string {
  return JSON.stringify([group.kind, nameOf(audit, group.predicted), ...(group.kind === "pair" ? [nameOf(audit, group.label)] : [])]);
}

function nameOf({ labels }: ComparedAudit, index: number): string {
  return labels[index] ?? String(index);
}

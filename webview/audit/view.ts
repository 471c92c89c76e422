/** @file What people chose on the page of an audit: which images, in which order, and which parts are open. Pure. */
import type { AuditSummary, ChangedRequest, ImageFilter, ImageOrder } from "../../src/protocol/audit.js";
import { filterOfFinding } from "./findingFilters.js";

/** The parts below the gallery. */
export const auditSections = ["findings", "classes", "calibration", "preprocessing", "failed"] as const;
export type AuditSection = (typeof auditSections)[number];

/** Which images the gallery shows; what is left out is no condition. */
export interface ChosenImages extends Pick<ImageFilter, "outcome" | "label" | "predicted" | "text"> {
  /** A finding by its key (`findingKey`), whose images alone are shown. */
  readonly finding?: string | undefined;
}

export interface AuditView {
  readonly images: ChosenImages;
  readonly order: ImageOrder;
  readonly hasMaps: boolean;
  readonly section: AuditSection;
  /** Whether the matrix shows only the classes that are confused most; of many classes only. */
  readonly isMatrixShort: boolean;
  /** Of a comparison: which images its gallery shows. */
  readonly change: ChangedRequest["change"];
}

const usual: AuditView = { images: { outcome: "wrong" }, order: "confidence", hasMaps: false, section: "findings", isMatrixShort: true, change: "broken" };

/** The view a page starts with: as it was left, else the mistakes, surest first. */
export function initialAuditView(stored?: Partial<AuditView>): AuditView {
  return { ...usual, ...stored };
}

/** The images an audit begins with: its mistakes, or all of them where it has no labels. */
export function firstImages(summary: AuditSummary): Pick<AuditView, "images" | "order"> {
  return summary.labelled > 0 ? { images: { outcome: "wrong" }, order: "confidence" } : { images: {}, order: "entropy" };
}

/** A cell of the matrix, or a whole row (`label` only) or column (`predicted` only). */
export interface Chosen {
  readonly label?: number | undefined;
  readonly predicted?: number | undefined;
}

/** The images after a press on the matrix: those of the cell; of a row or column whatever outcome was shown. A second press takes it back. */
export function pressed(images: ChosenImages, { label, predicted }: Chosen): ChosenImages {
  const isCell = label !== undefined && predicted !== undefined;
  if (images.label === label && images.predicted === predicted) return { outcome: "wrong", text: images.text };
  const outcome = isCell || images.outcome === "unlabelled" || images.finding !== undefined ? undefined : images.outcome;
  return { outcome, label, predicted, text: images.text };
}

/** The filter that the host is asked for. */
export function imageFilter({ finding, text, ...plain }: ChosenImages, summary: AuditSummary | undefined): ImageFilter {
  const ofFinding = finding !== undefined && summary ? filterOfFinding(finding, summary) : undefined;
  const given = Object.entries({ ...plain, text: text?.trim() }).filter(([, value]) => value !== undefined && value !== "");
  return { ...ofFinding, ...Object.fromEntries(given) };
}

/** Whether anything is left out. */
export function isFiltered(images: ChosenImages): boolean {
  return Object.values(images).some((value) => value !== undefined && value !== "");
}

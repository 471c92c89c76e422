/** @file An audit of a folder as it crosses processes: the request, its progress, pages of its images, and the comparison of two audits. */
import type { AuditDifference } from "../engine/audit/compareAudits.js";
import type { AuditSummary } from "../engine/audit/summary.js";
import type { ErrorCode } from "../engine/errors.js";
import type { ExportedFiles } from "./debug.js";
import type { FailureAction, ImagePreview, RuntimeChoice } from "./api.js";

export type { AuditFinding, AuditFindingId, AuditSummary, AveragedMaps, CalibrationBin, ClassRow, ConfusionCell, MapGroup, MeanMap, PreprocessingTrial, RegionGroup, SharedRegion } from "../engine/audit/summary.js";

/** Files of an audit's folder. */
export const auditFiles = {
  /** One JSON document per line: a header, then one line per image. Only ever appended to. */
  records: "audit.jsonl",
  /** The summary, written at the end. */
  summary: "summary.json",
  /** The same records as columns, for SQL and data frames. */
  table: "audit.parquet",
} as const;

export interface AuditRequest {
  readonly model: string;
  readonly folder: string;
  /** A CSV or JSON file of labels; without it the names of the folders that images lie in. */
  readonly labels?: string | undefined;
  /** Where the audit is kept; made where it is missing. */
  readonly out: string;
  /** Goes on with what is there. Without it a folder that holds an audit is refused. */
  readonly resume: boolean;
  /** Audits only the first images (in the order of their names, spread over the classes). */
  readonly limit?: number | undefined;
  /** Threads that decode images; chosen by itself when left out. */
  readonly workers?: number | undefined;
  readonly runtime: RuntimeChoice;
}

/** While an audit runs. */
export interface AuditProgress {
  readonly images: number;
  readonly total: number;
  readonly mistakes: number;
  readonly failed: number;
  /** Images a second; once `tests` is there, answers a second. */
  readonly perSecond: number;
  /** How often the model is asked about what was found, when all images are through. */
  readonly tests?: { readonly done: number; readonly total: number } | undefined;
  /** Images at once where memory ran out with more. */
  readonly cutTo?: number | undefined;
}

/** Which images of an audit; what is left out is no condition. */
export interface ImageFilter {
  /** `wrong` are labelled images with another answer. */
  readonly outcome?: "wrong" | "right" | "unlabelled" | undefined;
  readonly label?: number | undefined;
  readonly predicted?: number | undefined;
  /** Part of the file's name. */
  readonly text?: string | undefined;
  /** Only these files: a finding's. */
  readonly files?: readonly string[] | undefined;
  readonly flag?: string | undefined;
}

/** `confidence`: surest first; `margin`: nearest to being right first. */
export const imageOrders = ["confidence", "margin", "name", "entropy"] as const;
export type ImageOrder = (typeof imageOrders)[number];

export interface ImagesRequest {
  /** The audit's folder. */
  readonly audit: string;
  readonly filter: ImageFilter;
  readonly order: ImageOrder;
  readonly offset: number;
  readonly count: number;
}

/** One image of a gallery. */
export interface AuditedImage {
  readonly file: string;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly trueProbability: number;
  readonly rank: number;
  readonly flags: readonly string[];
}

export interface ImagesPage {
  /** How many the filter leaves. */
  readonly total: number;
  readonly images: readonly AuditedImage[];
}

export interface ThumbnailRequest {
  readonly audit: string;
  readonly file: string;
  /** The longer side in pixels. */
  readonly side: number;
  /** With the map of the predicted class over it. */
  readonly hasMap: boolean;
}

/** Two audits of the same images; classes by their names. */
export interface AuditComparison extends Omit<AuditDifference, "classes"> {
  readonly before: AuditHead;
  readonly after: AuditHead;
  readonly classes: readonly (Omit<AuditDifference["classes"][number], "label"> & { readonly label: string })[];
}

export interface AuditHead {
  readonly folder: string;
  readonly model: string;
  readonly accuracy: number | null;
}

export interface ChangedRequest {
  readonly before: string;
  readonly after: string;
  readonly change: "fixed" | "broken" | "wrongInBoth";
  readonly offset: number;
  readonly count: number;
}

export interface ChangedPage {
  readonly total: number;
  /** Both answers, each with its own probability. */
  readonly images: readonly { readonly file: string; readonly label: string; readonly before: string; readonly after: string; readonly beforeProbability: number; readonly afterProbability: number }[];
}

export const auditFormats = ["html", "markdown", "json"] as const;
export type AuditFormat = (typeof auditFormats)[number];

export interface AuditExportRequest {
  readonly audit: string;
  readonly format: AuditFormat;
  readonly name: string;
  readonly strings: Readonly<Record<string, string>>;
}

/** What the audit's page shows; sent whole at every change. The page asks for images itself. */
export interface AuditState {
  readonly strings: Readonly<Record<string, string>>;
  readonly modelName: string;
  readonly folderName: string;
  readonly summary: AuditSummary | undefined;
  /** Set while the audit runs. */
  readonly busy: (AuditProgress & { readonly text: string }) | undefined;
  /** An audit that was stopped and can go on. */
  readonly isPaused: boolean;
  readonly failure: { readonly code: ErrorCode; readonly text: string; readonly actions: readonly FailureAction[] } | undefined;
  /** Whether mistakes are also in the Problems panel, and in the test view. */
  readonly shownAs: { readonly problems: boolean; readonly tests: boolean };
  /** Other audits in the workspace that this one can be compared with. */
  readonly others: readonly { readonly folder: string; readonly name: string }[];
  readonly comparison: AuditComparison | undefined;
}

/** Page to host. */
export interface AuditApi {
  ready(p: Record<string, never>): AuditState;
  images(p: Omit<ImagesRequest, "audit">): ImagesPage;
  thumbnail(p: Omit<ThumbnailRequest, "audit">): ImagePreview;
  changed(p: Omit<ChangedRequest, "before" | "after">): ChangedPage;
  /** Stops; what is done stays on disk. */
  cancel(p: Record<string, never>): void;
  resume(p: Record<string, never>): void;
  /** Opens an image's full report, or the image. */
  open(p: { readonly file: string; readonly as: "report" | "image" }): void;
  showAs(p: { readonly view: "problems" | "tests"; readonly on: boolean }): void;
  /** Compares with an earlier audit, which becomes `before`; `undefined` ends it. */
  compare(p: { readonly before: string | undefined }): void;
  export(p: { readonly format: AuditFormat }): void;
  act(p: { readonly action: FailureAction["id"] }): void;
}

/** Host to page. */
export interface AuditEvents {
  audit: AuditState;
}

/** Written into the page, and what it stores; paths are URIs as text. */
export interface AuditConfig {
  readonly page: "audit";
  /** The audit's folder. */
  readonly audit: string;
}

/** The calls about audits that the worker answers. `audit` is always the folder an audit is kept in. */
export interface AuditCalls {
  /** Audits a folder; progress events carry `audit`. Cancelled, it keeps what is done. */
  auditFolder(p: AuditRequest): AuditSummary;
  /** The summary of a finished audit, or what can be said of one that was stopped (`finished` is `undefined` then). */
  openAudit(p: { readonly audit: string }): AuditSummary;
  auditImages(p: ImagesRequest): ImagesPage;
  auditThumbnail(p: ThumbnailRequest): ImagePreview;
  compareAudits(p: { readonly before: string; readonly after: string }): AuditComparison;
  changedImages(p: ChangedRequest): ChangedPage;
  exportAudit(p: AuditExportRequest): ExportedFiles;
}

/** @file What a check found: one row each, numbers rather than texts. */
import type { ErrorCode, ErrorData } from "../../engine/errors.js";
import type { MethodId } from "../../protocol/api.js";
import type { AuditSummary } from "../../protocol/audit.js";
import type { Limits } from "./checkSpec.js";

/** What every row tells. */
interface RowHead {
  /** Its place in the specification: "images[0].focus". */
  readonly at: string;
  /** The image or folder, as the specification names it. */
  readonly subject: string;
  readonly ok: boolean;
  /** Why nothing was found, for an image that cannot be read. */
  readonly failure?: { readonly code: ErrorCode; readonly data: ErrorData } | undefined;
}

/** A region of the audit that the counter-test confirmed. */
export interface FoundShortcut {
  readonly id: string;
  readonly label: string;
  readonly place: AuditSummary["regions"][number]["place"];
  readonly inRegion: number;
  readonly images: number;
}

export type CheckRow = RowHead & (
  | { readonly kind: "predicts"; readonly wanted: string; readonly found: string | null; readonly probability: number | null }
  | { readonly kind: "probability"; readonly class: string; readonly limits: Limits; readonly found: number | null }
  /** `chance` is the area's share of what the model sees. */
  | { readonly kind: "focus"; readonly class: string; readonly method: MethodId; readonly area: string; readonly limits: Limits; readonly found: number | null; readonly chance: number | null; readonly blank: "map" | "area" | null }
  | { readonly kind: "accuracy"; readonly class: string | null; readonly limits: Limits; readonly found: number | null; readonly right: number; readonly images: number }
  | { readonly kind: "noShortcuts"; readonly found: readonly FoundShortcut[] }
);

export interface CheckReport {
  readonly runtime: string;
  readonly rows: readonly CheckRow[];
  /** How many files of the folder could not be audited, and the first of them by their names in it. */
  readonly unreadableCount: number;
  readonly unreadable: readonly string[];
}

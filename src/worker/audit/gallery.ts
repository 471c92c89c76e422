/** @file Reading audits: their summaries, pages of their images, small pictures, and two of them compared. */
import { WhylightError } from "../../engine/errors.js";
import type { ImagePreview } from "../../protocol/api.js";
import type { AuditComparison, AuditSummary, ChangedPage, ChangedRequest, ImagesPage, ImagesRequest, ThumbnailRequest } from "../../protocol/audit.js";

export interface Gallery {
  /** Throws `auditMissing`. */
  open(audit: string): Promise<AuditSummary>;
  images(request: ImagesRequest): Promise<ImagesPage>;
  thumbnail(request: ThumbnailRequest): Promise<ImagePreview>;
  compare(before: string, after: string): Promise<AuditComparison>;
  changed(request: ChangedRequest): Promise<ChangedPage>;
}

/** Keeps the index of the last audits read while their files stay the same. */
export function createGallery(): Gallery {
  const missing = (): never => {
    throw new WhylightError("internal", { reason: "under construction" });
  };
  return { open: missing, images: missing, thumbnail: missing, compare: missing, changed: missing };
}

/** @file An audit as files that stand on their own. */
import { WhylightError } from "../../engine/errors.js";
import type { AuditExportRequest } from "../../protocol/audit.js";
import type { ExportedFiles } from "../../protocol/debug.js";
import type { Gallery } from "./gallery.js";

/** The audit's report in one format. */
export async function exportAudit(_gallery: Gallery, _request: AuditExportRequest): Promise<ExportedFiles> {
  throw new WhylightError("internal", { reason: "under construction" });
}

/** @file One audit: a folder's images through the model, each written down as it is done, and a summary at the end. */
import { WhylightError } from "../../engine/errors.js";
import type { AuditRequest, AuditSummary } from "../../protocol/audit.js";
import type { JobContext, JobResources } from "../jobs.js";

/** Audits a folder, or goes on with an audit. */
export async function auditFolder(_resources: JobResources, _request: AuditRequest, _context: JobContext): Promise<AuditSummary> {
  throw new WhylightError("internal", { reason: "under construction" });
}

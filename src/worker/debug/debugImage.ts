/** @file One misclassification report, from files to what speaks for which cause. */
import { WhylightError } from "../../engine/errors.js";
import type { DebugReport, DebugRequest } from "../../protocol/debug.js";
import type { JobContext, JobResources } from "../jobs.js";

/** Examines one prediction. Paths are absolute. */
export async function debugImage(_resources: JobResources, _request: DebugRequest, _context: JobContext): Promise<DebugReport> {
  throw new WhylightError("internal", { reason: "under construction" });
}

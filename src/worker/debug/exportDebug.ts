/** @file A misclassification report as files that stand on their own. */
import { WhylightError } from "../../engine/errors.js";
import type { DebugExportRequest, ExportedFiles } from "../../protocol/debug.js";
import type { ImageCache } from "../imageCache.js";

/** The report in one format. */
export async function exportDebug(_images: ImageCache, _request: DebugExportRequest): Promise<ExportedFiles> {
  throw new WhylightError("internal", { reason: "under construction" });
}

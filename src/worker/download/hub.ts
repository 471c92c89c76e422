/** @file What a hub that speaks Hugging Face's API says of a model, and its files. */
import { WhylightError } from "../../engine/errors.js";
import type { DownloadRequest, HubListing, HubModel } from "../../protocol/download.js";
import type { JobContext } from "../jobs.js";

export function listHubModel(_model: HubModel, _context: JobContext): Promise<HubListing> {
  return Promise.reject(new WhylightError("internal", { reason: "not built yet" }));
}

export function downloadModel(_request: DownloadRequest, _context: JobContext): Promise<{ readonly model: string; readonly bytes: number }> {
  return Promise.reject(new WhylightError("internal", { reason: "not built yet" }));
}

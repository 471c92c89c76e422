/** @file What each layer of a model makes of an image, as small pictures. */
import { WhylightError } from "../../engine/errors.js";
import type { LayerThumbnail, ThumbnailsRequest } from "../../protocol/models.js";
import type { JobContext, JobResources } from "../jobs.js";

export function layerThumbnails(_resources: JobResources, _request: ThumbnailsRequest, _context: JobContext): Promise<readonly LayerThumbnail[]> {
  return Promise.reject(new WhylightError("internal", { reason: "not built yet" }));
}

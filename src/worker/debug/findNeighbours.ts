/** @file The labelled files whose pictures are nearest to one by the model's own features: among an audit's records, or in a folder of labelled images. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { hashDistance, nearlySameBits, perceptualHash } from "../../engine/debug/hash.js";
import { nearestTo } from "../../engine/debug/neighbours.js";
import { seenPixels } from "../../engine/debug/seenPixels.js";
import { WhylightError } from "../../engine/errors.js";
import type { DebugReport, DebugRequest } from "../../protocol/debug.js";
import { modelHash } from "../audit/auditPlan.js";
import { auditLayer } from "../audit/auditProgram.js";
import { readHeader, readRecords, recordPath } from "../audit/recordFile.js";
import type { JobContext, JobResources } from "../jobs.js";
import type { LoadedModel } from "../modelCache.js";
import { computeOn, type ReadyJob } from "../runJob.js";
import { featureProgram } from "./featureProgram.js";
import { folderFeatures, type LabelledFeatures } from "./folderFeatures.js";

const mostNear = 8;

/** Searches the folder of an audit, or a folder with one folder per class; the image itself is no neighbour. Throws `auditMismatch` for an audit of another model, `folderEmpty` where there are no images. */
export async function findNeighbours(resources: JobResources, request: DebugRequest & { readonly among: string }, ready: ReadyJob, context: JobContext): Promise<NonNullable<DebugReport["neighbours"]>> {
  const { model, description, input } = ready;
  const among = resolve(request.among);
  const prepared = model.prepared(input.tensor.shape);
  const layer = auditLayer(prepared, description.layer);
  const { outcome } = await computeOn(resources, model, request, context, async ({ compile, signal }) => {
    if (!layer) return { folder: among, all: [], own: new Float32Array(0) };
    const [own] = await featureProgram(model.classifier(), prepared, layer, compile, 1).run(input.tensor.data as Float32Array, 1);
    const found = existsSync(recordPath(among)) ? auditFeatures(among, model) : await folderFeatures(ready, layer, among, { compile, signal, onProgress: (done, total) => context.onProgress?.("computing", done, total) });
    return { ...found, own: own!.features! };
  });
  const { folder, all, own } = outcome.result;
  const hash = perceptualHash(seenPixels(input.tensor, description.preprocess));
  const others: LabelledFeatures[] = [];
  const candidates = function* (): Generator<Float32Array | undefined> {
    for (const one of all) {
      if (resolve(folder, one.file) === request.input) continue;
      others.push({ ...one, features: undefined });
      yield one.features;
    }
  };
  const near = nearestTo(own, candidates(), mostNear);
  return {
    folder, searched: others.length,
    found: near.map(({ index, similarity }) => {
      const { file, label, hash: other } = others[index]!;
      return { file, label, similarity, isDuplicate: hashDistance(hash, other) <= nearlySameBits };
    }),
  };
}

/** Those of an audit are read one by one: there may be very many. */
function auditFeatures(audit: string, model: LoadedModel): { readonly folder: string; readonly all: Iterable<LabelledFeatures> } {
  const path = recordPath(audit);
  const header = readHeader(path);
  if (!header) throw new WhylightError("auditMissing", { path: audit });
  if (header.model.sha256 !== modelHash(model)) throw new WhylightError("auditMismatch", { path: audit, reason: "it was made with another model, or the model has changed since" });
  const all = function* (): Generator<LabelledFeatures> {
    for (const { line } of readRecords(path)) if ("record" in line && line.record.label >= 0) yield line.record;
  };
  return { folder: header.folder, all: all() };
}

/** @file The features of a folder of labelled images, kept while its files and the model stay the same. */
import { join } from "node:path";
import type { Compile } from "../../engine/attribution/context.js";
import type { Layer } from "../../engine/attribution/layers.js";
import type { CancelSignal } from "../../engine/cancellation.js";
import { answerImages } from "../audit/answerImages.js";
import { listImages } from "../audit/listImages.js";
import { seeFile } from "../audit/seenImage.js";
import { stampOf } from "../files.js";
import { labelNamesOf } from "../labels/findLabel.js";
import { labelReader } from "../labels/labelReader.js";
import type { ReadyJob } from "../runJob.js";
import { featureProgram } from "./featureProgram.js";

/** A labelled file with what it is compared by. */
export interface LabelledFeatures {
  readonly file: string;
  readonly label: number;
  readonly features: Float32Array | undefined;
  readonly hash: string;
}

export interface FolderJob {
  readonly compile: Compile;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

type Found = { readonly folder: string; readonly all: readonly LabelledFeatures[] };

/** Larger folders are better audited: their records can be searched whole. */
export const mostImages = 500;
/** Decoded while a batch runs. */
const ahead = 8;
const keptFolders = 4;
const kept = new Map<string, Found>();

/** Of the images that bear a class of the model, spread over the classes; those that cannot be read are left out. Throws `folderEmpty`. */
export async function folderFeatures({ model, description }: ReadyJob, layer: Layer, folder: string, { compile, signal, onProgress }: FolderJob): Promise<Found> {
  const labelOf = labelReader({ names: labelNamesOf(model), folder });
  const files = listImages(folder, { limit: mostImages, groupOf: (path) => labelOf(path)?.text });
  const items = files.flatMap((file) => {
    const label = labelOf(join(folder, file))?.index;
    return label === undefined ? [] : [{ file, label }];
  });
  const stamps = [model.path, ...items.map(({ file }) => join(folder, file))].map((path) => Object.values(stampOf(path, "inputNotFound")).join("/"));
  const key = JSON.stringify([model.path, description.preprocess, layer.name, folder, items, stamps]);
  const known = kept.get(key);
  if (known) return known;
  const all: LabelledFeatures[] = [];
  let done = 0;
  await answerImages({
    items, ahead, signal, see: ({ file }) => seeFile(join(folder, file), description.preprocess),
    programFor: (shape) => featureProgram(model.classifier(), model.prepared(shape), layer, compile, items.length),
    each: (answered) => {
      for (const one of answered) if ("answer" in one) all.push({ ...one.item, features: one.answer.features, hash: one.seen.hash });
      onProgress((done += answered.length), items.length);
    },
  });
  const found = { folder, all };
  kept.set(key, found);
  for (const oldest of kept.keys()) if (kept.size > keptFolders) kept.delete(oldest);
  return found;
}

/** @file What an audit is about before its first image: the model, how images are prepared, their labels, and the header of its records. */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { toWhylightError, WhylightError } from "../../engine/errors.js";
import type { Layer } from "../../engine/attribution/layers.js";
import { formatShape } from "../../engine/ir/shape.js";
import { sizeOf } from "../../engine/ir/tensor.js";
import type { OutputActivation, Preprocess } from "../../engine/preprocess/description.js";
import { inputSize, outputSize } from "../../engine/preprocess/defaults.js";
import type { AuditRequest } from "../../protocol/audit.js";
import { contentHash } from "../contentHash.js";
import { labelNamesOf } from "../labels/findLabel.js";
import { labelReader, type FileLabel } from "../labels/labelReader.js";
import type { LoadedModel, ModelCache } from "../modelCache.js";
import { withPath } from "../runJob.js";
import { auditLayer } from "./auditProgram.js";
import { listImages } from "./listImages.js";
import type { AuditHeader } from "./recordFile.js";

export interface AuditPlan {
  readonly model: LoadedModel;
  readonly preprocess: Preprocess;
  readonly activation: OutputActivation;
  /** Elements of one input; where images keep their own size, of one at the model's. */
  readonly inputSize: number;
  /** The layer that maps are of. */
  readonly layer: Layer | undefined;
  readonly folder: string;
  /** Names of the images, relative to the folder. */
  readonly files: readonly string[];
  readonly labelOf: (file: string) => FileLabel | undefined;
  readonly header: Omit<AuditHeader, "runtime" | "started">;
}

/** What audits without a labels file take labels from. */
const folderLabels = "folders";

/** Reads everything. Throws what makes the model or the folder unfit: `modelUnsuitable`, `inputInvalid`, `labelsInvalid`, `folderEmpty`. */
export async function planAudit(models: ModelCache, request: AuditRequest): Promise<AuditPlan> {
  const folder = resolve(request.folder);
  const labels = request.labels === undefined ? undefined : resolve(request.labels);
  const model = await models.load(resolve(request.model));
  const { description: { preprocess, activation, labels: names, layer: named } } = model.describe();
  const reader = labelReader({ names: labelNamesOf(model), labels, folder });
  const files = listImages(folder, { except: resolve(request.out), limit: request.limit, groupOf: (path) => reader(path)?.text });
  const shape = shapeFor(model, preprocess, folder);
  const layer = layerFor(model, shape, named, folder);
  const classes = model.classifier().classes ?? names?.length ?? 0;
  return {
    model, preprocess, activation, layer, inputSize: sizeOf(shape), folder, files, labelOf: (file) => reader(join(folder, file)),
    header: {
      audit: 1, model: { path: model.path, sha256: modelHash(model) }, folder, labelsFrom: labels ?? folderLabels, labelsSha256: labels === undefined ? undefined : contentHash(labels),
      labels: Array.from({ length: classes }, (_, index) => names?.[index] ?? `class ${index}`), preprocess, activation, layer: layer?.name,
    },
  };
}

/** What images are brought to; where that depends on the image, the model's own size. Throws `inputInvalid` for a model without an image input. */
function shapeFor({ image, imported, imageInput }: LoadedModel, preprocess: Preprocess, folder: string): readonly number[] {
  if (!image) {
    const shape = imported.graph.types.get(imageInput)?.shape;
    throw new WhylightError("inputInvalid", { path: folder, reason: `the model's input ${imageInput} has the shape ${formatShape(shape)}, which takes no image` });
  }
  const [height, width] = outputSize(preprocess) ?? inputSize(image);
  return preprocess.layout === "NCHW" ? [1, image.channels, height, width] : [1, height, width, image.channels];
}

/** Throws `inputInvalid` where the model does not take what the preprocessing makes. */
function layerFor(model: LoadedModel, shape: readonly number[], name: string | undefined, folder: string): Layer | undefined {
  try {
    return auditLayer(model.prepared(shape), name);
  } catch (thrown) {
    throw withPath(toWhylightError(thrown), { model: model.path, input: folder });
  }
}

/** Of the model's file; of several files, the hash of their names and hashes. */
export function modelHash({ files }: LoadedModel): string {
  const hashes = files.map((file) => contentHash(file));
  if (hashes.length === 1) return hashes[0]!;
  return createHash("sha256").update(files.map((file, i) => `${basename(file)} ${hashes[i]!}\n`).join("")).digest("hex");
}

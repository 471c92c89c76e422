/** @file Weights without a graph become a model: the architecture is named by a config beside them, or recognised by the weights. */
import { WhylightError } from "../errors.js";
import { parseFields, present } from "../preprocess/fields.js";
import { importHuggingFace } from "./huggingface/importHuggingFace.js";
import type { ImportedModel, ModelFormat } from "./importedModel.js";
import { exportCommand } from "./timm/family.js";
import { architectureOf, importImageModel } from "./timm/importImageModel.js";
import type { Weights } from "./weights.js";

/** Weights of a checkpoint, and the text of the `config.json` beside them. */
export interface Checkpoint {
  readonly format: ModelFormat;
  readonly weights: Weights;
  readonly config: { readonly file: string; readonly text: string } | undefined;
}

/**
 * The model. A config with `model_type` is transformers', one with `architecture` timm's; without one, or with one that names neither, names and shapes of the weights
 * tell torchvision's and timm's models. Throws `architectureUnknown`, `configMissing`, `adapterAlone`, `descriptionInvalid` and `modelCorrupt`.
 */
export function importCheckpoint({ format, weights, config }: Checkpoint): ImportedModel {
  const { path, names } = weights;
  if (names.some((name) => /\.lora_[AB]\b|^base_model\.model\./.test(name))) throw new WhylightError("adapterAlone", { path });
  const fields = config && parseFields(config.file, config.text);
  const stated = fields && architectureOf(fields);
  // A description in words names no architecture of a library.
  const architecture = stated !== undefined && /^[\w.-]+$/.test(stated) ? stated : undefined;
  if (fields && present(fields, "model_type") !== undefined && stated === undefined) return { ...importHuggingFace(fields, weights), format };
  const model = importImageModel(weights, fields, architecture);
  if (model) return { ...model, format };
  if (fields === undefined && names.some((name) => ofTransformers.test(name))) throw new WhylightError("configMissing", { path, command: exportCommand });
  throw new WhylightError("architectureUnknown", { path, architecture: stated ?? seen(weights), command: exportCommand });
}

/** How transformers calls weights of layers and embeddings, as other libraries do not. */
const ofTransformers = /(^|\.)((word|position|patch)_embeddings\.|encoder\.layers?\.\d+\.\w*(attention|attn)\.|transformer\.layer\.\d+\.attention\.|layers\.\d+\.(self_attn|mlp)\.|h\.\d+\.(attn|mlp)\.c_)/;

/** What is said of weights that nobody names and nobody knows. */
function seen({ names, get }: Weights): string {
  if (names.length === 0) return "of no weights at all";
  const matrices = names.filter((name) => name.endsWith("weight"));
  const some = (matrices.length > 0 ? matrices : names).slice(0, 3).map((name) => `${name} [${get(name)!.shape.join(", ")}]`);
  return `of these weights (${[...some, "…"].join(", ")})`;
}

/** @file Weights without a graph become a model: the architecture is named by a config beside them, or recognised by the weights. */
import { WhylightError } from "../errors.js";
import { objectField, parseFields, present, textField, type Fields } from "../preprocess/fields.js";
import { importHuggingFace } from "./huggingface/importHuggingFace.js";
import type { ImportedModel, ModelFormat } from "./importedModel.js";
import { importTimm } from "./timm/importTimm.js";
import { importTorchvision } from "./timm/importTorchvision.js";
import type { Weights } from "./weights.js";

/** Weights of a checkpoint, and the text of the `config.json` beside them. */
export interface Checkpoint {
  readonly format: ModelFormat;
  readonly weights: Weights;
  readonly config: { readonly file: string; readonly text: string } | undefined;
}

/**
 * The model. A config with `model_type` is transformers', one with `architecture` timm's; without one, or with one that names neither, names and shapes of the weights
 * tell torchvision's and timm's models. Throws `architectureUnknown`, `descriptionInvalid` and `modelCorrupt`.
 */
export function importCheckpoint({ format, weights, config }: Checkpoint): ImportedModel {
  const fields = config && parseFields(config.file, config.text);
  const architecture = fields && architectureOf(fields);
  if (fields && present(fields, "model_type") !== undefined && architecture === undefined) return { ...importHuggingFace(fields, weights), format };
  const model = architecture === undefined ? importTorchvision(weights) : importTimm(architecture, fields, weights);
  if (model) return { ...model, format };
  throw new WhylightError("architectureUnknown", { path: weights.path, architecture: architecture ?? "of these weights", command: "torch.onnx.export(model, (example,), \"model.onnx\", dynamo=True)" });
}

/** timm's name of the model, as its own configs and the hub's have it. */
function architectureOf(fields: Fields): string | undefined {
  return textField(fields, "architecture") ?? (objectField(fields, "pretrained_cfg") && textField(objectField(fields, "pretrained_cfg")!, "architecture"));
}

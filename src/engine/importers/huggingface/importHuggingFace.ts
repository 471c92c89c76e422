/** @file A Hugging Face folder as a model: its config names the architecture, which a table builds. */
import { objectField, textField, textsField, type Fields } from "../../preprocess/fields.js";
import { parameterCount } from "../../ir/parameterCount.js";
import { GraphWriter } from "../graphWriter.js";
import type { ImportedModel } from "../importedModel.js";
import { renamed, type Weights } from "../weights.js";
import { decoders } from "./decoders.js";
import { encoders } from "./encoders.js";
import { unknownArchitecture } from "./options.js";
import { vision } from "./vision.js";

/**
 * Writes the whole model, inputs and outputs included. `architecture` is the class that saved it ("BertForSequenceClassification"), which tells the head;
 * "" where the config does not say.
 */
export type Architecture = (writer: GraphWriter, config: Fields, architecture: string) => void;

/** By `model_type`. */
const architectures: Readonly<Record<string, Architecture>> = { ...encoders, ...decoders, ...vision };

/** The values of `model_type` that are known, each with what its models read: so that models are told apart, and others refused, before anything is opened. */
export const huggingFaceTypes: ReadonlyMap<string, "image" | "text"> = new Map(Object.keys(architectures).map((type) => [type, Object.hasOwn(vision, type) ? "image" : "text"]));

/** The model. Throws `architectureUnknown`, `descriptionInvalid` and `modelCorrupt`. */
export function importHuggingFace(config: Fields, weights: Weights): ImportedModel {
  const type = textField(config, "model_type") ?? "";
  const architecture = textsField(config, "architectures")?.[0] ?? "";
  const build = Object.hasOwn(architectures, type) ? architectures[type] : undefined;
  if (build === undefined) throw unknownArchitecture({ weights }, architecture || type);
  const writer = new GraphWriter(architecture || type, renamed(weights, nameNow));
  const packing = objectField(config, "quantization_config");
  if (packing) throw unknownArchitecture(writer, `${type} with weights packed by ${textField(packing, "quant_method") ?? "quantization"}`);
  build(writer, config, architecture);
  const graph = writer.build();
  return { format: "safetensors", producer: `transformers ${textField(config, "transformers_version") ?? ""}`.trim(), opset: undefined, architecture: architecture || type, metadata: {}, graph, parameters: parameterCount(graph, writer.isWeight) };
}

/** Checkpoints that once came from TensorFlow, bert-base-uncased among them, have its names for the parts of a normalisation. */
function nameNow(name: string): string {
  return name.replace(/\bLayerNorm\.gamma$/, "LayerNorm.weight").replace(/\bLayerNorm\.beta$/, "LayerNorm.bias");
}

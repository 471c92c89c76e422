/** @file What every importer returns: a graph in canonical form, and what the files say of it. */
import type { Graph } from "../ir/graph.js";
import type { Preprocess } from "../preprocess/description.js";

/** The formats, each with the name people read. */
export const modelFormats = {
  onnx: "ONNX", safetensors: "safetensors", pytorch: "PyTorch", "tfjs-layers": "TensorFlow.js layers", "tfjs-graph": "TensorFlow.js graph", keras: "Keras", "saved-model": "TensorFlow SavedModel",
} as const;
export type ModelFormat = keyof typeof modelFormats;

/** A model as read: its graph with symbolic shapes, in canonical form (opset 21 of ai.onnx). */
export interface ImportedModel {
  readonly format: ModelFormat;
  /** "pytorch 2.13.0", "keras 3.12.0"; empty where the files do not say. */
  readonly producer: string;
  /** The default domain's opset in an ONNX file; `undefined` for every other format. */
  readonly opset: number | undefined;
  /** "BertForSequenceClassification", "timm resnet18"; `undefined` where the graph is in the file and needs no name. */
  readonly architecture?: string | undefined;
  /** The architecture that was taken, where the weights fit another as well and nobody names theirs. */
  readonly assumed?: { readonly architecture: string; readonly other: string } | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Labels and preprocessing that the model's own files state: Keras's layers for them, a Hugging Face config's `id2label`. A sidecar goes before them. */
  readonly labels?: readonly string[] | undefined;
  readonly preprocess?: Preprocess | undefined;
  /** The layer that people take of this architecture for class activation maps, where it is not the last one with places. */
  readonly layer?: string | undefined;
  /** How many numbers its weights hold, where the graph holds constants beside them that only its importer tells apart. */
  readonly parameters?: number | undefined;
  readonly graph: Graph;
}

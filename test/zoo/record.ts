/** @file What the export script recorded of an architecture: PyTorch's results and the ONNX files made of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";
import { openFile } from "../oracle/fileSource.js";

/** One export of an architecture; `error` is the exporter's own failure. */
export interface ZooFile {
  readonly exporter: "torchscript" | "dynamo";
  readonly file: string;
  readonly error?: string;
  readonly dynamic?: boolean;
  readonly opset?: number;
  readonly nodes?: number;
  /** How far ONNX Runtime is from PyTorch on the file as it is. */
  readonly fileError?: number;
  /** The tensor that is the word embedding's output; `null` when no tensor of the file equals it. */
  readonly embedding?: string | null;
}

/** The recorded facts; errors and floors are max|a - b| / max|b|. */
export interface ZooFacts {
  readonly name: string;
  readonly kind: "image" | "text";
  /** The index into the flattened logits whose gradient was taken. */
  readonly target: number;
  /** How far PyTorch's float32 is from its float64. */
  readonly floor: { readonly logits: number; readonly gradient: number };
  readonly files: readonly ZooFile[];
}

export interface ZooRecord {
  readonly facts: ZooFacts;
  readonly folder: string;
  /** By the name of the file's input. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** float64. */
  readonly logits: Tensor;
  readonly gradient: Tensor;
}

/** One architecture's record. */
export function readRecord(root: string, name: string): ZooRecord {
  const folder = join(root, name);
  const facts = JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as ZooFacts;
  const tensors = readSafetensors(openFile(join(folder, "record.safetensors")));
  const inputs = Object.fromEntries([...tensors].flatMap(([key, tensor]) => (key.startsWith("input/") ? [[key.slice("input/".length), tensor]] : [])));
  return { facts, folder, inputs, logits: tensors.get("logits")!, gradient: tensors.get("gradient")! };
}

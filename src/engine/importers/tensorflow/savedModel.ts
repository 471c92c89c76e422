/** @file TensorFlow's SavedModels without TensorFlow: the serving signature of `saved_model.pb`, with its functions written out and its variables found in the checkpoint beside it. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import { damaged } from "../damaged.js";
import type { ImportedModel } from "../importedModel.js";
import type { ModelFiles } from "../modelFiles.js";
import { WindowedSource, walk, type WireField } from "../wireWalk.js";
import { weightsOf, type Weights } from "../weights.js";
import { convert, isNumeric } from "./convert.js";
import { Flattener, type FlatNode } from "./flatten.js";
import { graphPreprocess } from "./graphPreprocess.js";
import type { TfFunction, TfGraph, TfNode, TfSignature } from "./graphDef.js";
import { decodeFunction, decodeMetaInfo, decodeNode, decodeRestoreOp, decodeSignature } from "./proto.js";
import { bundleWeights } from "./tensorBundle.js";
import { restoredFrom } from "./variables.js";

/** One of the graphs of a SavedModel, and what it says of itself. */
interface MetaGraph {
  readonly tags: readonly string[];
  readonly graph: TfGraph;
  readonly signatures: ReadonlyMap<string, TfSignature>;
  /** The node that restores the variables. */
  readonly restore: string | undefined;
}

const checkpoint = "variables/variables";

/**
 * Reads a SavedModel. Throws `modelProgram` where it serves nothing that takes and gives numbers, `modelCorrupt` for what is damaged, `layerUnsupported` for what an operator is asked to do.
 * Operators that are not known stay in the graph by name.
 */
export function importSavedModel(files: Pick<ModelFiles, "main" | "open" | "has">): ImportedModel {
  const { path } = files.main;
  try {
    const file = new WindowedSource(files.main);
    const metaGraphs = [...walk(file, 0, file.size)].filter(({ id }) => id === 2).map((field) => readMetaGraph(file, field));
    const chosen = servingGraph(metaGraphs);
    const signature = chosen && servingSignature(chosen.signatures);
    if (chosen === undefined || signature === undefined) throw new WhylightError("modelProgram", { path, kind: "SavedModel without a serving signature", command: conversion(path) });
    const weights = files.has(`${checkpoint}.index`) ? bundleWeights(files, checkpoint) : weightsOf(path, new Map());
    const graph = convertMetaGraph(chosen, signature, weights, path);
    return { format: "saved-model", producer: `tensorflow ${chosen.graph.producer}`.trim(), opset: undefined, metadata: {}, graph, preprocess: graphPreprocess(graph) };
  } catch (thrown) {
    throw damaged(path, thrown);
  }
}

function convertMetaGraph({ graph, restore }: MetaGraph, signature: TfSignature, weights: Weights, path: string) {
  const flattener = new Flattener(graph);
  const outputs = signature.outputs.filter(isNumeric);
  const { values, nodes } = flattener.flatten([...outputs, ...signature.inputs].map(({ tensor }) => tensor));
  const restored = weights.names.length === 0 ? new Map<FlatNode, string>() : restoredFrom(flattener, restore);
  const weightOf = (node: FlatNode): Initializer | undefined => {
    if (node.op === "Const") return undefined;
    const found = weights.get(restored.get(node) ?? node.attributes["shared_name"]?.s ?? node.name) ?? weights.get(node.name);
    if (found === undefined) throw new WhylightError("modelCorrupt", { path, reason: `the variable ${node.name} is not in ${checkpoint}` });
    return found;
  };
  return convert({
    // Weights of two folders are more than ONNX Runtime takes.
    name: "main", nodes, weightOf, constantsStay: weights.names.length === 0,
    outputs: outputs.map((info, i) => ({ info, value: values[i]! })),
    inputs: signature.inputs.map((info, i) => ({ info, value: values[outputs.length + i]! })),
  });
}

/** The graph for serving: the plainest of those tagged "serve", the untagged one of TensorFlow Hub's old modules, or the only one. */
function servingGraph(metaGraphs: readonly MetaGraph[]): MetaGraph | undefined {
  const serving = metaGraphs.filter(({ tags }) => tags.includes("serve")).toSorted((a, b) => a.tags.length - b.tags.length);
  return serving[0] ?? metaGraphs.find(({ tags }) => tags.length === 0) ?? (metaGraphs.length === 1 ? metaGraphs[0] : undefined);
}

/** "serving_default", or the only one that gives numbers; those of TensorFlow itself begin with "__". */
function servingSignature(signatures: MetaGraph["signatures"]): TfSignature | undefined {
  const fitting = [...signatures].filter(([key, { outputs }]) => !key.startsWith("__") && outputs.some(isNumeric));
  return fitting.find(([key]) => key === "serving_default")?.[1] ?? (fitting.length === 1 ? fitting[0]![1] : fitting.find(([key]) => key === "serve" || key === "default")?.[1]);
}

function conversion(path: string): string {
  return `python -m tf2onnx.convert --saved-model ${JSON.stringify(path.replace(/[/\\][^/\\]*$/, ""))} --output model.onnx`;
}

function readMetaGraph(file: WindowedSource, at: WireField): MetaGraph {
  const nodes: TfNode[] = [];
  const functions = new Map<string, TfFunction>();
  const signatures = new Map<string, TfSignature>();
  let [tags, producer, restore]: [readonly string[], string, string | undefined] = [[], "", undefined];
  const bytes = (field: WireField) => file.bytes(field.offset, field.length).slice();
  const fields = (field: WireField) => walk(file, field.offset, field.offset + field.length);
  const place = (field: WireField) => ({ file: file.path, offset: field.offset });
  for (const field of fields(at)) {
    if (field.id === 1) ({ tags, tensorflowVersion: producer } = decodeMetaInfo(bytes(field)));
    else if (field.id === 2) {
      for (const part of fields(field)) {
        if (part.id === 1) nodes.push(decodeNode(bytes(part), place(part)));
        if (part.id === 2) for (const each of fields(part)) if (each.id === 1) {
          const read = decodeFunction(bytes(each), place(each));
          functions.set(read.name, read);
        }
      }
    } else if (field.id === 3) restore = decodeRestoreOp(bytes(field)).split(":")[0];
    else if (field.id === 5) {
      const [key, inputs, outputs] = decodeSignature(bytes(field));
      signatures.set(key, { inputs, outputs });
    }
  }
  return { tags, graph: { nodes, functions, producer }, signatures, restore };
}

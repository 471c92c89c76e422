/** @file TensorFlow.js's graph models: the frozen graph as JSON, with weights in files beside it. */
import { WhylightError } from "../../errors.js";
import { isInMemory, type Initializer } from "../../ir/graph.js";
import { loadInitializer } from "../../ir/weights.js";
import { parseJson } from "../../json.js";
import { isRecord } from "../../preprocess/fields.js";
import type { ByteSource } from "../byteSource.js";
import { damaged } from "../damaged.js";
import type { ImportedModel } from "../importedModel.js";
import type { ModelFiles } from "../modelFiles.js";
import { decodeUtf8 } from "../utf8.js";
import { inlineBytes } from "./constants.js";
import { convert } from "./convert.js";
import { Flattener } from "./flatten.js";
import { graphPreprocess } from "./graphPreprocess.js";
import type { TfGraph, TfSignature, TfTensorInfo } from "./graphDef.js";
import { jsonGraph, jsonSignature } from "./jsonGraph.js";
import { manifestWeights } from "./weightsManifest.js";

/** Longer descriptions belong to no model: weights lie elsewhere. */
const longestDescription = 256 * 2 ** 20;

/** Reads `model.json`. Throws `modelCorrupt`, `layerUnsupported` for what an operator is asked to do, and what opening its weights throws. */
export function importGraphModel({ main, open }: Pick<ModelFiles, "main" | "open">): ImportedModel {
  const { path } = main;
  try {
    if (main.size > longestDescription) throw new WhylightError("modelCorrupt", { path, reason: "it is too long for a description" });
    const model = parse(main.read(0, main.size), path);
    const graph = jsonGraph(model["modelTopology"]);
    const shards = new Map<string, ByteSource>();
    const weights = manifestWeights(path, model["weightsManifest"], (name) => {
      const shard = open(name);
      shards.set(shard.path, shard);
      return shard;
    });
    const signature = jsonSignature(model["signature"]) ?? jsonSignature(isRecord(model["userDefinedMetadata"]) ? model["userDefinedMetadata"]["signature"] : undefined) ?? plainSignature(graph);
    const flattener = new Flattener(graph);
    const { values, nodes } = flattener.flatten([...signature.outputs, ...signature.inputs].map(({ tensor }) => tensor));
    const converted = convert({
      name: "main", nodes, constantsStay: true,
      outputs: signature.outputs.map((info, i) => ({ info, value: values[i]! })),
      inputs: signature.inputs.map((info, i) => ({ info, value: values[signature.outputs.length + i]! })),
      weightOf: (node) => small(weights.get(node.name), shards) ?? (node.op === "Const" && node.attributes["value"]?.tensor?.shape.includes(0) ? undefined : missing(path, node.name)),
    });
    return { format: "tfjs-graph", producer: producerOf(model), opset: undefined, metadata: {}, graph: converted, preprocess: graphPreprocess(converted) };
  } catch (thrown) {
    throw damaged(path, thrown);
  }
}

/** The releases of TensorFlow and of the converter. */
function producerOf({ generatedBy, convertedBy }: Readonly<Record<string, unknown>>): string {
  return [typeof generatedBy === "string" ? `tensorflow ${generatedBy}` : "", convertedBy].filter((text) => typeof text === "string" && text !== "").join(", ");
}

/** Shapes and axes lie among the weights: what is small is read at once, since rules depend on it. */
function small(weight: Initializer | undefined, shards: ReadonlyMap<string, ByteSource>): Initializer | undefined {
  if (weight === undefined || isInMemory(weight) || weight.range.length > inlineBytes) return weight;
  return loadInitializer(weight, ({ file, offset, length }) => shards.get(file)!.read(offset, length));
}

function parse(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  try {
    const model: unknown = parseJson(decodeUtf8(bytes));
    if (isRecord(model)) return model;
  } catch {
    // Falls through to the one sentence for every unreadable description.
  }
  throw new WhylightError("modelCorrupt", { path, reason: "it is not JSON" });
}

function missing(path: string, name: string): never {
  throw new WhylightError("modelCorrupt", { path, reason: `the weight ${name} is missing` });
}

/** Files of old converters: placeholders go in, and what nothing reads comes out. Names stay as they are in TensorFlow.js. */
function plainSignature({ nodes }: TfGraph): TfSignature {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => input.replace(/^\^/, "").split(":")[0]!)));
  const info = (name: string, dtype: number, shape: readonly number[] | null): TfTensorInfo => ({ key: name, tensor: name, dtype, shape });
  return {
    inputs: nodes.filter(({ op }) => op === "Placeholder").map(({ name, attributes }) => info(name, attributes["dtype"]?.type ?? 1, attributes["shape"]?.shape ?? null)),
    outputs: nodes.filter(({ name, op }) => !read.has(name) && op !== "Const" && op !== "Placeholder" && op !== "NoOp").map(({ name }) => info(name, 1, null)),
  };
}

/** @file ONNX files to graphs. Weights stay in the file: initializers above 2 KB become ranges of it. */
import { WhylightError, toWhylightError } from "../../errors.js";
import type { Graph, Initializer, ValueType } from "../../ir/graph.js";
import { infer } from "../../passes/specialize.js";
import { isOp } from "../../ir/ops.js";
import type { ByteSource } from "../byteSource.js";
import type { ImportedModel } from "../importedModel.js";
import { damaged } from "../damaged.js";
import { decodeUtf8 } from "../utf8.js";
import { inlineFunctions, modelFunctions, type ModelFunctions, type PlacedNode } from "./functions.js";
import { inOrder } from "./inOrder.js";
import { readNodes } from "./nodes.js";
import { computedType } from "./types.js";
import { canonicalizeTyped } from "./typed.js";
import { decodeEntry, decodeFunction, decodeNode, decodeOpset, decodeValueInfo, type FunctionProto, type ValueInfoProto } from "./proto.js";
import { toNumber } from "../protobuf.js";
import { dtypeOf, readInitializer, type ResolveExternal } from "./tensorProto.js";
import { WindowedSource, walk, type WireField } from "../wireWalk.js";

/** Fields of ModelProto; another number at the top level means that this is no ONNX file. */
const modelFields = new Set([1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26]);

/**
 * Reads a model. `external` finds files of external data.
 * Throws `modelFormatUnknown` when the bytes are no ONNX model and `modelCorrupt` when they begin as one.
 * Operators this engine does not know stay in the graph by name, so that `inspect` can list them; types are then missing from there on.
 */
export function importOnnx(source: ByteSource, external: ResolveExternal = noExternal): ImportedModel {
  const file = new WindowedSource(source);
  const header = readHeader(file);
  const producer = `${header.producerName} ${header.producerVersion}`.trim();
  try {
    const { graph, declared } = readGraph(file, header, external);
    const typed = graph.nodes.every(({ op }) => isOp(op)) ? infer(graph) : graph;
    return { format: "onnx", producer, opset: header.opset, metadata: header.metadata, graph: withDeclared(typed, declared) };
  } catch (thrown) {
    throw damaged(file.path, thrown);
  }
}

function noExternal(location: string): never {
  throw new WhylightError("modelCorrupt", { reason: `external data "${location}" cannot be read here` });
}

/** What stands around the graph. */
interface Header {
  readonly graph: WireField;
  readonly opset: number;
  readonly functions: ModelFunctions;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly metadata: Record<string, string>;
}

function readHeader(file: WindowedSource): Header {
  const functions: FunctionProto[] = [];
  let graph: WireField | undefined;
  let opset = 0;
  let hasOpset = false;
  const metadata: Record<string, string> = {};
  const texts = new Map<number, string>();
  const isModel = () => graph !== undefined || opset > 0;
  try {
    for (const field of walk(file, 0, file.size)) {
      if (!modelFields.has(field.id)) throw new WhylightError("modelCorrupt", { path: file.path, reason: `unknown field ${field.id}` });
      if (field.id === 7) graph = field;
      if (field.id === 2 || field.id === 3) texts.set(field.id, decodeUtf8(file.bytes(field.offset, field.length)));
      if (field.id === 8) {
        const entry = decodeOpset(file.bytes(field.offset, field.length));
        hasOpset = true;
        if (entry.domain === "" || entry.domain === "ai.onnx") opset = toNumber(entry.version);
      }
      if (field.id === 25) functions.push(decodeFunction(file.bytes(field.offset, field.length).slice()));
      if (field.id === 14) {
        const { key, value } = decodeEntry(file.bytes(field.offset, field.length));
        metadata[key] = value;
      }
    }
  } catch (thrown) {
    const error = toWhylightError(thrown);
    // A file that names its producer or ends inside the graph was an ONNX model once; anything else never was.
    throw isModel() || texts.has(2) ? new WhylightError("modelCorrupt", { path: file.path, reason: error.data["reason"] ?? error.message }) : new WhylightError("modelFormatUnknown", { path: file.path });
  }
  // A model of another domain alone names no version of the default one.
  if (graph !== undefined && opset === 0 && hasOpset) opset = 1;
  if (graph === undefined || opset === 0) throw new WhylightError("modelFormatUnknown", { path: file.path });
  return { graph, opset, functions: modelFunctions(functions), producerName: texts.get(2) ?? "", producerVersion: texts.get(3) ?? "", metadata };
}

/** Where inference could not know an output's shape before the input's is fixed, what the file says of it stands. */
function withDeclared(graph: Graph, declared: ReadonlyMap<string, ValueType>): Graph {
  const types = new Map(graph.types);
  for (const [name, type] of declared) if (types.get(name)?.shape === undefined) types.set(name, type);
  return { ...graph, types };
}

function readGraph(file: WindowedSource, { graph: at, opset, functions }: Header, external: ResolveExternal): { graph: Graph; declared: Map<string, ValueType> } {
  const placed: PlacedNode[] = [];
  const initializers = new Map<string, Initializer>();
  const [inputs, outputs]: ValueInfoProto[][] = [[], []];
  let name = "main";
  const bytes = (field: WireField) => file.bytes(field.offset, field.length);
  for (const field of walk(file, at.offset, at.offset + at.length)) {
    if (field.id === 1) placed.push({ proto: decodeNode(bytes(field).slice()), opset });
    else if (field.id === 2) name = decodeUtf8(bytes(field));
    else if (field.id === 5) initializers.set(...readInitializer(file, field, external));
    else if (field.id === 11) inputs!.push(decodeValueInfo(bytes(field)));
    else if (field.id === 12) outputs!.push(decodeValueInfo(bytes(field)));
  }
  const types = new Map<string, ValueType>();
  // Files before IR version 4 list initializers among the inputs.
  const trueInputs = inputs!.filter((input) => !initializers.has(input.name));
  for (const input of trueInputs) types.set(input.name, valueType(input));
  const outputNames = outputs!.map((output) => output.name);
  const nodes = inOrder(readNodes(inlineFunctions(placed, functions), initializers, outputNames, external));
  const graph = canonicalizeTyped({ name, inputs: trueInputs.map((input) => input.name), outputs: outputNames, nodes, initializers, types });
  return { graph, declared: new Map(outputs!.map((output) => [output.name, valueType(output)])) };
}

function valueType(value: ValueInfoProto): ValueType {
  const tensor = value.type?.tensorType;
  if (!tensor) throw new WhylightError("modelCorrupt", { reason: `input "${value.name}" is not a tensor` });
  const shape = tensor.shape?.dim.map(({ dimValue, dimParam }, axis) => (dimParam !== "" ? dimParam : toNumber(dimValue) > 0 ? toNumber(dimValue) : `${value.name}_${axis}`));
  return { dtype: computedType(dtypeOf(tensor.elemType, `input "${value.name}"`)), shape };
}

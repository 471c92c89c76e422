/** @file ONNX files to graphs. Weights stay in the file: initializers above 2 KB become ranges of it. */
import { WhylightError, toWhylightError } from "../errors.js";
import type { Attribute, Graph, Initializer, ValueType } from "../ir/graph.js";
import { infer } from "../passes/specialize.js";
import { isOp } from "../ir/ops.js";
import type { ByteSource } from "./byteSource.js";
import { decodeUtf8 } from "./utf8.js";
import { canonicalize, type RawNode } from "./onnxCanonical.js";
import { computedInitializer, computedNode, computedType } from "./onnxTypes.js";
import { canonicalizeTyped } from "./onnxTyped.js";
import { decodeEntry, decodeNode, decodeOpset, decodeValueInfo, toNumber, type AttributeProto, type ValueInfoProto } from "./onnxProto.js";
import { dtypeOf, initializerOf, readInitializer, type ResolveExternal } from "./onnxTensor.js";
import { WindowedSource, walk, type WireField } from "./wireWalk.js";

/** A model file as read: its graph with symbolic shapes, in canonical form (opset 21 of ai.onnx). */
export interface ImportedModel {
  readonly format: "onnx";
  /** "pytorch 2.13.0", or empty. */
  readonly producer: string;
  /** The default domain's opset in the file. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: Graph;
}

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
    const { graph, declared } = readGraph(file, header.graph, header.opset, external);
    const typed = graph.nodes.every(({ op }) => isOp(op)) ? infer(graph) : graph;
    return { format: "onnx", producer, opset: header.opset, metadata: header.metadata, graph: withDeclared(typed, declared) };
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    // What the verifier and the kernels call a fault of a pass is one of the file here: values out of order, sizes that make no sense.
    const { message } = toWhylightError(thrown);
    throw new WhylightError("modelCorrupt", { path: file.path, reason: String(toWhylightError(thrown).data["reason"] ?? message).replace(/^internal: (after \w+: )?/, "") }, { cause: thrown });
  }
}

function noExternal(location: string): never {
  throw new WhylightError("modelCorrupt", { reason: `external data "${location}" cannot be read here` });
}

function readHeader(file: WindowedSource): { graph: WireField; opset: number; producerName: string; producerVersion: string; metadata: Record<string, string> } {
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
  return { graph, opset, producerName: texts.get(2) ?? "", producerVersion: texts.get(3) ?? "", metadata };
}

/** Where inference could not know an output's shape before the input's is fixed, what the file says of it stands. */
function withDeclared(graph: Graph, declared: ReadonlyMap<string, ValueType>): Graph {
  const types = new Map(graph.types);
  for (const [name, type] of declared) if (types.get(name)?.shape === undefined) types.set(name, type);
  return { ...graph, types };
}

function readGraph(file: WindowedSource, at: WireField, opset: number, external: ResolveExternal): { graph: Graph; declared: Map<string, ValueType> } {
  const raw: RawNode[] = [];
  const initializers = new Map<string, Initializer>();
  const [inputs, outputs]: ValueInfoProto[][] = [[], []];
  let name = "main";
  const bytes = (field: WireField) => file.bytes(field.offset, field.length);
  for (const field of walk(file, at.offset, at.offset + at.length)) {
    if (field.id === 1) raw.push(rawNode(decodeNode(bytes(field).slice()), raw.length, external));
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
  const nodes = canonicalize(raw, opset, initializers, outputNames).map(computedNode);
  for (const [value, initializer] of initializers) initializers.set(value, computedInitializer(initializer));
  const graph = canonicalizeTyped({ name, inputs: trueInputs.map((input) => input.name), outputs: outputNames, nodes, initializers, types });
  return { graph, declared: new Map(outputs!.map((output) => [output.name, valueType(output)])) };
}

function valueType(value: ValueInfoProto): ValueType {
  const tensor = value.type?.tensorType;
  if (!tensor) throw new WhylightError("modelCorrupt", { reason: `input "${value.name}" is not a tensor` });
  const shape = tensor.shape?.dim.map(({ dimValue, dimParam }, axis) => (dimParam !== "" ? dimParam : toNumber(dimValue) > 0 ? toNumber(dimValue) : `${value.name}_${axis}`));
  return { dtype: computedType(dtypeOf(tensor.elemType, `input "${value.name}"`)), shape };
}

function rawNode(proto: ReturnType<typeof decodeNode>, index: number, external: ResolveExternal): RawNode {
  const attributes = Object.fromEntries(proto.attribute.map((attribute) => [attribute.name, attributeOf(attribute, external)]));
  const isDefault = proto.domain === "" || proto.domain === "ai.onnx";
  const op = isDefault ? proto.opType : `${proto.domain}::${proto.opType}`;
  const name = proto.name || `${proto.opType}_${index}`;
  // Split counts its outputs, used or not, and ONNX Runtime crashes where one has no name.
  const outputs = op === "Split" ? proto.output.map((output, i) => output || `${name}:unused_${i}`) : trimEmpty(proto.output);
  if (outputs.length === 0) throw new WhylightError("modelCorrupt", { reason: `${op} "${name}" has no output` });
  return { op, name, inputs: trimEmpty(proto.input), outputs, attributes };
}

/** Trailing optional inputs and outputs that are left out are simply absent. */
function trimEmpty(names: readonly string[]): string[] {
  const last = names.findLastIndex((name) => name !== "");
  return names.slice(0, last + 1);
}

/** AttributeProto's type numbers to readers; subgraphs become empty text, and the operators that hold them are unknown to the op table. */
const attributeReaders: Readonly<Record<number, (attribute: AttributeProto, external: ResolveExternal) => Attribute>> = {
  1: ({ f }) => f,
  2: ({ i }) => toNumber(i),
  3: ({ s }) => decodeUtf8(s),
  4: ({ t, name }, external) => {
    const tensor = t && initializerOf(t, external);
    if (!tensor || !("data" in tensor)) throw new WhylightError("modelCorrupt", { reason: `attribute "${name}" has no tensor` });
    return tensor;
  },
  6: ({ floats }) => floats,
  7: ({ ints }) => ints.map(toNumber),
  8: ({ strings }) => strings.map((text) => decodeUtf8(text)),
};

function attributeOf(attribute: AttributeProto, external: ResolveExternal): Attribute {
  return attributeReaders[attribute.type]?.(attribute, external) ?? "";
}

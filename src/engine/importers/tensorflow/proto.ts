/** @file The messages of TensorFlow that are read here, by the field numbers of its .proto files; what is not listed is skipped. */
import { WhylightError } from "../../errors.js";
import { messageTypes, toNumber, type Fields, type Int64 } from "../protobuf.js";
import { decodeUtf8 } from "../utf8.js";
import type { TfAttribute, TfFunction, TfNode, TfTensor, TfTensorInfo } from "./graphDef.js";

const messages: Readonly<Record<string, Fields>> = {
  NodeDef: { name: [1, "string"], op: [2, "string"], input: [3, "string", "repeated"], attr: [5, "AttrEntry", "repeated"] },
  AttrEntry: { key: [1, "string"], value: [2, "AttrValue"] },
  AttrValue: {
    list: [1, "ListValue", "optional"], s: [2, "bytes", "optional"], i: [3, "int64", "optional"], f: [4, "float", "optional"], b: [5, "bool", "optional"], type: [6, "int32", "optional"],
    shape: [7, "TensorShape", "optional"], tensor: [8, "Tensor", "optional"], func: [10, "NameAttrList", "optional"],
  },
  ListValue: { s: [2, "bytes", "repeated"], i: [3, "int64", "packed"] },
  NameAttrList: { name: [1, "string"] },
  TensorShape: { dim: [2, "Dim", "repeated"], unknownRank: [3, "bool"] },
  Dim: { size: [1, "int64"] },
  Tensor: {
    dtype: [1, "int32"], tensorShape: [2, "TensorShape", "optional"], tensorContent: [4, "bytes"], halfVal: [13, "int32", "packed"], floatVal: [5, "float", "packed"], doubleVal: [6, "double", "packed"],
    intVal: [7, "int32", "packed"], stringVal: [8, "bytes", "repeated"], int64Val: [10, "int64", "packed"], boolVal: [11, "bool", "packed"], uint32Val: [16, "uint32", "packed"], uint64Val: [17, "uint64", "packed"],
  },
  FunctionDef: { signature: [1, "OpDef"], nodeDef: [3, "NodeDef", "repeated"], ret: [4, "RetEntry", "repeated"] },
  OpDef: { name: [1, "string"], inputArg: [2, "ArgDef", "repeated"], outputArg: [3, "ArgDef", "repeated"] },
  ArgDef: { name: [1, "string"] },
  RetEntry: { key: [1, "string"], value: [2, "string"] },
  MetaInfo: { tags: [4, "string", "repeated"], tensorflowVersion: [5, "string"] },
  SignatureEntry: { key: [1, "string"], value: [2, "Signature"] },
  Signature: { inputs: [1, "TensorInfoEntry", "repeated"], outputs: [2, "TensorInfoEntry", "repeated"] },
  TensorInfoEntry: { key: [1, "string"], value: [2, "TensorInfo"] },
  TensorInfo: { name: [1, "string"], dtype: [2, "int32"], tensorShape: [3, "TensorShape", "optional"] },
  SaverDef: { restoreOpName: [3, "string"] },
  BundleHeader: { numShards: [1, "int32"], endianness: [2, "int32"] },
  BundleEntry: { dtype: [1, "int32"], shape: [2, "TensorShape", "optional"], shardId: [3, "int32"], offset: [4, "int64"], size: [5, "int64"], slices: [7, "TensorSlice", "repeated"] },
  TensorSlice: { extent: [1, "Extent", "repeated"] },
  Extent: { start: [1, "int64"] },
};

const types = messageTypes(messages);

/** Bytes as a message. Throws `modelCorrupt`. */
function decoder<Message>(name: string): (bytes: Uint8Array) => Message {
  const type = types.lookupType(name);
  return (bytes) => {
    try {
      return type.decode(bytes) as unknown as Message;
    } catch (cause) {
      throw new WhylightError("modelCorrupt", { reason: "a field is malformed" }, { cause });
    }
  };
}

interface ShapeProto { dim: { size: Int64 }[]; unknownRank: boolean }
interface TensorProto {
  dtype: number; tensorShape: ShapeProto | null; tensorContent: Uint8Array; halfVal: number[]; floatVal: number[]; doubleVal: number[]; intVal: number[]; stringVal: Uint8Array[];
  int64Val: Int64[]; boolVal: boolean[]; uint32Val: number[]; uint64Val: Int64[];
}
interface AttrProto {
  list: { s: Uint8Array[]; i: Int64[] } | null; s: Uint8Array; i: Int64; f: number; b: boolean; type: number; shape: ShapeProto | null; tensor: TensorProto | null; func: { name: string } | null;
}
interface NodeProto { name: string; op: string; input: string[]; attr: { key: string; value: AttrProto | null }[] }
interface FunctionProto {
  signature: { name: string; inputArg: { name: string }[]; outputArg: { name: string }[] } | null; nodeDef: NodeProto[]; ret: { key: string; value: string }[];
}

export const decodeMetaInfo = decoder<{ tags: string[]; tensorflowVersion: string }>("MetaInfo");
export const decodeBundleHeader = decoder<{ numShards: number; endianness: number }>("BundleHeader");
export const decodeBundleEntry = decoder<{ dtype: number; shape: ShapeProto | null; shardId: number; offset: Int64; size: Int64; slices: unknown[] }>("BundleEntry");
const decodeSaver = decoder<{ restoreOpName: string }>("SaverDef");
export const decodeRestoreOp = (bytes: Uint8Array): string => decodeSaver(bytes).restoreOpName;
const decodeNodeProto = decoder<NodeProto>("NodeDef");
const decodeFunctionProto = decoder<FunctionProto>("FunctionDef");
const decodeSignatureProto = decoder<{ key: string; value: { inputs: InfoEntry[]; outputs: InfoEntry[] } | null }>("SignatureEntry");
interface InfoEntry { key: string; value: { name: string; dtype: number; tensorShape: ShapeProto | null } | null }

/** A file and the place in it at which decoded bytes begin, so that large constants can stay there. */
export interface Place {
  readonly file: string;
  readonly offset: number;
}

/** A node from its bytes, which lie at `place` of a file. */
export const decodeNode = (bytes: Uint8Array, place: Place): TfNode => nodeOf(decodeNodeProto(bytes), { bytes, ...place });

export function decodeFunction(bytes: Uint8Array, place: Place): TfFunction {
  const { signature, nodeDef, ret } = decodeFunctionProto(bytes);
  const results = new Map(ret.map(({ key, value }) => [key, value]));
  return {
    name: signature?.name ?? "", args: (signature?.inputArg ?? []).map(({ name }) => name), results: (signature?.outputArg ?? []).map(({ name }) => results.get(name) ?? ""),
    nodes: nodeDef.map((node) => nodeOf(node, { bytes, ...place })),
  };
}

/** A signature with its key. What it names stands in alphabetical order, since maps of protobuf have none. */
export function decodeSignature(bytes: Uint8Array): [key: string, inputs: readonly TfTensorInfo[], outputs: readonly TfTensorInfo[]] {
  const { key, value } = decodeSignatureProto(bytes);
  const infos = (entries: readonly InfoEntry[]) => entries
    .flatMap(({ key: name, value: info }) => (info ? [{ key: name, tensor: info.name, dtype: info.dtype, shape: shapeOf(info.tensorShape) }] : []))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return [key, infos(value?.inputs ?? []), infos(value?.outputs ?? [])];
}

export function shapeOf(shape: ShapeProto | null): readonly number[] | null {
  return shape === null || shape.unknownRank ? null : shape.dim.map(({ size }) => toNumber(size));
}

interface Origin extends Place {
  readonly bytes: Uint8Array;
}

const nodeOf = ({ name, op, input, attr }: NodeProto, origin: Origin): TfNode => ({
  name, op, inputs: input, attributes: Object.fromEntries(attr.flatMap(({ key, value }) => (value ? [[key, attributeOf(value, origin)]] : []))),
});

/** What is set in an attribute; absent fields have the message's own defaults, and only an own property was in the file. */
function attributeOf(attr: AttrProto, origin: Origin): TfAttribute {
  const has = (field: keyof AttrProto) => Object.hasOwn(attr, field);
  return {
    ...(has("s") && { s: decodeUtf8(attr.s) }), ...(has("i") && { i: toNumber(attr.i) }), ...(has("f") && { f: attr.f }), ...(has("b") && { b: attr.b }), ...(has("type") && { type: attr.type }),
    ...(has("shape") && { shape: shapeOf(attr.shape) }), ...(attr.tensor && { tensor: tensorOf(attr.tensor, origin) }), ...(attr.func && { func: attr.func.name }),
    ...(attr.list && { list: { s: attr.list.s.map((text) => decodeUtf8(text)), i: attr.list.i.map(toNumber) } }),
  };
}

function tensorOf(tensor: TensorProto, { bytes, file, offset }: Origin): TfTensor {
  const { tensorContent: content } = tensor;
  // protobufjs gives bytes as views of what it read.
  const range = content.length > 0 && content.buffer === bytes.buffer ? { file, offset: offset + content.byteOffset - bytes.byteOffset, length: content.length } : undefined;
  const values = [tensor.halfVal, tensor.floatVal, tensor.doubleVal, tensor.intVal, tensor.int64Val.map(toNumber), tensor.boolVal.map(Number), tensor.uint32Val, tensor.uint64Val.map(toNumber)];
  return { dtype: tensor.dtype, shape: shapeOf(tensor.tensorShape) ?? [], content, range, values: values.find((list) => list.length > 0) ?? [], strings: tensor.stringVal.map((text) => decodeUtf8(text)) };
}

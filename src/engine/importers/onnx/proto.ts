/** @file The messages of onnx.proto that are read and written here, by the field numbers of the ONNX specification. */
import { messageTypes, type Fields, type Int64 } from "../protobuf.js";

/** Message name to its fields. Field numbers are ONNX's; what is not listed is skipped when read. */
const messages: Readonly<Record<string, Fields>> = {
  ModelProto: {
    irVersion: [1, "int64"], producerName: [2, "string"], producerVersion: [3, "string"], graph: [7, "GraphProto"], opsetImport: [8, "OperatorSetIdProto", "repeated"],
    metadataProps: [14, "StringStringEntryProto", "repeated"], functions: [25, "FunctionProto", "repeated"],
  },
  OperatorSetIdProto: { domain: [1, "string"], version: [2, "int64"] },
  StringStringEntryProto: { key: [1, "string"], value: [2, "string"] },
  GraphProto: {
    node: [1, "NodeProto", "repeated"], name: [2, "string"], initializer: [5, "TensorProto", "repeated"],
    input: [11, "ValueInfoProto", "repeated"], output: [12, "ValueInfoProto", "repeated"],
  },
  NodeProto: {
    input: [1, "string", "repeated"], output: [2, "string", "repeated"], name: [3, "string"], opType: [4, "string"], attribute: [5, "AttributeProto", "repeated"], domain: [7, "string"], overload: [8, "string"],
  },
  FunctionProto: {
    name: [1, "string"], input: [4, "string", "repeated"], output: [5, "string", "repeated"], attribute: [6, "string", "repeated"], node: [7, "NodeProto", "repeated"],
    opsetImport: [9, "OperatorSetIdProto", "repeated"], domain: [10, "string"], attributeProto: [11, "AttributeProto", "repeated"], overload: [13, "string"],
  },
  AttributeProto: {
    name: [1, "string"], f: [2, "float"], i: [3, "int64"], s: [4, "bytes"], t: [5, "TensorProto"], g: [6, "GraphProto"], floats: [7, "float", "packed"], ints: [8, "int64", "packed"], strings: [9, "bytes", "repeated"],
    type: [20, "int32"], refAttrName: [21, "string"],
  },
  TensorProto: {
    dims: [1, "int64", "packed"], dataType: [2, "int32"], floatData: [4, "float", "packed"], int32Data: [5, "int32", "packed"], int64Data: [7, "int64", "packed"], name: [8, "string"],
    rawData: [9, "bytes", "optional"], doubleData: [10, "double", "packed"], uint64Data: [11, "uint64", "packed"], externalData: [13, "StringStringEntryProto", "repeated"], dataLocation: [14, "int32"],
  },
  ValueInfoProto: { name: [1, "string"], type: [2, "TypeProto"] },
  TypeProto: { tensorType: [1, "TypeProtoTensor"] },
  TypeProtoTensor: { elemType: [1, "int32"], shape: [2, "TensorShapeProto"] },
  TensorShapeProto: { dim: [1, "Dimension", "repeated"] },
  Dimension: { dimValue: [1, "int64", "optional"], dimParam: [2, "string", "optional"] },
};

const root = messageTypes(messages);

export interface TensorProto {
  dims: Int64[]; dataType: number; name: string; floatData: number[]; int32Data: number[]; int64Data: Int64[]; doubleData: number[]; uint64Data: Int64[]; rawData: Uint8Array;
  externalData: { key: string; value: string }[]; dataLocation: number;
}
export interface AttributeProto {
  name: string; type: number; f: number; i: Int64; s: Uint8Array; t: TensorProto | null; g: GraphProto | null; floats: number[]; ints: Int64[]; strings: Uint8Array[]; refAttrName: string;
}
export interface GraphProto { node: NodeProto[]; name: string; initializer: TensorProto[]; input: ValueInfoProto[]; output: ValueInfoProto[] }
export interface FunctionProto {
  name: string; domain: string; overload: string; input: string[]; output: string[]; node: NodeProto[]; attributeProto: AttributeProto[]; opsetImport: { domain: string; version: Int64 }[];
}
export interface NodeProto { input: string[]; output: string[]; name: string; opType: string; domain: string; overload: string; attribute: AttributeProto[] }
export interface ValueInfoProto { name: string; type: { tensorType: { elemType: number; shape: { dim: { dimValue: Int64; dimParam: string }[] } | null } | null } | null }

const decoder = <Message>(name: string) => {
  const type = root.lookupType(name);
  return (bytes: Uint8Array): Message => type.decode(bytes) as unknown as Message;
};

export const decodeNode = decoder<NodeProto>("NodeProto");
export const decodeFunction = decoder<FunctionProto>("FunctionProto");
export const decodeTensor = decoder<TensorProto>("TensorProto");
export const decodeValueInfo = decoder<ValueInfoProto>("ValueInfoProto");
export const decodeOpset = decoder<{ domain: string; version: Int64 }>("OperatorSetIdProto");
export const decodeEntry = decoder<{ key: string; value: string }>("StringStringEntryProto");

/** A whole model as bytes, from plain objects with the field names above. */
export function encodeModel(model: object): Uint8Array {
  return root.lookupType("ModelProto").encode(model).finish();
}

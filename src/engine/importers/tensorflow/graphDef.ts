/** @file TensorFlow's graphs as both of their forms, protobuf and its JSON, are read: plain nodes, functions and tensors. */
import { WhylightError } from "../../errors.js";
import type { FileRange } from "../../ir/graph.js";
import type { DType } from "../../ir/tensor.js";

/** A constant as it is written: bytes, or a list of elements of which the last stands for all that are missing. */
export interface TfTensor {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly content: Uint8Array;
  /** Where `content` lies in its file, when it does. */
  readonly range: FileRange | undefined;
  readonly values: readonly number[];
  readonly strings: readonly string[];
}

/** What an attribute holds; one of the fields is set, or none. Of a shape -1 is an open size, `null` an unknown rank. */
export interface TfAttribute {
  readonly s?: string;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: readonly number[] | null;
  readonly tensor?: TfTensor;
  readonly func?: string;
  readonly list?: { readonly s: readonly string[]; readonly i: readonly number[] };
}

/** A node as it stands in a graph or function. Inputs are "node", "node:1", in functions "node:output:1" too; "^node" only asks for an order. */
export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, TfAttribute>>;
}

/** A function of the library: `results` are outputs of its nodes, or arguments, in their order. */
export interface TfFunction {
  readonly name: string;
  readonly args: readonly string[];
  readonly results: readonly string[];
  readonly nodes: readonly TfNode[];
}

export interface TfGraph {
  readonly nodes: readonly TfNode[];
  readonly functions: ReadonlyMap<string, TfFunction>;
  /** The release that wrote it; empty where the file does not say. */
  readonly producer: string;
}

/** What a signature says of one tensor: its name there, and the node and output it stands for. */
export interface TfTensorInfo {
  readonly key: string;
  /** "node:0". */
  readonly tensor: string;
  readonly dtype: number;
  readonly shape: readonly number[] | null;
}

export interface TfSignature {
  readonly inputs: readonly TfTensorInfo[];
  readonly outputs: readonly TfTensorInfo[];
}

/** TensorFlow's numbers for element types. */
export const dtypes: Readonly<Partial<Record<number, DType>>> = {
  1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 9: "int64", 10: "bool", 14: "bfloat16", 17: "uint16", 19: "float16", 22: "uint32", 23: "uint64",
};
const numbers: Readonly<Record<string, number>> = {
  DT_FLOAT: 1, DT_DOUBLE: 2, DT_INT32: 3, DT_UINT8: 4, DT_INT16: 5, DT_INT8: 6, DT_STRING: 7, DT_INT64: 9, DT_BOOL: 10, DT_BFLOAT16: 14, DT_UINT16: 17, DT_HALF: 19, DT_RESOURCE: 20, DT_UINT32: 22, DT_UINT64: 23,
};

/** The number of a type by its name in JSON; 0 for names of no use here. */
export const numberOfType = (name: string): number => numbers[name] ?? 0;

/** The type for a number. Throws `modelCorrupt` for texts, complex numbers and quantised types. */
export function dtypeOf(type: number, what: string): DType {
  const dtype = dtypes[type];
  if (dtype === undefined) throw new WhylightError("modelCorrupt", { reason: `${what} has the element type ${type}, which is not supported` });
  return dtype;
}

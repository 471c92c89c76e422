/** @file Tiny ONNX files, written by hand in tests. */
import type { ByteSource } from "../../../src/engine/importers/byteSource.js";
import { encodeModel } from "../../../src/engine/importers/onnx/proto.js";
import { encodeUtf8 } from "../../../src/engine/importers/utf8.js";
import { WhylightError } from "../../../src/engine/errors.js";

/** An attribute as a file has it: `{ float }` where a whole number is meant as a float, a tensor as a TensorProto. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] } | { readonly tensor: object } | { readonly strings: readonly string[] } | { readonly graph: object };

export interface NodeText {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly name?: string;
  readonly domain?: string;
}

export interface ModelText {
  readonly opset: number;
  readonly nodes: readonly NodeText[];
  /** Name to shape, all float32 unless `[dtype, shape]` names an element type number; texts are symbols. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: Readonly<Record<string, readonly (number | string)[] | undefined>>;
  /** TensorProtos: `float32Proto`, `int64Proto` or any other. */
  readonly initializers?: readonly object[];
  readonly irVersion?: number;
  /** Versions of other domains. */
  readonly domains?: Readonly<Record<string, number>>;
  /** FunctionProtos. */
  readonly functions?: readonly object[];
  readonly elementTypes?: Readonly<Record<string, number>>;
}

/** The file's bytes. */
export function modelBytes({ opset, nodes, inputs, outputs, initializers = [], irVersion = 8, elementTypes = {}, domains = {}, functions = [] }: ModelText): Uint8Array {
  const valueInfo = ([name, shape]: [string, readonly (number | string)[] | undefined]) => ({
    name, type: { tensorType: { elemType: elementTypes[name] ?? 1, ...(shape && { shape: { dim: shape.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) } }) } },
  });
  return encodeModel({
    irVersion, producerName: "by hand", producerVersion: "1", opsetImport: [{ domain: "", version: opset }, ...Object.entries(domains).map(([domain, version]) => ({ domain, version }))], functions, metadataProps: [{ key: "purpose", value: "test" }],
    graph: {
      name: "tiny", initializer: initializers, input: Object.entries(inputs).map(valueInfo), output: Object.entries(outputs).map(valueInfo),
      node: nodes.map(({ op, name, domain, attributes = {}, ...rest }) => ({ opType: op, name: name ?? "", domain: domain ?? "", input: rest.inputs, output: rest.outputs, attribute: Object.entries(attributes).map(attributeProto) })),
    },
  });
}

function attributeProto([name, value]: [string, AttributeValue]): object {
  if (typeof value === "number") return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
  if (typeof value === "string") return { name, type: 3, s: encodeUtf8(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("floats" in value) return { name, type: 6, floats: value.floats };
  if ("strings" in value) return { name, type: 8, strings: value.strings.map((text) => encodeUtf8(text)) };
  if ("graph" in value) return { name, type: 5, g: value.graph };
  if ("tensor" in value) return { name, type: 4, t: value.tensor };
  return { name, type: 7, ints: value };
}

/** A TensorProto of float32 in raw_data. */
export function float32Proto(name: string, dims: readonly number[], values: readonly number[]): object {
  return { name, dims, dataType: 1, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

/** A TensorProto of int64 in raw_data. */
export function int64Proto(name: string, dims: readonly number[], values: readonly number[]): object {
  return { name, dims, dataType: 7, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

/** A file that notes which ranges were read. */
export interface WatchedSource extends ByteSource {
  readonly reads: [offset: number, length: number][];
}

/** Bytes in memory as a file of that path. */
export function sourceOf(bytes: Uint8Array, path = "tiny.onnx"): WatchedSource {
  const reads: [number, number][] = [];
  return {
    path, size: bytes.length, reads,
    read: (offset, length) => {
      if (offset < 0 || offset + length > bytes.length) throw new WhylightError("modelCorrupt", { path, reason: "the file ends early" });
      reads.push([offset, length]);
      return bytes.slice(offset, offset + length);
    },
  };
}

/** The bytes of a range of a file in memory, for runtimes. */
export function rangeReader(bytes: Uint8Array): (range: { offset: number; length: number }) => Uint8Array {
  return ({ offset, length }) => bytes.subarray(offset, offset + length);
}

/** @file TensorProto to initializer: small ones into memory, large ones as the range of the file they lie in. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import { bytesPerElement, sizeOf, type DType, type TensorArray } from "../../ir/tensor.js";
import { tensorFromBytes } from "../../ir/weights.js";
import { decodeTensor, type TensorProto } from "./proto.js";
import { toNumber } from "../protobuf.js";
import { walk, type WindowedSource, type WireField } from "../wireWalk.js";

/** ONNX's element type numbers. */
export const dtypeNumbers: Readonly<Partial<Record<number, DType>>> = {
  1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16",
};

/** The dtype for an element type number. Throws `modelCorrupt` for text, complex and 4- and 8-bit float types. */
export function dtypeOf(elemType: number, what: string): DType {
  const dtype = dtypeNumbers[elemType];
  if (dtype === undefined) throw new WhylightError("modelCorrupt", { reason: `${what} has element type ${elemType}, which is not supported` });
  return dtype;
}

/** Where external data lie: the file beside the model, and a range of it. */
export type ResolveExternal = (location: string) => { path: string; size: number };

function shapeOf(proto: TensorProto): number[] {
  const shape = proto.dims.map(toNumber);
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || !Number.isSafeInteger(sizeOf(shape))) throw new WhylightError("modelCorrupt", { reason: `tensor "${proto.name}" has the shape [${shape.join(", ")}]` });
  return shape;
}

/** A decoded TensorProto as an initializer. */
export function initializerOf(proto: TensorProto, external: ResolveExternal): Initializer {
  const dtype = dtypeOf(proto.dataType, `tensor "${proto.name}"`);
  const shape = shapeOf(proto);
  if (proto.dataLocation === 1) return externalInitializer(proto, dtype, shape, external);
  if (proto.rawData.length > 0 || sizeOf(shape) === 0) return tensorFromBytes(dtype, shape, proto.rawData);
  return { dtype, shape, data: typedData(proto, dtype, shape) };
}

function externalInitializer(proto: TensorProto, dtype: DType, shape: readonly number[], external: ResolveExternal): Initializer {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const file = external(entries.get("location") ?? "");
  const offset = Number(entries.get("offset") ?? 0);
  const length = sizeOf(shape) * bytesPerElement[dtype];
  if (!(Number.isSafeInteger(offset) && offset >= 0) || offset + length > file.size) throw new WhylightError("modelCorrupt", { reason: `tensor "${proto.name}" lies outside ${entries.get("location")}` });
  return { dtype, shape, range: { file: file.path, offset, length } };
}

/** The typed fields that TensorProto uses when there is no raw data; small integers travel in `int32_data`. */
function typedData(proto: TensorProto, dtype: DType, shape: readonly number[]): TensorArray {
  const data = ((): TensorArray => {
    switch (dtype) {
      case "float32": return Float32Array.from(proto.floatData);
      case "float64": return Float64Array.from(proto.doubleData);
      case "int64": return BigInt64Array.from(proto.int64Data, (value) => BigInt(value.toString()));
      case "uint64": return BigUint64Array.from(proto.uint64Data, (value) => BigInt(value.toString()));
      case "uint32": return Uint32Array.from(proto.uint64Data, toNumber);
      case "int8": return Int8Array.from(proto.int32Data);
      case "int16": return Int16Array.from(proto.int32Data);
      case "int32": return Int32Array.from(proto.int32Data);
      case "uint8": case "bool": return Uint8Array.from(proto.int32Data);
      case "uint16": case "float16": case "bfloat16": return Uint16Array.from(proto.int32Data);
    }
  })();
  if (data.length !== sizeOf(shape)) throw new WhylightError("modelCorrupt", { reason: `tensor "${proto.name}" has ${data.length} elements for [${shape.join(", ")}]` });
  return data;
}

/** Tensors below this many bytes are read with the graph: shape computations need them, and they cost nothing. */
const inlineBytes = 2048;

/** An initializer of the file: `[name, initializer]`. Its raw data is not read when it is large. */
export function readInitializer(source: WindowedSource, field: WireField, external: ResolveExternal): [name: string, initializer: Initializer] {
  if (field.length <= inlineBytes) {
    const proto = decodeTensor(source.bytes(field.offset, field.length));
    return [proto.name, initializerOf(proto, external)];
  }
  let raw: WireField | undefined;
  const rest: Uint8Array[] = [];
  let from = field.offset;
  for (const part of walk(source, field.offset, field.offset + field.length)) {
    if (part.id === 9) raw = part;
    else rest.push(source.bytes(from, part.offset + part.length - from).slice());
    from = part.offset + part.length;
  }
  const proto = decodeTensor(concat(rest));
  if (raw === undefined) return [proto.name, initializerOf(proto, external)];
  const dtype = dtypeOf(proto.dataType, `tensor "${proto.name}"`);
  const shape = shapeOf(proto);
  if (raw.length !== sizeOf(shape) * bytesPerElement[dtype]) throw new WhylightError("modelCorrupt", { path: source.path, reason: `tensor "${proto.name}" has ${raw.length} bytes for [${shape.join(", ")}]` });
  return [proto.name, { dtype, shape, range: { file: source.path, offset: raw.offset, length: raw.length } }];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}


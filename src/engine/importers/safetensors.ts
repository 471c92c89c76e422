/** @file The safetensors format: named tensors behind a JSON header, read with every claim checked, and written. */
import { WhylightError, type ErrorCode } from "../errors.js";
import { parseJson } from "../json.js";
import type { Initializer } from "../ir/graph.js";
import { bytesPerElement, sizeOf, type DType, type Tensor } from "../ir/tensor.js";
import { tensorFromBytes } from "../ir/weights.js";
import type { ByteSource } from "./byteSource.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";
import { isShape, weightsOf, type Weights } from "./weights.js";

const dtypes: Readonly<Record<string, DType>> = {
  F64: "float64", F32: "float32", F16: "float16", BF16: "bfloat16", I64: "int64", I32: "int32", I16: "int16", I8: "int8",
  U64: "uint64", U32: "uint32", U16: "uint16", U8: "uint8", BOOL: "bool",
};
const names = Object.fromEntries(Object.entries(dtypes).map(([name, dtype]) => [dtype, name]));

/** The format's own limit; a longer header is a damaged or hostile file. */
const maxHeaderLength = 100_000_000;

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads every tensor of a safetensors file. Nothing is trusted: lengths, types, shapes and byte ranges are checked against each other and
 * the file's size before anything is read. Throws `inputInvalid` with `path` and `reason`.
 */
export function readSafetensors(source: ByteSource): Map<string, Tensor> {
  return new Map(readEntries(source, "inputInvalid").map(({ name, dtype, shape, begin, end }) => [name, tensorFromBytes(dtype, shape, source.read(begin, end - begin))]));
}

/** The tensors of a checkpoint, left in the file: only its header is read. Throws `modelCorrupt` for anything `readSafetensors` refuses. */
export function safetensorsWeights(source: ByteSource): Weights {
  const place = ({ name, dtype, shape, begin, end }: Entry): [string, Initializer] => [name, { dtype, shape, range: { file: source.path, offset: begin, length: end - begin } }];
  return weightsOf(source.path, new Map(readEntries(source, "modelCorrupt").map(place)));
}

/** Every entry, with its place in the file, checked. Throws `code`. */
function readEntries(source: ByteSource, code: ErrorCode): readonly Entry[] {
  const fail = (reason: string): never => {
    throw new WhylightError(code, { path: source.path, reason });
  };
  if (source.size < 8) fail("it is too short for a safetensors file");
  const prefix = source.read(0, 8);
  const headerLength = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > Math.min(maxHeaderLength, source.size - 8)) fail("its header is longer than the file; it is not a safetensors file or is cut short");
  const header = parseHeader(source.read(8, headerLength), fail);
  const dataStart = 8 + headerLength;
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, value]) => readEntry(name, value, fail));
  checkRanges(entries, source.size - dataStart, fail);
  return entries.map((entry) => ({ ...entry, begin: dataStart + entry.begin, end: dataStart + entry.end }));
}

function parseHeader(bytes: Uint8Array, fail: (reason: string) => never): object {
  try {
    const header: unknown = parseJson(decodeUtf8(bytes));
    if (isObject(header)) return header;
  } catch {
    // Falls through to the one sentence for every unreadable header.
  }
  return fail("its header is not JSON; it is not a safetensors file");
}

function readEntry(name: string, value: unknown, fail: (reason: string) => never): Entry {
  if (!isObject(value)) return fail(`tensor "${name}" is not described`);
  const { dtype: typeName, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const dtype = typeof typeName === "string" && Object.hasOwn(dtypes, typeName) ? dtypes[typeName] : undefined;
  if (dtype === undefined) return fail(`tensor "${name}" has an unknown type`);
  if (!isShape(shape)) return fail(`tensor "${name}" has no valid shape`);
  if (!isPlace(offsets)) return fail(`tensor "${name}" has no valid place`);
  const [begin, end] = offsets;
  if (end - begin !== sizeOf(shape) * bytesPerElement[dtype]) return fail(`tensor "${name}" has ${end - begin} bytes, not what its shape needs`);
  return { name, dtype, shape, begin, end };
}

/** The format allows neither overlaps nor gaps nor bytes after the last tensor. */
function checkRanges(entries: readonly Entry[], dataLength: number, fail: (reason: string) => never): void {
  let position = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) fail(`tensor "${name}" does not begin where the one before it ends`);
    position = end;
  }
  if (position > dataLength) fail("it is cut short");
  if (position < dataLength) fail("it has bytes after its last tensor");
}

/** The bytes of a safetensors file that holds `tensors`, in the order given, with its data aligned to 8 bytes. */
export function writeSafetensors(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  // Wide types first keeps every tensor aligned, as the format's own writer does.
  const ordered = Object.entries(tensors).toSorted(([, a], [, b]) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype]);
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, data }] of ordered) {
    header[name] = { dtype: names[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = encodeUtf8(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8 + text.length, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let position = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Begin and end, whole numbers from 0. */
function isPlace(value: unknown): value is readonly [begin: number, end: number] {
  return Array.isArray(value) && value.length === 2 && value.every((offset) => Number.isSafeInteger(offset) && offset >= 0);
}

/** @file What an HDF5 file holds, read by the HDF5 library itself, which sees this one file and nothing else. Meant for a thread of its own: the library is native code fed with strangers' bytes. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import h5wasm, { Dataset, FS, Group, type Attribute, type Metadata } from "h5wasm";
import { bytesPerElement, sizeOf, type DType } from "../../engine/ir/tensor.js";

/** Where the HDF5 bytes are: a part of a file, or memory. */
export type Hdf5Source = { readonly path: string; readonly offset: number; readonly size: number } | { readonly bytes: Uint8Array };

/** A tensor: where its bytes lie, counted from the start of the HDF5 bytes, or the bytes themselves. */
export interface Hdf5Dataset {
  readonly path: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly place: { readonly offset: number; readonly length: number } | undefined;
  readonly bytes: Uint8Array | undefined;
}

/** Texts and lists of texts among the attributes, by the path of their group ("" is the file's own). */
export interface Hdf5Contents {
  readonly attributes: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly datasets: readonly Hdf5Dataset[];
}

/** Limits beyond every real model, so that links in circles end. */
const [deepest, mostObjects] = [64, 200_000];
const longestText = 64 * 2 ** 20;
/** The most that compressed tensors may take, all together. */
const mostBytes = 2 ** 31;
const name = "/model.h5";
/** Training's own tensors. */
const skipped = /^(optimizer|optimizer_weights|training_config)$/;

/** What we find wrong ourselves; everything else is the library's own trouble with the bytes. */
class Hdf5Problem extends Error {}

/** The reason for people. */
export function problemOf(thrown: unknown): string {
  return thrown instanceof Hdf5Problem ? thrown.message : "its HDF5 structure cannot be read";
}

/** Reads the structure, and of the tensors only those that do not lie plainly in the file. Throws anything: the file decides what goes wrong in the library. */
export async function readHdf5(source: Hdf5Source): Promise<Hdf5Contents> {
  await h5wasm.ready;
  const file = "bytes" in source ? undefined : openSync(source.path, "r");
  const size = "bytes" in source ? source.bytes.length : Math.min(source.size, fstatSync(file!).size - source.offset);
  const reads: number[] = [];
  const read = (buffer: Uint8Array, offset: number, length: number, position: number) => {
    reads.push(position);
    const count = Math.max(0, Math.min(length, size - position));
    if ("bytes" in source) buffer.set(source.bytes.subarray(position, position + count), offset);
    return "bytes" in source ? count : readSync(file!, buffer, offset, count, source.offset + position);
  };
  mountFile(size, read);
  const opened = new h5wasm.File(name, "r");
  try {
    return walk(opened, size, reads);
  } finally {
    opened.close();
    FS!.unlink(name);
    if (file !== undefined) closeSync(file);
  }
}

/** The parts of Emscripten's file system that a file read from elsewhere needs. */
interface FileNode {
  stream_ops: object;
}

/** A file in the library's memory whose bytes come from `read`. */
function mountFile(size: number, read: (buffer: Uint8Array, offset: number, length: number, position: number) => number): void {
  const files = FS as unknown as { createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): FileNode };
  const node = files.createFile("/", name.slice(1), {}, true, false);
  node.stream_ops = {
    read: (_: unknown, buffer: Uint8Array, offset: number, length: number, position: number) => read(buffer, offset, length, position),
    llseek: (stream: { position: number }, offset: number, whence: number) => [offset, stream.position + offset, size + offset][whence]!,
  };
  Object.defineProperty(node, "usedBytes", { get: () => size });
}

function walk(root: Group, size: number, reads: number[]): Hdf5Contents {
  const attributes: Record<string, Record<string, string | readonly string[]>> = {};
  const datasets: Hdf5Dataset[] = [];
  const open: { readonly group: Group; readonly path: string; readonly depth: number }[] = [{ group: root, path: "", depth: 0 }];
  let [objects, bytes] = [0, 0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    attributes[at.path] = textAttributes(at.group.attrs);
    for (const key of at.group.keys()) {
      if (++objects > mostObjects || at.depth > deepest) throw new Hdf5Problem("it has too many groups");
      const path = at.path === "" ? key : `${at.path}/${key}`;
      if (skipped.test(path)) continue;
      const entity = at.group.get(key);
      if (entity instanceof Dataset) {
        const dataset = readDataset(entity, path, size, reads, mostBytes - bytes);
        bytes += dataset?.bytes?.length ?? 0;
        if (dataset) datasets.push(dataset);
      } else if (entity instanceof Group) open.push({ group: entity, path, depth: at.depth + 1 });
    }
  }
  return { attributes, datasets };
}

/** Texts only; h5wasm gives a list for one in an array too. */
function textAttributes(attributes: Readonly<Record<string, Attribute>>): Record<string, string | readonly string[]> {
  const isText = ({ metadata: { type, size, total_size: count } }: Attribute) => type === hdf5Types.text && size * count <= longestText;
  return Object.fromEntries(Object.entries(attributes).filter(([, attribute]) => isText(attribute)).flatMap(([key, { value }]): [string, string | readonly string[]][] => {
    if (typeof value === "string") return [[key, value]];
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? [[key, value]] : [];
  }));
}

/** Classes of types, as HDF5 numbers them. */
const hdf5Types = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8 } as const;

/** The type of a tensor's elements; `undefined` for what no weight is. */
function dtypeOf({ type, size, signed, littleEndian, vlen }: Metadata, attributes: () => Readonly<Record<string, Attribute>>): DType | undefined {
  if (vlen || (!littleEndian && size > 1)) return undefined;
  if (type === hdf5Types.float) return ({ 2: "float16", 4: "float32", 8: "float64" } as const)[size];
  if (type === hdf5Types.integer) return ({ 1: ["uint8", "int8"], 2: ["uint16", "int16"], 4: ["uint32", "int32"], 8: ["uint64", "int64"] } as const)[size]?.[signed ? 1 : 0];
  if (type === hdf5Types.enumeration && size === 1) return "bool";
  // Keras keeps bfloat16 as two bytes that HDF5 knows nothing of.
  return type === hdf5Types.opaque && size === 2 && attributes()["dtype"]?.value === "bfloat16" ? "bfloat16" : undefined;
}

function readDataset(dataset: Dataset, path: string, fileSize: number, reads: number[], allowance: number): Hdf5Dataset | undefined {
  const { metadata } = dataset;
  const dtype = dtypeOf(metadata, () => dataset.attrs);
  const shape = metadata.shape ?? [];
  if (dtype === undefined || metadata.virtual_sources?.length) return undefined;
  const length = sizeOf(shape) * bytesPerElement[dtype];
  const described = { path, dtype, shape };
  if (length === 0) return { ...described, place: undefined, bytes: new Uint8Array(0) };
  if (metadata.chunks === null && length > fileSize) throw new Hdf5Problem(`its tensor ${path} is longer than the file`);
  const offset = metadata.chunks === null ? offsetOf(dataset, shape, length, bytesPerElement[dtype], reads) : undefined;
  if (offset !== undefined && offset + length <= fileSize) return { ...described, place: { offset, length }, bytes: undefined };
  if (length > allowance) throw new Hdf5Problem(`its tensor ${path} is longer than any that is read`);
  const { value } = dataset;
  if (!ArrayBuffer.isView(value) || value.byteLength !== length) return undefined;
  return { ...described, place: undefined, bytes: new Uint8Array(value.buffer, value.byteOffset, length).slice() };
}

/** Where a tensor that is stored in one piece begins: the library does not tell, but it is seen from where it reads the first element and the last. */
function offsetOf(dataset: Dataset, shape: readonly number[], length: number, elementSize: number, reads: number[]): number | undefined {
  const readFor = (slices: [number, number][]) => {
    reads.length = 0;
    if (slices.length === 0) void dataset.value;
    else dataset.slice(slices);
    return reads.at(-1);
  };
  const first = readFor(shape.map(() => [0, 1]));
  const last = readFor(shape.map((size) => [size - 1, size]));
  return first !== undefined && last !== undefined && last - first === length - elementSize ? first : undefined;
}

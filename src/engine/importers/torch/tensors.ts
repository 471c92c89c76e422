/** @file Views of storages become initializers: those that lie whole in the file stay there, others are gathered out of their storage. */
import { WhylightError } from "../../errors.js";
import type { FileRange, Initializer } from "../../ir/graph.js";
import { bytesPerElement, sizeOf } from "../../ir/tensor.js";
import { tensorFromBytes } from "../../ir/weights.js";
import { isShape } from "../weights.js";
import type { Storage, StorageType, TorchTensor, View } from "./pickled.js";

/** A storage's bytes: where they lie, unless they had to be unpacked, and reading them. */
export interface StorageBytes {
  readonly length: number;
  readonly range: FileRange | undefined;
  read(offset: number, length: number): Uint8Array;
}

/** Finds storages. Throws `modelCorrupt` for one that the file does not hold. */
export type FindStorage = (storage: Storage) => StorageBytes;

/** Copies of a file's views may take as much as the file, and this. */
const freeCopies = 64 * 2 ** 20;

/** Counts the bytes of a file's views that had to be copied: one that repeats itself could fill the memory. */
export class Copies {
  readonly #path: string;
  #left: number;
  constructor(path: string, size: number) {
    this.#path = path;
    this.#left = size + freeCopies;
  }

  spend(name: string, bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new WhylightError("modelUnsafe", { path: this.#path, reason: `its views, the last of them ${name}, unfold to much more than the file has` });
  }
}

/** Bytes one element of a storage takes. */
export function elementBytes(type: StorageType): number {
  return "dtype" in type ? bytesPerElement[type.dtype] : 1;
}

/** The tensor. Throws `weightUnsupported` for kinds that are not read, `modelCorrupt` for views of more than their storage, `modelUnsafe` for ones that would fill the memory. */
export function initializerOf(name: string, { view }: TorchTensor, find: FindStorage, copies: Copies, path: string): Initializer {
  if (typeof view === "string") throw new WhylightError("weightUnsupported", { path, weight: name, kind: view });
  const { storage, dtype, shape, offset, strides } = view;
  const corrupt = (): never => {
    throw new WhylightError("modelCorrupt", { path, reason: `the weight ${name} lies outside its storage` });
  };
  if (!isShape(shape)) return corrupt();
  const length = sizeOf(shape) * bytesPerElement[dtype];
  if (length === 0) return tensorFromBytes(dtype, shape, new Uint8Array(0));
  const bytes = find(storage);
  const begin = storage.offset * elementBytes(storage.type) + offset * bytesPerElement[dtype];
  const span = (1 + lastOf(shape, strides)) * bytesPerElement[dtype];
  if (!(begin + span <= bytes.length)) return corrupt();
  const contiguous = isContiguous(view);
  if (contiguous && bytes.range !== undefined) return { dtype, shape, range: { file: bytes.range.file, offset: bytes.range.offset + begin, length } };
  copies.spend(name, Math.max(length, span));
  const stored = bytes.read(begin, span);
  return tensorFromBytes(dtype, shape, contiguous ? stored : gather(stored, view));
}

/** The place of a view's last element, counted from its first. */
function lastOf(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 0);
}

function isContiguous({ shape, strides }: View): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** The bytes of a view's elements in row-major order. */
function gather(stored: Uint8Array, { dtype, shape, strides }: View): Uint8Array {
  const size = bytesPerElement[dtype];
  const result = new Uint8Array(sizeOf(shape) * size);
  const position = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to += size) {
    for (let i = 0; i < size; i++) result[to + i] = stored[from * size + i]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

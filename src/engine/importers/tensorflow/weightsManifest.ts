/** @file The weights of TensorFlow.js models: a manifest in `model.json` names them in the order in which their bytes lie in shards beside it. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import { bytesPerElement, float32, sizeOf, toNumbers, type DType, type Tensor } from "../../ir/tensor.js";
import { tensorFromBytes } from "../../ir/weights.js";
import { isRecord } from "../../preprocess/fields.js";
import type { ByteSource } from "../byteSource.js";
import { isShape, type Weights } from "../weights.js";

/** Types of the manifest. Texts have no fixed size and are no weights: they are stepped over. */
const dtypes: Readonly<Record<string, DType>> = { float32: "float32", int32: "int32", bool: "bool", uint8: "uint8", uint16: "uint16", float16: "float16" };
const storedTypes: Readonly<Record<string, DType>> = { float16: "float16", uint8: "uint8", uint16: "uint16" };

/** Where one weight's bytes lie in the shards of its group, set end to end. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly quantization: { readonly stored: DType; readonly scale: number; readonly min: number } | undefined;
  readonly offset: number;
  readonly length: number;
  readonly shards: Shards;
}

type Fail = (reason: string) => never;

/**
 * The weights that `manifest`, the field `weightsManifest` of the file at `path`, describes; `open` gives a shard by its name. Plain numbers and half floats stay where
 * they lie; numbers stored as small integers, and those that go from one shard into the next, are read when somebody asks for them.
 * Throws `modelCorrupt` for a manifest that does not fit its shards, `modelNotFound` and `modelUnsafe` as `open` does.
 */
export function manifestWeights(path: string, manifest: unknown, open: (name: string) => ByteSource): Weights {
  const fail: Fail = (reason) => {
    throw new WhylightError("modelCorrupt", { path, reason });
  };
  if (!Array.isArray(manifest)) return fail("it has no list weightsManifest");
  const entries = new Map(manifest.flatMap((group: unknown) => readGroup(group, open, fail)).map((entry) => [entry.name, entry]));
  const known = new Map<string, Initializer>();
  return {
    path,
    names: [...entries.keys()],
    get: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      const initializer = known.get(name) ?? initializerOf(entry);
      known.set(name, initializer);
      return initializer;
    },
  };
}

function readGroup(group: unknown, open: (name: string) => ByteSource, fail: Fail): readonly Entry[] {
  if (!isRecord(group) || !isTexts(group["paths"]) || !Array.isArray(group["weights"])) return fail("its weightsManifest has a group without paths or weights");
  const shards = new Shards(group["paths"].map(open));
  let offset = 0;
  const entries: Entry[] = [];
  for (const weight of group["weights"] as readonly unknown[]) {
    const entry = readEntry(weight, offset, shards, fail);
    offset += entry.length;
    if (offset > shards.size) fail(`the weight ${entry.name} lies beyond the end of its files`);
    if (entry.dtype !== undefined) entries.push({ ...entry, dtype: entry.dtype });
  }
  return entries;
}

function readEntry(weight: unknown, offset: number, shards: Shards, fail: Fail): Omit<Entry, "dtype"> & { readonly dtype: DType | undefined } {
  if (!isRecord(weight) || typeof weight["name"] !== "string") return fail("its weightsManifest has a weight without a name");
  const { name, shape, dtype: typeName } = weight as { name: string; shape?: unknown; dtype?: unknown };
  if (!isShape(shape)) return fail(`the weight ${name} has no valid shape`);
  const place = { name, shape, offset, shards };
  if (typeName === "string") return { ...place, dtype: undefined, quantization: undefined, length: textsLength(sizeOf(shape), offset, shards, () => fail(`the weight ${name} lies beyond the end of its files`)) };
  const dtype = typeof typeName === "string" && Object.hasOwn(dtypes, typeName) ? dtypes[typeName]! : fail(`the weight ${name} has the unknown type ${String(typeName)}`);
  const quantization = weight["quantization"] === undefined || weight["quantization"] === null ? undefined : readQuantization(name, weight["quantization"], fail);
  return { ...place, dtype, quantization, length: sizeOf(shape) * bytesPerElement[quantization?.stored ?? dtype] };
}

function readQuantization(name: string, value: unknown, fail: Fail): NonNullable<Entry["quantization"]> {
  const { dtype, scale = 1, min = 0 } = isRecord(value) ? value : {};
  const stored = typeof dtype === "string" && Object.hasOwn(storedTypes, dtype) ? storedTypes[dtype] : undefined;
  if (stored === undefined || typeof scale !== "number" || typeof min !== "number") return fail(`the weight ${name} is quantised in an unknown way`);
  return { stored, scale, min };
}

/** A list of texts: each behind its length in four bytes. */
function textsLength(count: number, offset: number, shards: Shards, fail: () => never): number {
  let position = offset;
  for (let i = 0; i < count; i++) {
    if (position + 4 > shards.size) fail();
    const bytes = shards.read(position, 4);
    position += 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    if (position > shards.size) fail();
  }
  return position - offset;
}

function initializerOf({ shape, dtype, quantization, offset, length, shards }: Entry): Initializer {
  const stored = quantization?.stored ?? dtype;
  const range = shards.rangeOf(offset, length);
  if (range && stored === dtype) return { dtype, shape, range };
  if (range && stored === "float16" && dtype === "float32") return { dtype, shape, range, stored };
  const tensor = tensorFromBytes(stored, shape, shards.read(offset, length));
  return quantization ? dequantised(tensor, quantization, dtype) : tensor;
}

/** As TensorFlow.js computes it, in double precision before it is rounded. */
function dequantised(tensor: Tensor, { stored, scale, min }: NonNullable<Entry["quantization"]>, dtype: DType): Tensor {
  const values = stored === "float16" ? toNumbers(tensor) : tensor.data as Uint8Array | Uint16Array;
  if (dtype === "int32") return { dtype, shape: tensor.shape, data: Int32Array.from(values, (value) => Math.round(value * scale + min)) };
  return float32(tensor.shape, Float32Array.from(values, (value) => value * scale + min));
}

/** Files set end to end. */
class Shards {
  readonly size: number;
  readonly #parts: readonly { readonly source: ByteSource; readonly start: number }[];

  constructor(sources: readonly ByteSource[]) {
    let start = 0;
    this.#parts = sources.map((source) => {
      const part = { source, start };
      start += source.size;
      return part;
    });
    this.size = start;
  }

  /** The range of the one file that holds all of it; `undefined` where it goes into the next. */
  rangeOf(offset: number, length: number): { readonly file: string; readonly offset: number; readonly length: number } | undefined {
    const part = this.#parts.find(({ source, start }) => offset >= start && offset + length <= start + source.size);
    return part && { file: part.source.path, offset: offset - part.start, length };
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (const { source, start } of this.#parts) {
      const [from, to] = [Math.max(offset, start), Math.min(offset + length, start + source.size)];
      if (from < to) bytes.set(source.read(from - start, to - from), from - offset);
    }
    return bytes;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

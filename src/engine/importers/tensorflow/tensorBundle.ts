/** @file TensorFlow's checkpoints: an index that names tensors, and the files their bytes lie in. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import { bytesPerElement, sizeOf } from "../../ir/tensor.js";
import type { ByteSource } from "../byteSource.js";
import type { ModelFiles } from "../modelFiles.js";
import { toNumber } from "../protobuf.js";
import { isShape, weightsOf, type Weights } from "../weights.js";
import { dtypes } from "./graphDef.js";
import { decodeBundleEntry, decodeBundleHeader, shapeOf } from "./proto.js";
import { tableEntries } from "./sortedTable.js";

/** Tensors that lie in several slices, as of variables shared out between machines, are left out: nobody reads a part of one. */
type Entry = ReturnType<typeof decodeBundleEntry>;

/** The tensors of the checkpoint `prefix` ("variables/variables"), left in their files; those of texts and the like, which are no weights, are left out. Throws `modelCorrupt`. */
export function bundleWeights(files: Pick<ModelFiles, "open">, prefix: string): Weights {
  const index = files.open(`${prefix}.index`);
  const fail = (reason: string) => new WhylightError("modelCorrupt", { path: index.path, reason });
  const tensors = new Map<string, Initializer>();
  let shards = 1;
  for (const [key, value] of tableEntries(index)) {
    if (key === "") {
      const { numShards, endianness } = decodeBundleHeader(value);
      if (endianness !== 0) throw fail("its numbers are big-endian");
      shards = numShards;
      continue;
    }
    const entry = decodeBundleEntry(value);
    const dtype = dtypes[entry.dtype];
    if (dtype === undefined || entry.slices.length > 0) continue;
    const data = files.open(`${prefix}.data-${digits(entry.shardId)}-of-${digits(shards)}`);
    tensors.set(key, { dtype, ...placeOf(entry, bytesPerElement[dtype], data, () => fail(`the weight ${key} does not lie in its file as its shape says`)) });
  }
  return weightsOf(index.path, tensors);
}

const digits = (value: number) => String(value).padStart(5, "0");

function placeOf({ shape: proto, offset, size }: Entry, width: number, data: ByteSource, fail: () => WhylightError): { readonly shape: readonly number[]; readonly range: { readonly file: string; readonly offset: number; readonly length: number } } {
  const shape = shapeOf(proto) ?? [];
  const [start, length] = [toNumber(offset), toNumber(size)];
  if (!isShape(shape) || length !== sizeOf(shape) * width || start < 0 || start + length > data.size) throw fail();
  return { shape, range: { file: data.path, offset: start, length } };
}

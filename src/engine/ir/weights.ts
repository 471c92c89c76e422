/** @file Initializers brought into memory, by whoever needs their elements. */
import { WhylightError } from "../errors.js";
import type { ReadRange } from "../runtime.js";
import { isInMemory, type Graph, type Initializer } from "./graph.js";
import { bytesPerElement, float32, sizeOf, toFloat32, type DType, type Tensor, type TensorArray } from "./tensor.js";

const arrays: Readonly<Record<DType, new (buffer: ArrayBuffer) => TensorArray>> = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array, bool: Uint8Array,
};

/** Little-endian bytes as a tensor; the bytes are copied, since they may be unaligned. Throws `modelCorrupt` when their number does not fit the shape. */
export function tensorFromBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array): Tensor {
  if (bytes.length !== sizeOf(shape) * bytesPerElement[dtype]) {
    throw new WhylightError("modelCorrupt", { reason: `a tensor of shape [${shape.join(", ")}] has ${bytes.length} bytes` });
  }
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return { dtype, shape, data: new arrays[dtype](copy.buffer) };
}

/** The elements of one initializer, in its dtype whatever the file has. */
export function loadInitializer(initializer: Initializer, readRange: ReadRange): Tensor {
  if (isInMemory(initializer)) return initializer;
  const tensor = loadStored(initializer, readRange);
  return tensor.dtype === initializer.dtype ? tensor : float32(tensor.shape, toFloat32(tensor));
}

/** The elements as the file has them: doubles keep their precision, for those who compute in it. */
export function loadStored(initializer: Initializer, readRange: ReadRange): Tensor {
  return isInMemory(initializer) ? initializer : tensorFromBytes(initializer.stored ?? initializer.dtype, initializer.shape, readRange(initializer.range));
}

/** Every initializer of the graph, in memory. */
export function loadInitializers(graph: Graph, readRange: ReadRange): Map<string, Tensor> {
  return new Map([...graph.initializers].map(([name, initializer]) => [name, loadInitializer(initializer, readRange)]));
}

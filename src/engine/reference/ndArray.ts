/** @file The interpreter's arrays: every element a float64, whatever the dtype says. */
import { isConcrete, type Shape } from "../ir/shape.js";
import { sizeOf, toInt64, toNumbers, type DType, type Tensor } from "../ir/tensor.js";

/** Elements in row-major order as float64; integers stay exact up to 2^53, booleans are 0 and 1. */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A fresh array, zeros unless `data` is given. */
export function ndArray(dtype: DType, shape: readonly number[], data: Float64Array = new Float64Array(sizeOf(shape))): NdArray {
  return { dtype, shape, data };
}

/** An array of an inferred type, which must be concrete. */
export function ndArrayOf(type: { dtype: DType; shape: Shape | undefined }): NdArray {
  if (!isConcrete(type.shape)) throw new Error("internal: the interpreter needs concrete shapes");
  return ndArray(type.dtype, type.shape);
}

export function fromTensor(tensor: Tensor): NdArray {
  const data = tensor.dtype === "float64" ? (tensor.data as Float64Array) : Float64Array.from(toNumbers(tensor));
  return ndArray(tensor.dtype, tensor.shape, data);
}

/** How elements of each dtype are stored outside the interpreter; half floats come out as float32. */
const storage: Readonly<Record<DType, (data: Float64Array) => Tensor["data"]>> = {
  float64: (data) => data,
  float32: (data) => Float32Array.from(data),
  float16: (data) => Float32Array.from(data),
  bfloat16: (data) => Float32Array.from(data),
  int8: (data) => Int8Array.from(data),
  int16: (data) => Int16Array.from(data),
  int32: (data) => Int32Array.from(data),
  int64: (data) => BigInt64Array.from(data as Iterable<number>, toInt64),
  uint8: (data) => Uint8Array.from(data),
  uint16: (data) => Uint16Array.from(data),
  uint32: (data) => Uint32Array.from(data),
  uint64: (data) => BigUint64Array.from(data as Iterable<number>, (value) => BigInt.asUintN(64, toInt64(value))),
  bool: (data) => Uint8Array.from(data),
};

/** Integers that left the range of their type, taken modulo its size as every machine does; 64-bit ones stay as they are, exact up to 2^53. Floats pass. */
export function wrapped(array: NdArray): NdArray {
  if (array.dtype.startsWith("float") || array.dtype === "bfloat16" || array.dtype === "bool") return array;
  if (array.dtype === "uint64") return ndArray("uint64", array.shape, array.data.map((value) => (value < 0 ? value + 2 ** 64 : value % 2 ** 64)));
  return array.dtype === "int64" ? array : ndArray(array.dtype, array.shape, Float64Array.from(storage[array.dtype](array.data) as ArrayLike<number>));
}

/** The array as a tensor. `wide` keeps floats as float64, for the oracle of the tests. */
export function toTensor(array: NdArray, wide = false): Tensor {
  const isFloatLike = array.dtype.startsWith("float") || array.dtype === "bfloat16";
  const dtype = isFloatLike ? (wide || array.dtype === "float64" ? "float64" : "float32") : array.dtype;
  return { dtype, shape: array.shape, data: storage[dtype](array.data) };
}

/**
 * Offsets into an operand of shape `from` for every element of `shape` it broadcasts to, in row-major order.
 * `undefined` when the shapes are equal, so that callers may index directly.
 */
export function broadcastOffsets(from: readonly number[], shape: readonly number[]): Int32Array | undefined {
  if (from.length === shape.length && from.every((dim, i) => dim === shape[i])) return undefined;
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    const axis = i + shape.length - from.length;
    strides[axis] = from[i] === 1 ? 0 : stride;
    stride *= from[i]!;
  }
  return stridedOffsets(shape, strides, 0);
}

/** `base + sum(index[axis] * strides[axis])` for every index of `shape`, in row-major order. */
export function stridedOffsets(shape: readonly number[], strides: readonly number[], base: number): Int32Array {
  let offsets = new Int32Array([base]);
  shape.forEach((dim, axis) => {
    const next = new Int32Array(offsets.length * dim);
    for (let i = 0, at = 0; i < offsets.length; i++) for (let k = 0; k < dim; k++) next[at++] = offsets[i]! + k * strides[axis]!;
    offsets = next;
  });
  return offsets;
}

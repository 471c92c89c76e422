/** @file Tensors as plain data: a dtype, a concrete shape and the elements in row-major order. */

/** The element types of ONNX this engine knows, in ONNX's words. */
export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" | "bool";

/** Every array a tensor's elements may lie in. `float16` and `bfloat16` keep their bits in a Uint16Array, `bool` is 0 or 1 in a Uint8Array. */
export type TensorArray = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | BigUint64Array | Uint8Array | Uint16Array | Uint32Array;

/** Elements in row-major order; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

/** Bytes one element takes, per dtype. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4, float64: 8, float16: 2, bfloat16: 2, int8: 1, int16: 2, int32: 4, int64: 8, uint8: 1, uint16: 2, uint32: 4, uint64: 8, bool: 1,
};

const floatTypes: ReadonlySet<DType> = new Set(["float32", "float64", "float16", "bfloat16"]);

/** Whether a derivative with respect to values of this type makes sense. */
export function isFloat(dtype: DType): boolean {
  return floatTypes.has(dtype);
}

/** The number of elements of a concrete shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A float32 tensor over `data`, which is not copied. */
export function float32(shape: readonly number[], data: ArrayLike<number>): Tensor {
  return { dtype: "float32", shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** An int64 tensor from plain numbers. */
export function int64(shape: readonly number[], data: readonly number[]): Tensor {
  return { dtype: "int64", shape, data: BigInt64Array.from(data, toInt64) };
}

const int64Max = (1n << 63n) - 1n;
const int64Range = 2 ** 63;

/** Rounds towards zero and saturates, as ONNX's "to the end" slices use the largest int64; not-a-number becomes 0. */
export function toInt64(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= int64Range) return int64Max;
  if (value <= -int64Range) return -int64Max - 1n;
  return BigInt(Math.trunc(value));
}

/** The elements as plain numbers (int64 beyond 2^53 rounds, which only "to the end" slices use; half floats are widened). */
export function toNumbers(tensor: Tensor): number[] {
  if (tensor.dtype === "float16") return Array.from(tensor.data as Uint16Array, float16ToNumber);
  if (tensor.dtype === "bfloat16") return Array.from(bfloat16ToFloat32(tensor.data as Uint16Array));
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

const largestFloat32 = 3.4028234663852886e38;

/** The elements of a float tensor in float32; a double beyond its range becomes the largest float32, as masks are made of such numbers. */
export function toFloat32(tensor: Tensor): Float32Array {
  if (tensor.dtype === "float32") return tensor.data as Float32Array;
  if (tensor.dtype === "bfloat16") return bfloat16ToFloat32(tensor.data as Uint16Array);
  if (tensor.dtype === "float16") return Float32Array.from(tensor.data as Uint16Array, float16ToNumber);
  return Float32Array.from(tensor.data as Float64Array, (value) => (Number.isFinite(value) ? Math.max(-largestFloat32, Math.min(largestFloat32, value)) : value));
}

/** IEEE 754 binary16 bits to a number. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

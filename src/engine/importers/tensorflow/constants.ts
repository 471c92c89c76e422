/** @file Constants of TensorFlow's graphs as initializers. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import { bytesPerElement, sizeOf, toInt64, type DType, type Tensor, type TensorArray } from "../../ir/tensor.js";
import { tensorFromBytes } from "../../ir/weights.js";
import { isShape } from "../weights.js";
import { dtypeOf, type TfTensor } from "./graphDef.js";

/** Constants up to this size are kept in memory: shapes are computed from them, and they cost nothing. */
export const inlineBytes = 2048;
/** A few bytes of a file may stand for a tensor of any size, where one element is repeated; up to here it is written out. */
const mostRepeated = 1024;

/** A constant whose elements are all the same, of more than are written out. */
export interface Repeated {
  readonly element: Tensor;
  readonly shape: readonly number[];
}

const arrays: Readonly<Record<DType, (values: readonly number[]) => TensorArray>> = {
  float32: (values) => Float32Array.from(values), float64: (values) => Float64Array.from(values), int8: (values) => Int8Array.from(values), int16: (values) => Int16Array.from(values), int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, toInt64), uint8: (values) => Uint8Array.from(values), uint16: (values) => Uint16Array.from(values), uint32: (values) => Uint32Array.from(values),
  uint64: (values) => BigUint64Array.from(values, (value) => BigInt(Math.max(0, value))), bool: (values) => Uint8Array.from(values),
  // Half floats travel as their bits.
  float16: (values) => Uint16Array.from(values), bfloat16: (values) => Uint16Array.from(values),
};

/** The constant called `name`. `stays` says that large ones may stay in the file. Throws `modelCorrupt`. */
export function constantOf({ dtype: type, shape, content, range, values }: TfTensor, name: string, stays: boolean): Initializer | Repeated {
  const corrupt = (reason: string) => new WhylightError("modelCorrupt", { reason: `the constant ${name} ${reason}` });
  const dtype = dtypeOf(type, `the constant ${name}`);
  const claimed = shape.join(", ");
  if (!isShape(shape)) throw corrupt(`has the shape [${claimed}]`);
  const size = sizeOf(shape);
  if (content.length > 0) {
    if (content.length !== size * bytesPerElement[dtype]) throw corrupt(`has ${content.length} bytes for [${claimed}]`);
    return stays && range && content.length > inlineBytes ? { dtype, shape, range } : tensorFromBytes(dtype, shape, content);
  }
  if (values.length > size) throw corrupt(`has ${values.length} elements for [${claimed}]`);
  if (size <= mostRepeated || values.length === size) return repeated(dtype, shape, values);
  if (values.length > 1) throw corrupt(`has ${values.length} elements for [${claimed}]`);
  return { element: repeated(dtype, [], values), shape };
}

/** The last element stands for all that are missing; none at all means zeros. */
function repeated(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  const data = arrays[dtype]([...values, ...Array<number>(sizeOf(shape) - values.length).fill(0)]);
  if (values.length > 0 && values.length < data.length) data.fill(data[values.length - 1] as never, values.length);
  return { dtype, shape, data };
}

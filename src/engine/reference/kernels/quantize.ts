/** @file Kernels of quantisation. */
import { numberOf } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis } from "../../ir/shape.js";
import { bytesPerElement, type DType } from "../../ir/tensor.js";
import { broadcastOffsets, ndArray, ndArrayOf, stridedOffsets, type NdArray } from "../ndArray.js";
import { roundHalfEven } from "./elementwise.js";
import { required, type Kernel } from "./kernel.js";

/** The smallest and largest number of an integer type. */
export function integerRange(dtype: DType): readonly [low: number, high: number] {
  const bits = 8 * bytesPerElement[dtype];
  return dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** For every element of `shape` the offset of its scale: one for all, one per slice along the axis, or one per block of slices. */
function scaleOffsets(node: Node, scale: readonly number[], shape: readonly number[]): Int32Array {
  const axis = normalizeAxis(numberOf(node, "axis", 1), shape.length);
  const block = numberOf(node, "block_size", 0);
  if (block > 0) {
    const strides = scale.map((_, i) => scale.slice(i + 1).reduce((a, b) => a * b, 1));
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    // Blocks of the axis share a scale; stepping over the axis alone would need a stride that is no whole number.
    const zero = stridedOffsets(shape, strides.map((stride, i) => (i === axis ? 0 : stride)), 0);
    return zero.map((offset, i) => offset + Math.floor((Math.floor(i / inner) % shape[axis]!) / block) * strides[axis]!);
  }
  const aligned = scale.length === 1 && scale[0] !== 1 ? shape.map((_, i) => (i === axis ? scale[0]! : 1)) : [];
  return broadcastOffsets(aligned, shape) ?? stridedOffsets(shape, shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)), 0);
}

/** Rounds halves to even and saturates. The quotient is a float32 wherever it is computed, and that decides what is a half. */
function quantized(x: number, scale: number, zero: number, [low, high]: readonly [number, number]): number {
  return Math.min(high, Math.max(low, roundHalfEven(Math.fround(x / scale)) + zero));
}

const quantizeLinear: Kernel = (node, inputs, types) => {
  const [x, scale, zero] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const at = scaleOffsets(node, scale.shape, x.shape);
  const y = ndArrayOf(types[0]!);
  const range = integerRange(y.dtype);
  x.data.forEach((value, i) => { y.data[i] = quantized(value, scale.data[at[i]!]!, zero?.data[at[i]!] ?? 0, range); });
  return [y];
};

const dequantizeLinear: Kernel = (node, inputs) => {
  const [x, scale, zero] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const at = scaleOffsets(node, scale.shape, x.shape);
  return [ndArray(scale.dtype, x.shape, x.data.map((value, i) => (value - (zero?.data[at[i]!] ?? 0)) * scale.data[at[i]!]!))];
};

/** The range of the data, widened to hold 0, spread over 0 to 255. */
const dynamicQuantizeLinear: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const [low, high] = [x.data.reduce((a, b) => Math.min(a, b), 0), x.data.reduce((a, b) => Math.max(a, b), 0)];
  // The scale is a result, and so float32: what it is divided by decides on which side of a half an element falls.
  const scale = Math.fround((high - low) / 255);
  const zero = quantized(-low, scale, 0, [0, 255]);
  const y: NdArray = ndArray("uint8", x.shape, x.data.map((value) => quantized(value, scale, zero, [0, 255])));
  return [y, ndArray("float32", [], Float64Array.of(scale)), ndArray("uint8", [], Float64Array.of(zero))].slice(0, types.length);
};

export const quantizeKernels: Readonly<Record<string, Kernel>> = { QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear, DynamicQuantizeLinear: dynamicQuantizeLinear };

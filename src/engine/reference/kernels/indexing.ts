/** @file Kernels that pick or place elements by index. */
import { numberOf, textOf } from "../../ir/attributes.js";
import { normalizeAxis, stridesOf } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { ndArray, ndArrayOf, stridedOffsets, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

const combine: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update, add: (old, update) => old + update, mul: (old, update) => old * update, max: Math.max, min: Math.min,
};

/** Offsets into `x` that `GatherElements` and `ScatterElements` address: the position itself, its place along the axis taken from the index. */
function elementOffsets(x: NdArray, indices: NdArray, rawAxis: number): Float64Array {
  const axis = normalizeAxis(rawAxis, x.shape.length);
  const strides = stridesOf(x.shape);
  const bases = stridedOffsets(indices.shape, strides.map((stride, i) => (i === axis ? 0 : stride)), 0);
  return indices.data.map((raw, i) => bases[i]! + normalizeAxis(raw, x.shape[axis]!) * strides[axis]!);
}

const gatherElements: Kernel = (node, inputs) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  return [ndArray(x.dtype, indices.shape, elementOffsets(x, indices, numberOf(node, "axis", 0)).map((at) => x.data[at]!))];
};

const scatterElements: Kernel = (node, inputs) => {
  const [x, indices, updates] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const apply = combine[textOf(node, "reduction", "none")]!;
  const y = ndArray(x.dtype, x.shape, x.data.slice());
  elementOffsets(x, indices, numberOf(node, "axis", 0)).forEach((at, i) => { y.data[at] = apply(y.data[at]!, updates.data[i]!); });
  return [y];
};

/** Where each index tuple points, and how many consecutive elements it stands for. */
function tupleOffsets(shape: readonly number[], indices: NdArray, batchDims: number): { offsets: number[]; run: number } {
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(shape);
  const batchSize = sizeOf(indices.shape.slice(batchDims, -1));
  const count = sizeOf(indices.shape.slice(0, -1));
  const offsets = Array.from({ length: count }, (_, i) => {
    let at = batchDims === 0 ? 0 : Math.floor(i / batchSize) * strides[batchDims - 1]!;
    for (let k = 0; k < depth; k++) at += normalizeAxis(indices.data[i * depth + k]!, shape[batchDims + k]!) * strides[batchDims + k]!;
    return at;
  });
  return { offsets, run: sizeOf(shape.slice(batchDims + depth)) };
}

const gatherNd: Kernel = (node, inputs, types) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const { offsets, run } = tupleOffsets(x.shape, indices, numberOf(node, "batch_dims", 0));
  const y = ndArrayOf(types[0]!);
  offsets.forEach((from, i) => y.data.set(x.data.subarray(from, from + run), i * run));
  return [y];
};

const scatterNd: Kernel = (node, inputs) => {
  const [x, indices, updates] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const apply = combine[textOf(node, "reduction", "none")]!;
  const { offsets, run } = tupleOffsets(x.shape, indices, 0);
  const y = ndArray(x.dtype, x.shape, x.data.slice());
  offsets.forEach((from, i) => { for (let k = 0; k < run; k++) y.data[from + k] = apply(y.data[from + k]!, updates.data[i * run + k]!); });
  return [y];
};

const trilu: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const diagonal = inputs[1]?.data[0] ?? 0;
  const isUpper = numberOf(node, "upper", 1) === 1;
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return [ndArray(x.dtype, x.shape, x.data.map((value, i) => {
    const offset = (i % columns) - (Math.floor(i / columns) % rows);
    return (isUpper ? offset >= diagonal : offset <= diagonal) ? value : 0;
  }))];
};

/** Equal elements keep the order of their indices. */
const topK: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const [values, indices] = [ndArrayOf(types[0]!), ndArray("int64", ndArrayOf(types[0]!).shape)];
  const axis = normalizeAxis(numberOf(node, "axis", -1), x.shape.length);
  const sign = numberOf(node, "largest", 1) === 1 ? -1 : 1;
  const [size, k, inner] = [x.shape[axis]!, values.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  for (let line = 0; line < x.data.length / (size || 1); line++) {
    const at = (i: number, length: number) => (Math.floor(line / inner) * length + i) * inner + (line % inner);
    const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => sign * (x.data[at(a, size)]! - x.data[at(b, size)]!) || a - b);
    for (let i = 0; i < k; i++) {
      indices.data[at(i, k)] = order[i]!;
      values.data[at(i, k)] = x.data[at(order[i]!, size)]!;
    }
  }
  return [values, indices].slice(0, types.length);
};

const nonZero: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  const [rank, count] = y.shape as [number, number];
  const strides = stridesOf(x.shape);
  let column = 0;
  x.data.forEach((value, i) => {
    if (value === 0) return;
    for (let axis = 0; axis < rank; axis++) y.data[axis * count + column] = x.shape.length === 0 ? 0 : Math.floor(i / strides[axis]!) % x.shape[axis]!;
    column++;
  });
  return [y];
};

const compress: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  const isFlat = node.attributes["axis"] === undefined;
  const axis = isFlat ? 0 : normalizeAxis(numberOf(node, "axis", 0), x.shape.length);
  const shape = isFlat ? [x.data.length] : x.shape;
  const chosen = Array.from(required(inputs, 1).data.keys()).filter((i) => required(inputs, 1).data[i] !== 0 && i < shape[axis]!);
  const inner = sizeOf(shape.slice(axis + 1));
  let to = 0;
  for (let outer = 0; outer < sizeOf(shape.slice(0, axis)); outer++) for (const i of chosen) {
    const from = (outer * shape[axis]! + i) * inner;
    y.data.set(x.data.subarray(from, from + inner), to);
    to += inner;
  }
  return [y];
};

const eyeLike: Kernel = (node, _, types) => {
  const y = ndArrayOf(types[0]!);
  const [rows, columns] = y.shape as [number, number];
  const k = numberOf(node, "k", 0);
  for (let row = 0; row < rows; row++) if (row + k >= 0 && row + k < columns) y.data[row * columns + row + k] = 1;
  return [y];
};

const reverseSequence: Kernel = (node, inputs) => {
  const [x, lengths] = [required(inputs, 0), required(inputs, 1).data];
  const [batchAxis, timeAxis] = [numberOf(node, "batch_axis", 1), numberOf(node, "time_axis", 0)];
  const strides = stridesOf(x.shape);
  return [ndArray(x.dtype, x.shape, x.data.map((_, i) => {
    const [batch, time] = [batchAxis, timeAxis].map((axis) => Math.floor(i / strides[axis]!) % x.shape[axis]!) as [number, number];
    const length = lengths[batch]!;
    return x.data[time < length ? i + (length - 1 - 2 * time) * strides[timeAxis]! : i]!;
  }))];
};

export const indexingKernels: Readonly<Record<string, Kernel>> = {
  GatherElements: gatherElements, ScatterElements: scatterElements, GatherND: gatherNd, ScatterND: scatterNd, Trilu: trilu, TopK: topK, NonZero: nonZero, Compress: compress, EyeLike: eyeLike,
  ReverseSequence: reverseSequence,
};

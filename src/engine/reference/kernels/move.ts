/** @file Kernels that move elements without computing. */
import { numberOf, numbersOf, tensorOf, textOf } from "../../ir/attributes.js";
import { normalizeAxis, stridesOf } from "../../ir/shape.js";
import { sliceRange } from "../../ir/shapeRules/move.js";
import { sizeOf } from "../../ir/tensor.js";
import { broadcastOffsets, fromTensor, ndArray, ndArrayOf, stridedOffsets, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

/** The elements at these offsets, in a new shape. */
function take(x: NdArray, shape: readonly number[], offsets: Int32Array): NdArray {
  const y = ndArray(x.dtype, shape);
  for (let i = 0; i < offsets.length; i++) y.data[i] = x.data[offsets[i]!]!;
  return y;
}

const reshape: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  return [ndArray(x.dtype, ndArrayOf({ dtype: x.dtype, shape: types[0]!.shape }).shape, x.data)];
};

const transpose: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const perm = numbersOf(node, "perm") ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  return [take(x, shape, stridedOffsets(shape, perm.map((axis) => strides[axis]!), 0))];
};

const concat: Kernel = (node, inputs, types) => {
  const y = ndArrayOf(types[0]!);
  const axis = normalizeAxis(numberOf(node, "axis", 0), y.shape.length);
  const inner = sizeOf(y.shape.slice(axis));
  let at = 0;
  inputs.forEach((_, i) => {
    const x = required(inputs, i);
    const chunk = sizeOf(x.shape.slice(axis));
    for (let row = 0; row < x.data.length / (chunk || 1); row++) y.data.set(x.data.subarray(row * chunk, (row + 1) * chunk), row * inner + at);
    at += chunk;
  });
  return [y];
};

const split: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const axis = normalizeAxis(numberOf(node, "axis", 0), x.shape.length);
  const strides = stridesOf(x.shape);
  let from = 0;
  return types.map((type) => {
    const { shape } = ndArrayOf(type);
    const part = take(x, shape, stridedOffsets(shape, strides, from * strides[axis]!));
    from += shape[axis]!;
    return part;
  });
};

const slice: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const [starts, ends] = [required(inputs, 1).data, required(inputs, 2).data];
  const axes = inputs[3] ? Array.from(inputs[3].data) : Array.from(starts, (_, i) => i);
  const strides = [...stridesOf(x.shape)];
  let base = 0;
  axes.forEach((rawAxis, i) => {
    const axis = normalizeAxis(rawAxis, x.shape.length);
    const step = inputs[4]?.data[i] ?? 1;
    base += sliceRange(x.shape[axis]!, starts[i]!, ends[i]!, step).start * strides[axis]!;
    strides[axis]! *= step;
  });
  const { shape } = ndArrayOf(types[0]!);
  return [take(x, shape, stridedOffsets(shape, strides, base))];
};

const gather: Kernel = (node, inputs, types) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const axis = normalizeAxis(numberOf(node, "axis", 0), x.shape.length);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const size = x.shape[axis]!;
  const y = ndArrayOf(types[0]!);
  let at = 0;
  for (let outer = 0; outer < sizeOf(x.shape.slice(0, axis)); outer++) for (const raw of indices.data) {
    const from = (outer * size + normalizeAxis(raw, size)) * inner;
    y.data.set(x.data.subarray(from, from + inner), at);
    at += inner;
  }
  return [y];
};

const expand: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const { shape } = ndArrayOf(types[0]!);
  return [take(x, shape, broadcastOffsets(x.shape, shape) ?? Int32Array.from(x.data, (_, i) => i))];
};

/** Where a padded position reads from along one axis, or -1 for the constant. */
const padSources: Readonly<Record<string, (i: number, size: number) => number>> = {
  constant: (i, size) => (i < 0 || i >= size ? -1 : i),
  edge: (i, size) => Math.min(Math.max(i, 0), size - 1),
  reflect: (i, size) => { const period = 2 * (size - 1) || 1; const at = ((i % period) + period) % period; return at < size ? at : period - at; },
  wrap: (i, size) => ((i % size) + size) % size,
};

const pad: Kernel = (node, inputs, types) => {
  const [x, pads, value] = [required(inputs, 0), required(inputs, 1).data, inputs[2]?.data[0] ?? 0];
  const axes = inputs[3] ? Array.from(inputs[3].data, (axis) => normalizeAxis(axis, x.shape.length)) : x.shape.map((_, i) => i);
  const source = padSources[textOf(node, "mode", "constant")]!;
  const y = ndArrayOf(types[0]!);
  const [from, to] = [stridesOf(x.shape), stridesOf(y.shape)];
  const before = x.shape.map((_, axis) => pads[axes.indexOf(axis)] ?? 0);
  for (let i = 0; i < y.data.length; i++) {
    let at = 0;
    for (let axis = 0; axis < y.shape.length && at >= 0; axis++) {
      const position = source((Math.floor(i / to[axis]!) % y.shape[axis]!) - before[axis]!, x.shape[axis]!);
      at = position < 0 ? -1 : at + position * from[axis]!;
    }
    y.data[i] = at < 0 ? value : x.data[at]!;
  }
  return [y];
};

const tile: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  const [from, to] = [stridesOf(x.shape), stridesOf(y.shape)];
  for (let i = 0; i < y.data.length; i++) {
    let at = 0;
    x.shape.forEach((dim, axis) => { at += (Math.floor(i / to[axis]!) % dim) * from[axis]!; });
    y.data[i] = x.data[at]!;
  }
  return [y];
};

const shape: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const end = node.attributes["end"] === undefined ? undefined : numberOf(node, "end", 0);
  return [ndArray("int64", ndArrayOf(types[0]!).shape, Float64Array.from(x.shape.slice(numberOf(node, "start", 0), end)))];
};

const constantOfShape: Kernel = (node, _, types) => {
  const y = ndArrayOf(types[0]!);
  const value = tensorOf(node, "value");
  return [value ? ndArray(y.dtype, y.shape, y.data.fill(fromTensor(value).data[0]!)) : y];
};

const range: Kernel = (_, inputs, types) => {
  const y = ndArrayOf(types[0]!);
  const [start, delta] = [required(inputs, 0).data[0]!, required(inputs, 2).data[0]!];
  return [ndArray(y.dtype, y.shape, y.data.map((_, i) => start + i * delta))];
};

const oneHot: Kernel = (node, inputs, types) => {
  const [indices, depth, [off, on]] = [required(inputs, 0), required(inputs, 1).data[0]!, required(inputs, 2).data as unknown as [number, number]];
  const y = ndArrayOf(types[0]!);
  const inner = sizeOf(indices.shape.slice(normalizeAxis(numberOf(node, "axis", -1), y.shape.length)));
  y.data.fill(off);
  indices.data.forEach((raw, i) => {
    const hot = raw < 0 ? raw + depth : raw;
    if (hot >= 0 && hot < depth) y.data[(Math.floor(i / inner) * depth + hot) * inner + (i % inner)] = on;
  });
  return [y];
};

const cumSum: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const axis = normalizeAxis(required(inputs, 1).data[0]!, x.shape.length);
  const [exclusive, reverse] = [numberOf(node, "exclusive", 0) === 1, numberOf(node, "reverse", 0) === 1];
  const [length, step] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const y = ndArray(x.dtype, x.shape);
  for (let line = 0; line < x.data.length / length; line++) {
    const from = Math.floor(line / step) * step * length + (line % step);
    let sum = 0;
    for (let k = 0; k < length; k++) {
      const at = from + (reverse ? length - 1 - k : k) * step;
      y.data[at] = exclusive ? sum : sum + x.data[at]!;
      sum += x.data[at]!;
    }
  }
  return [y];
};

/** Depth and space blocks swap through one transpose; `DCR` and `CRD` differ in where the block axes stand. */
const blocks = (toSpace: boolean): Kernel => (node, inputs, types) => {
  const x = required(inputs, 0);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const b = numberOf(node, "blocksize", 1);
  const crd = textOf(node, "mode", "DCR") === "CRD";
  const [from, perm] = toSpace
    ? crd ? [[n, c / (b * b), b, b, h, w], [0, 1, 4, 2, 5, 3]] : [[n, b, b, c / (b * b), h, w], [0, 3, 4, 1, 5, 2]]
    : [[n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4]];
  const strides = stridesOf(from);
  const to = perm.map((axis) => from[axis]!);
  return [take(x, ndArrayOf(types[0]!).shape, stridedOffsets(to, perm.map((axis) => strides[axis]!), 0))];
};

export const moveKernels: Readonly<Record<string, Kernel>> = {
  Reshape: reshape, Flatten: reshape, Squeeze: reshape, Unsqueeze: reshape, Transpose: transpose, Concat: concat, Split: split, Slice: slice, Gather: gather, Expand: expand, Pad: pad, Tile: tile,
  Shape: shape, Size: (_, inputs) => [ndArray("int64", [], Float64Array.of(sizeOf(required(inputs, 0).shape)))], ConstantOfShape: constantOfShape, Range: range, OneHot: oneHot, CumSum: cumSum,
  DepthToSpace: blocks(true), SpaceToDepth: blocks(false),
};

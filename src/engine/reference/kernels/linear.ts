/** @file Kernels of matrix products and convolutions, written as the definitions read. */
import { numberOf, textOf, windowOf } from "../../ir/attributes.js";
import { readEinsum } from "../../ir/einsum.js";
import { stridesOf } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { broadcastOffsets, ndArray, ndArrayOf, stridedOffsets, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

const matMul: Kernel = (_, inputs, types) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  const [aShape, bShape] = [a.shape.length === 1 ? [1, ...a.shape] : a.shape, b.shape.length === 1 ? [...b.shape, 1] : b.shape];
  const [rows, inner, columns] = [aShape.at(-2)!, aShape.at(-1)!, bShape.at(-1)!];
  const result = ndArrayOf(types[0]!);
  const batches = result.data.length / (rows * columns || 1);
  const batchShape = batchOf(aShape, bShape);
  const [atA, atB] = [aShape, bShape].map((shape) => broadcastOffsets(shape.slice(0, -2), batchShape));
  for (let n = 0; n < batches; n++) {
    const [fromA, fromB, to] = [(atA ? atA[n]! : n) * rows * inner, (atB ? atB[n]! : n) * inner * columns, n * rows * columns];
    for (let i = 0; i < rows; i++) for (let k = 0; k < inner; k++) {
      const left = a.data[fromA + i * inner + k]!;
      for (let j = 0; j < columns; j++) result.data[to + i * columns + j]! += left * b.data[fromB + k * columns + j]!;
    }
  }
  return [result];
};

function batchOf(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length) - 2;
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length - 2] ?? 1, b[i - rank + b.length - 2] ?? 1));
}

const gemm: Kernel = (node, inputs, types) => {
  const [a, b, c] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const [alpha, beta] = [numberOf(node, "alpha", 1), numberOf(node, "beta", 1)];
  const result = ndArrayOf(types[0]!);
  const [rows, columns] = result.shape as [number, number];
  const transA = numberOf(node, "transA", 0) === 1;
  const [aRow, aStep] = transA ? [1, rows] : [a.shape[1]!, 1];
  const inner = transA ? a.shape[0]! : a.shape[1]!;
  const [bStep, bColumn] = numberOf(node, "transB", 0) ? [1, inner] : [columns, 1];
  const atC = c && broadcastOffsets(c.shape, result.shape);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a.data[i * aRow + k * aStep]! * b.data[k * bStep + j * bColumn]!;
    const at = i * columns + j;
    result.data[at] = alpha * sum + (c ? beta * c.data[atC ? atC[at]! : at]! : 0);
  }
  return [result];
};

/** For every output position and kernel tap: the flat input position, or -1 in the padding. */
export function taps(node: Parameters<typeof windowOf>[0], kernel: readonly number[], input: readonly number[], output: readonly number[]): Int32Array {
  const { strides, dilations, pads } = windowOf(node, kernel);
  const inputStrides = stridesOf(input);
  const [positions, size] = [sizeOf(output), sizeOf(kernel)];
  const [outputStrides, kernelStrides] = [stridesOf(output), stridesOf(kernel)];
  const result = new Int32Array(positions * size);
  for (let p = 0; p < positions; p++) for (let t = 0; t < size; t++) {
    let at = 0;
    for (let axis = 0; axis < kernel.length && at >= 0; axis++) {
      const o = Math.floor(p / outputStrides[axis]!) % output[axis]!;
      const k = Math.floor(t / kernelStrides[axis]!) % kernel[axis]!;
      const i = o * strides[axis]! + k * dilations[axis]! - pads[axis]!;
      at = i < 0 || i >= input[axis]! ? -1 : at + i * inputStrides[axis]!;
    }
    result[p * size + t] = at;
  }
  return result;
}

/** Shared by `Conv` (gathers through the taps) and `ConvTranspose` (scatters through them). */
const convolution = (transposed: boolean): Kernel => (node, inputs, types) => {
  const [x, w, bias] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const result = ndArrayOf(types[0]!);
  const group = numberOf(node, "group", 1);
  // `wide` is the side the window slides over: the input of Conv, the output of ConvTranspose.
  const [wide, narrow] = transposed ? [result, x] : [x, result];
  const kernel = w.shape.slice(2);
  const at = taps(node, kernel, wide.shape.slice(2), narrow.shape.slice(2));
  const [taken, wideSize, narrowSize] = [sizeOf(kernel), sizeOf(wide.shape.slice(2)), sizeOf(narrow.shape.slice(2))];
  const [batch, wideChannels, narrowChannels] = [x.shape[0]!, wide.shape[1]!, narrow.shape[1]!];
  const [widePerGroup, narrowPerGroup] = [wideChannels / group, narrowChannels / group];
  for (let n = 0; n < batch; n++) for (let g = 0; g < group; g++) for (let cn = 0; cn < narrowPerGroup; cn++) for (let cw = 0; cw < widePerGroup; cw++) {
    const narrowChannel = g * narrowPerGroup + cn;
    const narrowBase = (n * narrowChannels + narrowChannel) * narrowSize;
    const wideBase = (n * wideChannels + g * widePerGroup + cw) * wideSize;
    const weights = (narrowChannel * widePerGroup + cw) * taken;
    for (let p = 0; p < narrowSize; p++) for (let t = 0; t < taken; t++) {
      const i = at[p * taken + t]!;
      if (i < 0) continue;
      if (transposed) result.data[wideBase + i]! += x.data[narrowBase + p]! * w.data[weights + t]!;
      else result.data[narrowBase + p]! += x.data[wideBase + i]! * w.data[weights + t]!;
    }
  }
  if (bias) {
    const size = sizeOf(result.shape.slice(2));
    const offsets = stridedOffsets(result.shape.slice(0, 2), [0, 1], 0);
    for (let i = 0; i < result.data.length; i++) result.data[i]! += bias.data[offsets[Math.floor(i / size)]!]!;
  }
  return [result];
};

/** Every label is a loop: slow, and plainly the definition. An axis of 1 stands still while its label runs. */
const einsum: Kernel = (node, inputs, types) => {
  const arrays = inputs.map((_, i) => required(inputs, i));
  const read = readEinsum(textOf(node, "equation", ""), arrays.map(({ shape }) => shape.length));
  if (typeof read === "string") throw new Error(`internal: ${read}`);
  const result = ndArrayOf(types[0]!);
  const sizes = new Map<string, number>();
  read.operands.forEach((labels, i) => labels.forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? (arrays[i]!.shape[axis] === 0 ? 0 : 1), arrays[i]!.shape[axis]!))));
  const summed = [...sizes.keys()].filter((label) => !read.output.includes(label));
  const loops = [...read.output, ...summed];
  const extents = loops.map((label) => sizes.get(label)!);
  const offsets = read.operands.map((labels, i) => {
    const strides = stridesOf(arrays[i]!.shape);
    return stridedOffsets(extents, loops.map((label) => labels.reduce((sum, own, axis) => sum + (own === label && arrays[i]!.shape[axis] !== 1 ? strides[axis]! : 0), 0)), 0);
  });
  const terms = sizeOf(summed.map((label) => sizes.get(label)!));
  for (let i = 0; i < result.data.length * terms; i++) result.data[Math.floor(i / terms)]! += arrays.reduce((product, { data }, k) => product * data[offsets[k]![i]!]!, 1);
  return [result];
};

/** Integers less their zero points, which are one number or, for the other operand, one per row or column or output channel. */
function centred(x: NdArray, zero: NdArray | undefined, axis: number): NdArray {
  if (zero === undefined) return x;
  const shape = x.shape.map((_, i) => (i === axis + (axis < 0 ? x.shape.length : 0) ? zero.data.length : 1));
  const at = broadcastOffsets(zero.shape.length > 1 ? zero.shape : shape, x.shape);
  return ndArray("int32", x.shape, x.data.map((value, i) => value - zero.data[zero.data.length === 1 ? 0 : at ? at[i]! : i]!));
}

const matMulInteger: Kernel = (node, inputs, types) => matMul(node, [centred(required(inputs, 0), inputs[2], -2), centred(required(inputs, 1), inputs[3], -1)], types);
const convInteger: Kernel = (node, inputs, types) => convolution(false)(node, [centred(required(inputs, 0), inputs[2], -1), centred(required(inputs, 1), inputs[3], 0)], types);

export const linearKernels: Readonly<Record<string, Kernel>> = { MatMul: matMul, Gemm: gemm, Conv: convolution(false), ConvTranspose: convolution(true), Einsum: einsum, MatMulInteger: matMulInteger, ConvInteger: convInteger };

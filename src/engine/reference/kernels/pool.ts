/** @file Pooling kernels and the gradient of max pooling. */
import { numberOf, numbersOf, textOf, windowOf } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import { stridesOf } from "../../ir/shape.js";
import { unpooled } from "../../ir/shapeRules/linear.js";
import { sizeOf } from "../../ir/tensor.js";
import { ndArray, ndArrayOf, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";
import { taps } from "./linear.js";

/** Calls `visit` once per output element with the flat positions of its window's taps inside the input (padding left out). */
function windows(node: Node, x: NdArray, output: readonly number[], visit: (at: number, positions: readonly number[]) => void): void {
  const kernel = numbersOf(node, "kernel_shape")!;
  const at = taps(node, kernel, x.shape.slice(2), output.slice(2));
  const [taken, inputSize, outputSize] = [sizeOf(kernel), sizeOf(x.shape.slice(2)), sizeOf(output.slice(2))];
  const planes = x.shape[0]! * x.shape[1]!;
  for (let p = 0; p < outputSize; p++) {
    const inside = Array.from(at.subarray(p * taken, (p + 1) * taken)).filter((i) => i >= 0);
    for (let plane = 0; plane < planes; plane++) visit(plane * outputSize + p, inside.map((i) => i + plane * inputSize));
  }
}

/** The first maximum in row-major order, as PyTorch takes. */
function argMax(x: NdArray, positions: readonly number[]): number {
  let best = positions[0]!;
  for (const i of positions) if (x.data[i]! > x.data[best]!) best = i;
  return best;
}

/** The same element counted with the first spatial axis varying fastest, as `storage_order` 1 asks; batch and channel count as before. */
function asColumnMajor(at: number, shape: readonly number[]): number {
  const spatial = shape.slice(2);
  const size = sizeOf(spatial);
  let [rest, stride, result] = [at % size, size, 0];
  [...spatial].reverse().forEach((dim) => {
    stride /= dim;
    result += (rest % dim) * stride;
    rest = Math.floor(rest / dim);
  });
  return at - (at % size) + result;
}

const maxPool: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  const indices = ndArray("int64", y.shape);
  const columnMajor = numberOf(node, "storage_order", 0) === 1;
  windows(node, x, y.shape, (at, positions) => {
    const best = argMax(x, positions);
    y.data[at] = x.data[best]!;
    indices.data[at] = columnMajor ? asColumnMajor(best, x.shape) : best;
  });
  return [y, indices].slice(0, types.length);
};

const maxPoolGrad: Kernel = (node, inputs, types) => {
  const [x, y, dy] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const dx = ndArrayOf(types[0]!);
  windows(node, x, y.shape, (at, positions) => { dx.data[argMax(x, positions)]! += dy.data[at]!; });
  return [dx];
};

/**
 * What each window of an `AveragePool` divides by: its taps inside the input or, with `count_include_pad`, inside the padded input,
 * past which the last window of `ceil_mode` may reach (as PyTorch and ONNX Runtime count).
 */
export function windowCounts(node: Node, input: readonly number[], output: readonly number[]): number[] {
  const kernel = numbersOf(node, "kernel_shape")!;
  const { pads } = windowOf(node, kernel);
  const isPadded = numberOf(node, "count_include_pad", 0) === 1;
  const positions = isPadded
    ? taps({ ...node, attributes: { ...node.attributes, pads: pads.map(() => 0) } }, kernel, input.map((size, i) => size + pads[i]! + pads[i + kernel.length]!), output)
    : taps(node, kernel, input, output);
  const taken = sizeOf(kernel);
  return Array.from({ length: sizeOf(output) }, (_, i) => positions.subarray(i * taken, (i + 1) * taken).reduce((count, at) => count + (at >= 0 ? 1 : 0), 0));
}

const averagePool: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  if (textOf(node, "auto_pad", "NOTSET") !== "NOTSET") throw new Error("internal: auto_pad is resolved before running");
  const counts = windowCounts(node, x.shape.slice(2), y.shape.slice(2));
  windows(node, x, y.shape, (at, positions) => {
    y.data[at] = positions.reduce((sum, i) => sum + x.data[i]!, 0) / counts[at % counts.length]!;
  });
  return [y];
};

const lp = (values: readonly number[] | Float64Array, p: number) => {
  let sum = 0;
  for (const value of values) sum += Math.abs(value) ** p;
  return sum ** (1 / p);
};

const lpPool: Kernel = (node, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  windows(node, x, y.shape, (at, positions) => { y.data[at] = lp(positions.map((i) => x.data[i]!), numberOf(node, "p", 2)); });
  return [y];
};

/** Indices count over the input of the pooling that this undoes; a larger output leaves the rest 0. */
const maxUnpool: Kernel = (node, inputs, types) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const y = ndArrayOf(types[0]!);
  const inner = unpooled(x.shape.slice(2), windowOf(node, numbersOf(node, "kernel_shape")!)) as number[];
  const [from, to] = [stridesOf([...x.shape.slice(0, 2), ...inner]), stridesOf(y.shape)];
  indices.data.forEach((at, i) => {
    const place = from.reduce((sum, stride, axis) => sum + (Math.floor(at / stride) % (axis < 2 ? x.shape[axis]! : inner[axis - 2]!)) * to[axis]!, 0);
    y.data[place] = x.data[i]!;
  });
  return [y];
};

const globalPool = (reduce: (values: Float64Array, node: Node) => number): Kernel => (node, inputs, types) => {
  const x = required(inputs, 0);
  const y = ndArrayOf(types[0]!);
  const size = sizeOf(x.shape.slice(2));
  for (let i = 0; i < y.data.length; i++) y.data[i] = reduce(x.data.subarray(i * size, (i + 1) * size), node);
  return [y];
};

export const poolKernels: Readonly<Record<string, Kernel>> = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  AveragePool: averagePool,
  LpPool: lpPool,
  MaxUnpool: maxUnpool,
  GlobalLpPool: globalPool((values, node) => lp(values, numberOf(node, "p", 2))),
  GlobalAveragePool: globalPool((values) => values.reduce((a, b) => a + b, 0) / values.length),
  GlobalMaxPool: globalPool((values) => values.reduce((a, b) => Math.max(a, b), -Infinity)),
};

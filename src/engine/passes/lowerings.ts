/** @file Lowering rules that runtimes pick from. */
import { numberOf, numbersOf } from "../ir/attributes.js";
import type { GraphBuilder } from "../ir/builder.js";
import { isFloat, sizeOf } from "../ir/tensor.js";
import type { LoweringRule } from "./lower.js";

/** `MaxPool` also tells where each maximum was; the cotangents are added there. */
export const maxPoolGradByIndices: LoweringRule = (graph, node, { producer, replace }) => {
  const [x, y, dy] = node.inputs as [string, string, string];
  const shape = graph.shape(x);
  const pool = producer(y);
  let indices: string;
  if (pool?.op === "MaxPool" && numberOf(pool, "storage_order", 0) === 0) {
    indices = pool.outputs[1] ?? `${y}:indices`;
    if (pool.outputs[1] === undefined) replace({ ...pool, outputs: [y, indices] });
  } else indices = graph.addMany("MaxPool", [x], node.attributes, 2)[1]!;
  const flat = (value: string) => graph.add("Reshape", [value, graph.ints([-1])], {});
  const zeros = graph.add("Expand", [graph.scalar(0), graph.ints([sizeOf(shape)])]);
  const sums = graph.add("ScatterElements", [zeros, flat(indices), flat(dy)], { axis: 0, reduction: "add" });
  return [graph.add("Reshape", [sums, graph.ints(shape)], {})];
};

/** What no element of a padded window may exceed; infinities are not safe in every shader. */
const lowest = -3.4028234663852886e38;

/**
 * Without the places of the maxima: every tap of the window, in row-major order, is compared with the maximum, and the first that equals it takes the cotangent.
 * Taps that fall on the same remainder by the stride are summed on a coarse grid, and the grids are interleaved at the end.
 */
export const maxPoolGradByComparison: LoweringRule = (graph, node) => {
  const [x, y, dy] = node.inputs as [string, string, string];
  const [kernel, strides, dilations, pads] = ["kernel_shape", "strides", "dilations", "pads"].map((name) => numbersOf(node, name)!) as [number[], number[], number[], number[]];
  const { dtype } = graph.type(x);
  if (dtype !== "float32" && dtype !== "float64") return undefined;
  const number = (value: number) => (dtype === "float32" ? graph.scalar(value) : graph.constant({ dtype, shape: [], data: Float64Array.of(value) }));
  const [shape, pooled] = [graph.shape(x), graph.shape(y)];
  const axes = kernel.map((_, i) => i);
  const reach = axes.map((i) => (kernel[i]! - 1) * dilations[i]!);
  /** Cells per axis of the grid of one remainder; together they cover the padded input. */
  const grid = axes.map((i) => pooled[i + 2]! + Math.floor(reach[i]! / strides[i]!));
  const whole = axes.map((i) => Math.max(grid[i]! * strides[i]!, pads[i]! + shape[i + 2]!));
  const padding = (before: (i: number) => number, after: (i: number) => number) => graph.ints([0, 0, ...axes.map(before), 0, 0, ...axes.map(after)]);
  const padded = graph.add("Pad", [x, padding((i) => pads[i]!, (i) => whole[i]! - pads[i]! - shape[i + 2]!), number(lowest)]);

  const grids = new Map<string, string>();
  let free: string | undefined;
  for (const tap of positions(kernel)) {
    const offset = tap.map((k, i) => k * dilations[i]!);
    const end = offset.map((from, i) => from + (pooled[i + 2]! - 1) * strides[i]! + 1);
    const values = graph.add("Slice", [padded, graph.ints(offset), graph.ints(end), graph.ints(axes.map((i) => i + 2)), graph.ints(strides)]);
    const equal = graph.add("Cast", [graph.add("Equal", [values, y])], { to: dtype });
    const hit = free === undefined ? equal : graph.add("Mul", [equal, free]);
    free = free === undefined ? graph.add("Sub", [number(1), hit]) : graph.add("Sub", [free, hit]);
    const [cell, remainder] = [offset.map((from, i) => Math.floor(from / strides[i]!)), offset.map((from, i) => from % strides[i]!)];
    const moved = graph.add("Pad", [graph.add("Mul", [hit, dy]), padding((i) => cell[i]!, (i) => grid[i]! - pooled[i + 2]! - cell[i]!)]);
    const known = grids.get(remainder.join());
    grids.set(remainder.join(), known === undefined ? moved : graph.add("Add", [known, moved]));
  }

  const interleaved = interleaveGrids(graph, (remainder) => grids.get(remainder.join()), [...shape.slice(0, 2), ...grid], strides, number(0));
  const extended = graph.add("Pad", [interleaved, padding(() => 0, (i) => whole[i]! - grid[i]! * strides[i]!)]);
  return [graph.add("Slice", [extended, graph.ints(pads.slice(0, kernel.length)), graph.ints(axes.map((i) => pads[i]! + shape[i + 2]!)), graph.ints(axes.map((i) => i + 2))])];
};

/** Every index of a grid of this size, in row-major order. */
function positions(size: readonly number[]): number[][] {
  return size.reduce<number[][]>((all, extent) => all.flatMap((start) => Array.from({ length: extent }, (_, i) => [...start, i])), [[]]);
}

/** One tensor out of one per remainder by the strides, axis by axis from the last; a missing one is zeros. `shape` is that of each. */
function interleaveGrids(graph: GraphBuilder, gridAt: (remainder: readonly number[]) => string | undefined, shape: readonly number[], strides: readonly number[], zero: string): string {
  const join = (remainder: readonly number[]): string => {
    const axis = remainder.length;
    if (axis === strides.length) return gridAt(remainder) ?? graph.add("Expand", [zero, graph.ints(shape)]);
    const parts = Array.from({ length: strides[axis]! }, (_, i) => join([...remainder, i]));
    if (parts.length === 1) return parts[0]!;
    // Of this axis on, the parts have been interleaved already.
    const before = shape.slice(0, axis + 2);
    const after = shape.slice(axis + 3).map((extent, i) => extent * strides[axis + 1 + i]!);
    const [outer, extent, inner] = [sizeOf(before), shape[axis + 2]!, sizeOf(after)];
    const flat = parts.map((part) => graph.add("Reshape", [part, graph.ints([outer * extent, 1, inner])], {}));
    return graph.add("Reshape", [graph.add("Concat", flat, { axis: 1 }), graph.ints([...before, extent * parts.length, ...after])], {});
  };
  return join([]);
}

/**
 * With stride 1 a transposed convolution is a convolution with the kernel flipped and its channels swapped, which every runtime runs faster.
 * The flipped kernel depends on constants only, so runtimes compute it once.
 */
export const convTransposeByConv: LoweringRule = (graph, node) => {
  const [strides, dilations, pads, kernel] = ["strides", "dilations", "pads", "kernel_shape"].map((name) => numbersOf(node, name)!) as [number[], number[], number[], number[]];
  const extra = numbersOf(node, "output_padding") ?? kernel.map(() => 0);
  const newPads = pads.map((pad, i) => dilations[i % kernel.length]! * (kernel[i % kernel.length]! - 1) - pad + (i < kernel.length ? 0 : extra[i - kernel.length]!));
  if (strides.some((stride) => stride !== 1) || newPads.some((pad) => pad < 0)) return undefined;
  const group = numberOf(node, "group", 1);
  const w = flippedKernel(graph, node.inputs[1]!, group);
  return [graph.add("Conv", [node.inputs[0]!, w, ...node.inputs.slice(2)], { kernel_shape: kernel, strides, dilations, pads: newPads, group })];
};

/** Since opset 21 scale and bias are per channel; models of opset 18 have them per group. */
export const groupNormalizationPerChannel: LoweringRule = (graph, node) => {
  const [x, ...parameters] = node.inputs as [string, ...string[]];
  const [channels, groups] = [graph.shape(x)[1]!, numberOf(node, "num_groups", 1)];
  if (parameters.every((parameter) => graph.shape(parameter)[0] === channels)) return undefined;
  const spread = (value: string) => {
    const rows = graph.add("Expand", [graph.add("Reshape", [value, graph.ints([groups, 1])], {}), graph.ints([groups, channels / groups])]);
    return graph.add("Reshape", [rows, graph.ints([channels])], {});
  };
  return [graph.add("GroupNormalization", [x, ...parameters.map((parameter) => (graph.shape(parameter)[0] === channels ? parameter : spread(parameter)))], node.attributes)];
};

/** `[c, m / group, ...k]` to `[m, c / group, ...k reversed]`. */
export function flippedKernel(graph: GraphBuilder, weights: string, group: number): string {
  const [c, m, ...kernel] = graph.shape(weights) as [number, number, ...number[]];
  const spatial = kernel.map((_, i) => i);
  let w: string;
  if (group === 1) w = graph.add("Transpose", [weights], { perm: [1, 0, ...spatial.map((i) => i + 2)] });
  else {
    const apart = graph.add("Reshape", [weights, graph.ints([group, c / group, m, ...kernel])], {});
    const swapped = graph.add("Transpose", [apart], { perm: [0, 2, 1, ...spatial.map((i) => i + 3)] });
    w = graph.add("Reshape", [swapped, graph.ints([group * m, c / group, ...kernel])], {});
  }
  const axes = spatial.filter((i) => kernel[i]! > 1).map((i) => i + 2);
  if (axes.length === 0) return w;
  const each = (value: number) => graph.ints(axes.map(() => value));
  return graph.add("Slice", [w, each(-1), each(-(2 ** 31)), graph.ints(axes), each(-1)]);
}

/** A product with a transposed matrix reads the matrix as it lies: no turned copy of the weights is ever made. */
export const matMulByTransposedGemm: LoweringRule = (graph, node, { producer }) => {
  const [a, b] = node.inputs as [string, string];
  const [turned, rows] = [producer(b), graph.shape(a)];
  if (turned?.op !== "Transpose" || String(numbersOf(turned, "perm") ?? "1,0") !== "1,0" || rows.length < 2 || !isFloat(graph.type(a).dtype)) return undefined;
  const [n, k] = graph.shape(turned.inputs[0]!) as [number, number];
  const matrix = rows.length === 2 ? a : graph.add("Reshape", [a, graph.ints([sizeOf(rows.slice(0, -1)), k])], { allowzero: 1 });
  const product = graph.add("Gemm", [matrix, turned.inputs[0]!], { transB: 1 });
  return [rows.length === 2 ? product : graph.add("Reshape", [product, graph.ints([...rows.slice(0, -1), n])], { allowzero: 1 })];
};

/** Times the smallest normal float32 this exceeds 1; times 0 it stays 0. */
const steep = 3e38;

/**
 * The mask of a ReLU as `Clip`, which ONNX Runtime spreads over threads where its `Sign` runs on one (13 % of a ResNet-50's input gradient on two).
 * Outputs of a ReLU that are denormal may count as less than 1.
 */
export const reluMaskByClip: LoweringRule = (graph, node, { producer }) => {
  const y = node.inputs[0]!;
  if (producer(y)?.op !== "Relu" || graph.type(y).dtype !== "float32") return undefined;
  return [graph.add("Clip", [graph.add("Mul", [y, graph.scalar(steep)]), graph.scalar(0), graph.scalar(1)])];
};

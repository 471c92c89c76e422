/** @file Kernels of normalisations and softmax. */
import { numberOf, numbersOf } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import { normalizeAxis, stridesOf } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { broadcastOffsets, ndArray, stridedOffsets, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

/** Normalises every run of `length` consecutive elements to mean 0 and variance 1 (biased), plus epsilon. */
function standardize(x: NdArray, length: number, epsilon: number): NdArray {
  const y = ndArray(x.dtype, x.shape);
  runs(x, length).forEach((run, n) => {
    const { mean, variance } = moments(run);
    run.forEach((value, i) => { y.data[n * length + i] = (value - mean) / Math.sqrt(variance + epsilon); });
  });
  return y;
}

/** `y * scale[c] + bias[c]` for the channel c of axis 1. */
function perChannel(y: NdArray, scale: (channel: number) => number, bias: (channel: number) => number): NdArray {
  const size = sizeOf(y.shape.slice(2));
  const channels = y.shape[1]!;
  y.data.forEach((value, i) => {
    const channel = Math.floor(i / size) % channels;
    y.data[i] = value * scale(channel) + bias(channel);
  });
  return y;
}

const batchNormalization: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => required(inputs, i).data) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const epsilon = numberOf(node, "epsilon", 1e-5);
  const factor = scale.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
  return [perChannel(ndArray(x.dtype, x.shape, x.data.slice()), (c) => factor[c]!, (c) => bias[c]! - mean[c]! * factor[c]!)];
};

const instanceNormalization: Kernel = (node, inputs) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1).data, required(inputs, 2).data];
  return [perChannel(standardize(x, sizeOf(x.shape.slice(2)), numberOf(node, "epsilon", 1e-5)), (c) => scale[c]!, (c) => bias[c]!)];
};

/** Scale and bias are per channel (opset 21) or, before that, per group. */
const groupNormalization: Kernel = (node, inputs) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1).data, required(inputs, 2).data];
  const perGroup = x.shape[1]! / numberOf(node, "num_groups", 1);
  const y = standardize(x, perGroup * sizeOf(x.shape.slice(2)), numberOf(node, "epsilon", 1e-5));
  const at = (channel: number) => (scale.length === x.shape[1] ? channel : Math.floor(channel / perGroup));
  return [perChannel(y, (c) => scale[at(c)]!, (c) => bias[at(c)]!)];
};

const layerNormalization: Kernel = (node, inputs, types) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const length = sizeOf(x.shape.slice(normalizeAxis(numberOf(node, "axis", -1), x.shape.length)));
  const epsilon = numberOf(node, "epsilon", 1e-5);
  const statistics = runs(x, length).map((run) => moments(run));
  const rest = [statistics.map(({ mean }) => mean), statistics.map(({ variance }) => 1 / Math.sqrt(variance + epsilon))];
  const y = affine(standardize(x, length, epsilon), scale, bias);
  return [y, ...rest.map((values, i) => ndArray("float32", (types[i + 1]?.shape ?? []) as number[], Float64Array.from(values)))].slice(0, types.length);
};

/** `y * scale + bias`, both broadcast to y. */
function affine(y: NdArray, scale: NdArray, bias?: NdArray): NdArray {
  const [atScale, atBias] = [broadcastOffsets(scale.shape, y.shape), bias && broadcastOffsets(bias.shape, y.shape)];
  return ndArray(y.dtype, y.shape, y.data.map((value, i) => value * scale.data[atScale ? atScale[i]! : i]! + (bias ? bias.data[atBias ? atBias[i]! : i]! : 0)));
}

const runs = (x: NdArray, length: number) => Array.from({ length: length === 0 ? 0 : x.data.length / length }, (_, i) => x.data.subarray(i * length, (i + 1) * length));

function moments(run: Float64Array): { mean: number; variance: number } {
  const mean = run.reduce((a, b) => a + b, 0) / run.length;
  return { mean, variance: run.reduce((sum, value) => sum + (value - mean) ** 2, 0) / run.length };
}

const rmsNormalization: Kernel = (node, inputs) => {
  const [x, scale] = [required(inputs, 0), required(inputs, 1)];
  const length = sizeOf(x.shape.slice(normalizeAxis(numberOf(node, "axis", -1), x.shape.length)));
  const inverse = runs(x, length).map((run) => 1 / Math.sqrt(run.reduce((sum, value) => sum + value * value, 0) / length + numberOf(node, "epsilon", 1e-5)));
  return [affine(ndArray(x.dtype, x.shape, x.data.map((value, i) => value * inverse[Math.floor(i / length)]!)), scale)];
};

/** Applies `f` to every line along the node's axis, in place of a copy. */
const perLine = (f: (line: Float64Array, node: Node) => Float64Array): Kernel => (node, inputs) => {
  const x = required(inputs, 0);
  const axis = normalizeAxis(numberOf(node, "axis", -1), x.shape.length);
  const [length, step] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const y = ndArray(x.dtype, x.shape);
  for (let line = 0; line < x.data.length / (length || 1); line++) {
    const from = Math.floor(line / step) * step * length + (line % step);
    f(Float64Array.from({ length }, (_, k) => x.data[from + k * step]!), node).forEach((value, k) => { y.data[from + k * step] = value; });
  }
  return [y];
};

/** A line of zeros stays zeros. */
const lpNormalization = perLine((line, node) => {
  const norm = numberOf(node, "p", 2) === 1 ? line.reduce((sum, value) => sum + Math.abs(value), 0) : Math.sqrt(line.reduce((sum, value) => sum + value * value, 0));
  return norm === 0 ? line : line.map((value) => value / norm);
});

/** 1 at the first maximum. */
const hardmax = perLine((line) => { const best = line.indexOf(line.reduce((a, b) => Math.max(a, b), -Infinity)); return line.map((_, i) => (i === best ? 1 : 0)); });

const meanVariance: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const axes = (numbersOf(node, "axes") ?? [0, 2, 3]).map((axis) => normalizeAxis(axis, x.shape.length));
  const strides = stridesOf(x.shape);
  const offsets = (isReduced: boolean) => {
    const chosen = x.shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === isReduced);
    return stridedOffsets(chosen.map((axis) => x.shape[axis]!), chosen.map((axis) => strides[axis]!), 0);
  };
  const [kept, within] = [offsets(false), offsets(true)];
  const y = ndArray(x.dtype, x.shape);
  for (const from of kept) {
    const { mean, variance } = moments(Float64Array.from(within, (offset) => x.data[from + offset]!));
    // The specification's guard against a variance of 0.
    for (const offset of within) y.data[from + offset] = (x.data[from + offset]! - mean) / (Math.sqrt(variance) + 1e-9);
  }
  return [y];
};

const lrn: Kernel = (node, inputs) => {
  const x = required(inputs, 0);
  const [size, alpha, beta, bias] = [numberOf(node, "size", 1), numberOf(node, "alpha", 1e-4), numberOf(node, "beta", 0.75), numberOf(node, "bias", 1)];
  const [channels, plane] = [x.shape[1]!, sizeOf(x.shape.slice(2))];
  const y = x.data.map((value, i) => {
    const channel = Math.floor(i / plane) % channels;
    let sum = 0;
    for (let c = Math.max(0, channel - Math.floor((size - 1) / 2)); c <= Math.min(channels - 1, channel + Math.ceil((size - 1) / 2)); c++) sum += x.data[i + (c - channel) * plane]! ** 2;
    return value / (bias + (alpha / size) * sum) ** beta;
  });
  return [ndArray(x.dtype, x.shape, y)];
};

/** Softmax of every line along an axis; `finish` turns a shifted exponent and the line's sum into the output. */
const softmax = (finish: (shifted: number, sum: number) => number): Kernel => (node, inputs) => {
  const x = required(inputs, 0);
  const axis = normalizeAxis(numberOf(node, "axis", -1), x.shape.length);
  const [length, step] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const y = ndArray(x.dtype, x.shape);
  for (let line = 0; line < x.data.length / length; line++) {
    const from = Math.floor(line / step) * step * length + (line % step);
    let max = -Infinity;
    for (let k = 0; k < length; k++) max = Math.max(max, x.data[from + k * step]!);
    let sum = 0;
    for (let k = 0; k < length; k++) sum += Math.exp(x.data[from + k * step]! - max);
    for (let k = 0; k < length; k++) y.data[from + k * step] = finish(x.data[from + k * step]! - max, sum);
  }
  return [y];
};

export const normalizeKernels: Readonly<Record<string, Kernel>> = {
  BatchNormalization: batchNormalization, InstanceNormalization: instanceNormalization, GroupNormalization: groupNormalization, LayerNormalization: layerNormalization, LRN: lrn,
  RMSNormalization: rmsNormalization, LpNormalization: lpNormalization, MeanVarianceNormalization: meanVariance, Hardmax: hardmax,
  Softmax: softmax((shifted, sum) => Math.exp(shifted) / sum),
  LogSoftmax: softmax((shifted, sum) => shifted - Math.log(sum)),
};

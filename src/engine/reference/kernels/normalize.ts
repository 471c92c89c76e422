/** @file Kernels of normalisations and softmax. */
import { numberOf } from "../../ir/attributes.js";
import { normalizeAxis } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import { ndArray, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

/** Normalises every run of `length` consecutive elements to mean 0 and variance 1 (biased), plus epsilon. */
function standardize(x: NdArray, length: number, epsilon: number): NdArray {
  const y = ndArray(x.dtype, x.shape);
  for (let from = 0; from < x.data.length; from += length) {
    const run = x.data.subarray(from, from + length);
    const mean = run.reduce((a, b) => a + b, 0) / length;
    const variance = run.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
    run.forEach((value, i) => { y.data[from + i] = (value - mean) / Math.sqrt(variance + epsilon); });
  }
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

const layerNormalization: Kernel = (node, inputs) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1).data, inputs[2]?.data];
  const length = sizeOf(x.shape.slice(normalizeAxis(numberOf(node, "axis", -1), x.shape.length)));
  const y = standardize(x, length, numberOf(node, "epsilon", 1e-5));
  y.data.forEach((value, i) => { y.data[i] = value * scale[i % scale.length]! + (bias?.[i % bias.length] ?? 0); });
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
  Softmax: softmax((shifted, sum) => Math.exp(shifted) / sum),
  LogSoftmax: softmax((shifted, sum) => shifted - Math.log(sum)),
};

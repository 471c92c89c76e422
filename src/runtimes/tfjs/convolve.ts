/** @file One two-dimensional convolution on channels-last tensors, with whatever the backends' kernels leave out. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";

/** Extents along height and width. */
export type Pair = readonly [number, number];

/** A convolution; pads are `[top, left, bottom, right]` and may be negative, which crops. */
export interface Convolution {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: readonly [number, number, number, number];
  readonly isDepthwise: boolean;
  readonly activation?: "relu" | undefined;
}

/** Convolves `x` `[n, h, w, c]` with `filter`; `bias` has one entry per output channel. */
export function convolve(tf: TensorflowJs, x: tfc.Tensor4D, filter: tfc.Tensor4D, bias: tfc.Tensor | undefined, convolution: Convolution): tfc.Tensor4D {
  const { strides, dilations, isDepthwise, activation } = convolution;
  // TensorFlow.js refuses strides together with dilations, so the skipped positions are computed and dropped.
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) {
    const dense = convolve(tf, x, filter, bias, { ...convolution, strides: [1, 1] });
    return everyNth(tf, everyNth(tf, dense, 1, strides[0]), 2, strides[1]);
  }
  const [top, left, bottom, right] = convolution.pads;
  const cropped = crop(tf, x, [top, left, bottom, right]);
  const [padTop, padLeft, padBottom, padRight] = convolution.pads.map((pad) => Math.max(pad, 0)) as [number, number, number, number];
  const pad: "valid" | [Edges, Edges, Edges, Edges] = padTop + padLeft + padBottom + padRight === 0 ? "valid" : [[0, 0], [padTop, padBottom], [padLeft, padRight], [0, 0]];
  const common = { x: cropped, filter, strides: [...strides] as [number, number], dilations: [...dilations] as [number, number], pad: pad as "valid" };
  if (!isDepthwise && filter.shape[2] <= pictureChannels && filter.shape[0] > 1) {
    const rows = convolveRowByRow(tf, pad === "valid" ? cropped : tf.pad(cropped, pad), filter, common.strides, common.dilations);
    const biased = bias === undefined ? rows : tf.add(rows, bias);
    return (activation === "relu" ? tf.relu(biased) : biased) as tfc.Tensor4D;
  }
  if (bias === undefined && activation === undefined) {
    return isDepthwise
      ? tf.depthwiseConv2d(cropped, filter, common.strides, common.pad, "NHWC", common.dilations)
      : tf.conv2d(cropped, filter, common.strides, common.pad, "NHWC", common.dilations);
  }
  const fused = { ...common, activation: activation ?? "linear", ...(bias === undefined ? {} : { bias }) } as const;
  return isDepthwise ? tf.fused.depthwiseConv2d(fused) : tf.fused.conv2d(fused);
}

type Edges = [number, number];

/** At most this many channels make a picture; deeper layers have more. */
const pictureChannels = 4;

/**
 * A convolution as a sum over the kernel's rows. It costs little where channels are few, and adding up short sums rounds less than one long one:
 * enough to keep neighbouring pixels that differ by one float32 step apart, between which a max pooling would otherwise choose by rounding.
 */
function convolveRowByRow(tf: TensorflowJs, x: tfc.Tensor4D, filter: tfc.Tensor4D, strides: [number, number], dilations: [number, number]): tfc.Tensor4D {
  const [rows, columns, channels, filters] = filter.shape;
  const [batch, height, width] = x.shape;
  const used = Math.floor((height - dilations[0] * (rows - 1) - 1) / strides[0]) * strides[0] + 1;
  const parts = Array.from({ length: rows }, (_, row) => {
    const lines = tf.slice(x, [0, row * dilations[0], 0, 0], [batch, used, width, channels]);
    return tf.conv2d(lines, tf.slice(filter, [row, 0, 0, 0], [1, columns, channels, filters]), strides, "valid", "NHWC", dilations);
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}

function crop(tf: TensorflowJs, x: tfc.Tensor4D, pads: readonly number[]): tfc.Tensor4D {
  const [top, left, bottom, right] = pads.map((pad) => Math.max(-pad, 0)) as [number, number, number, number];
  if (top + left + bottom + right === 0) return x;
  const [n, h, w, c] = x.shape;
  return tf.slice(x, [0, top, left, 0], [n, h - top - bottom, w - left - right, c]);
}

/** Entries 0, step, 2 step, ... along an axis: a padded reshape and a slice, since the WASM StridedSlice is slow. */
export function everyNth<T extends tfc.Tensor>(tf: TensorflowJs, x: T, axis: number, step: number): T {
  const size = x.shape[axis]!;
  if (step === 1) return x;
  const count = Math.ceil(size / step);
  const padded = count * step === size ? x : tf.pad(x, x.shape.map((_, i): [number, number] => [0, i === axis ? count * step - size : 0]));
  const outer = x.shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const inner = x.shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const first = tf.slice(tf.reshape(padded, [outer * count, step * inner]), [0, 0], [outer * count, inner]);
  return tf.reshape(first, x.shape.map((dim, i) => (i === axis ? count : dim))) as tfc.Tensor as T;
}

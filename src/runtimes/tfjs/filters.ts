/** @file Filters of convolutions in TensorFlow's order, made once per weight. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";

/** Which part of an ONNX weight `[m, c / group, kh, kw]` (`Conv`) or `[c, m / group, kh, kw]` (`ConvTranspose`) a filter is. */
export interface FilterPart {
  readonly isTransposed: boolean;
  readonly groups: number;
  /** The groups this filter covers: several make one block-diagonal filter. */
  readonly start: number;
  readonly count: number;
  /** One filter per channel: the result is `[kh, kw, c, multiplier]`. */
  readonly isDepthwise: boolean;
  /** Kernel rows and columns to take, in this order. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** A key that is equal for equal parts. */
export function filterKey(part: FilterPart): string {
  return JSON.stringify([part.isTransposed, part.groups, part.start, part.count, part.isDepthwise, part.rows, part.columns]);
}

/** The filter `[rows, columns, inputs, outputs]`, or `[rows, columns, channels, multiplier]` when depthwise. */
export function filterOf(tf: TensorflowJs, weight: tfc.Tensor, part: FilterPart): tfc.Tensor4D {
  const chosen = (w: tfc.Tensor) => taps(tf, taps(tf, w, 2, part.rows), 3, part.columns);
  if (part.isDepthwise) {
    const w = chosen(weight);
    const [channels, multiplier] = part.isTransposed ? [w.shape[0]!, w.shape[1]!] : [part.groups, w.shape[0]! / part.groups];
    return tf.transpose(tf.reshape(w, [channels, multiplier, w.shape[2]!, w.shape[3]!]), [2, 3, 0, 1]) as tfc.Tensor4D;
  }
  const size = weight.shape[0]! / part.groups;
  const blocks = Array.from({ length: part.count }, (_, i) => {
    const own = part.groups === 1 ? weight : tf.slice(weight, [(part.start + i) * size, 0, 0, 0], [size, ...weight.shape.slice(1)]);
    return tf.transpose(chosen(own), part.isTransposed ? [2, 3, 0, 1] : [2, 3, 1, 0]);
  });
  return blockDiagonal(tf, blocks) as tfc.Tensor4D;
}

/** Filters side by side on the output channels, each seeing its own input channels only. */
function blockDiagonal(tf: TensorflowJs, blocks: readonly tfc.Tensor[]): tfc.Tensor {
  if (blocks.length === 1) return blocks[0]!;
  const inputs = blocks[0]!.shape[2]!;
  return tf.concat(blocks.map((block, i) => tf.pad(block, [[0, 0], [0, 0], [i * inputs, (blocks.length - 1 - i) * inputs], [0, 0]])), 3);
}

function taps(tf: TensorflowJs, weight: tfc.Tensor, axis: number, indices: readonly number[]): tfc.Tensor {
  const isAll = indices.length === weight.shape[axis] && indices.every((index, i) => index === i);
  return isAll ? weight : tf.gather(weight, tf.tensor1d([...indices], "int32"), axis);
}

/** How many groups to merge into one dense filter: small ones waste the kernel's vector width, and each convolution has a price of its own. */
export function groupsPerFilter(groups: number, channelsPerGroup: number): number {
  const wanted = Math.max(1, Math.ceil(16 / channelsPerGroup));
  for (let count = Math.min(wanted, groups); count < groups; count++) if (groups % count === 0) return count;
  return groups;
}

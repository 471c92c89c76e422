/** @file Splitting a tensor along an axis. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";

/** Consecutive parts of these sizes along an axis: slices, because WASM's own split copies the whole tensor for each part. */
export function splitInto(tf: TensorflowJs, x: tfc.Tensor, sizes: readonly number[], axis: number): tfc.Tensor[] {
  let start = 0;
  return sizes.map((size) => {
    const part = tf.slice(x, x.shape.map((_, i) => (i === axis ? start : 0)), x.shape.map((dim, i) => (i === axis ? size : dim)));
    start += size;
    return part;
  });
}

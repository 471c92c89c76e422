/** @file Broadcasting to a full shape, quickly. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { BackendKind } from "./lowering.js";
import type { TensorflowJs } from "../tensorflowNative.js";

/** `x` repeated to `shape`, in the same rank. A sum with zeros, since WASM's Tile is a scalar loop and its Add is not. */
export function broadcastFull(tf: TensorflowJs, kind: BackendKind, x: tfc.Tensor, shape: readonly number[]): tfc.Tensor {
  if (kind === "wasm" && x.dtype === "float32") return tf.add(x, tf.fill([...shape], 0));
  return tf.broadcastTo(x, [...shape]);
}

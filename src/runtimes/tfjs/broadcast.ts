/** @file Broadcasting to a full shape, quickly. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { BackendKind } from "./lowering.js";
import type { TensorflowJs } from "../tensorflowNative.js";

/** `x` repeated to `shape`, in the same rank. A sum with zeros where Tile is a scalar loop (WASM) or takes one pass per axis (WebGPU). */
export function broadcastFull(tf: TensorflowJs, kind: BackendKind, x: tfc.Tensor, shape: readonly number[]): tfc.Tensor {
  if (kind === "tensorflow" || (kind === "wasm" && x.dtype !== "float32")) return tf.broadcastTo(x, [...shape]);
  if (x.dtype === "bool") return tf.cast(broadcastFull(tf, kind, tf.cast(x, "int32"), shape), "bool");
  return tf.add(x, tf.zeros([...shape], x.dtype as "float32"));
}

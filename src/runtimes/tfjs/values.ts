/** @file Elements on their way in and out: ONNX has more element types than TensorFlow.js. */
import type * as tfc from "@tensorflow/tfjs-core";
import { isFloat, toInt64, toNumbers, type DType, type Tensor } from "../../engine/ir/tensor.js";
import { ndArray, toTensor } from "../../engine/reference/ndArray.js";
import type { TensorflowJs } from "../tensorflowNative.js";

/** The TensorFlow.js type that stands for an ONNX type: every float is float32 and every integer int32. */
export function tfType(dtype: DType): "float32" | "int32" | "bool" {
  return dtype === "bool" ? "bool" : isFloat(dtype) ? "float32" : "int32";
}

/** Copies a tensor to the current backend. */
export function upload(tf: TensorflowJs, tensor: Tensor): tfc.Tensor {
  return tf.tensor(elementsFor(tensor), [...tensor.shape], tfType(tensor.dtype));
}

/** Reads a tensor back as `dtype`; floats of every width come as float32. */
export async function download(tensor: tfc.Tensor, dtype: DType): Promise<Tensor> {
  const data = (await tensor.data()) as Float32Array | Int32Array | Uint8Array;
  const { shape } = tensor;
  if (isFloat(dtype)) return { dtype: "float32", shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
  // A boolean of the WebGPU backend comes back as 32-bit integers.
  return toTensor(ndArray(dtype, shape, Float64Array.from(data)));
}

function elementsFor(tensor: Tensor): Float32Array | Int32Array | Uint8Array {
  const type = tfType(tensor.dtype);
  if (type === "bool") return tensor.data as Uint8Array;
  if (type === "float32") return tensor.dtype === "float32" ? (tensor.data as Float32Array) : Float32Array.from(toNumbers(tensor));
  if (tensor.dtype === "int32") return tensor.data as Int32Array;
  return Int32Array.from(toNumbers(tensor), saturate);
}

/** "To the end" is the largest int64 in ONNX. */
function saturate(value: number): number {
  return Math.max(-2147483648, Math.min(2147483647, Number(toInt64(value))));
}

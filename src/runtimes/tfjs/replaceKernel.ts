/** @file Puts kernels of our own before those of a backend. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";

/** A kernel's parameters as replacements see them. */
export interface KernelCall {
  /** By the names that the kernel gives them. */
  readonly inputs: Readonly<Record<string, tfc.Tensor>>;
  readonly attributes: tfc.NamedAttrMap;
  readonly backend: unknown;
}

/** Replaces a kernel for every user of the backend; the original still gets the calls for which `compute` returns nothing. */
export function replaceKernel(tf: TensorflowJs, name: string, backendName: string, compute: (call: KernelCall) => tfc.TensorInfo | undefined): void {
  const original = tf.getKernel(name, backendName);
  tf.unregisterKernel(name, backendName);
  tf.registerKernel({
    ...original,
    kernelFunc: (parameters) => compute({ inputs: parameters.inputs as Record<string, tfc.Tensor>, attributes: parameters.attrs ?? {}, backend: parameters.backend }) ?? original.kernelFunc(parameters),
  });
}

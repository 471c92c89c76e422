/** @file What stands where a part of the image is taken away. */
import type { MethodContext } from "../context.js";
import type { PlainTensor } from "../parameters.js";

/** `mean` is 0 in the model's own units, as Captum's baseline is. */
export const fillSpec = { kind: "list", default: "mean", choices: ["black", "white", "random", "blur", "mean"], tensors: true } as const;

/** Interim. */
export function fillsOf(context: MethodContext, given: readonly (string | PlainTensor)[], seed: number): Float32Array[] {
  return given.map((fill) => (typeof fill === "string" ? new Float32Array(context.size) : fill.data));
}

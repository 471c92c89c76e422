/** @file What a kernel of the interpreter sees and returns. */
import type { Node, ValueType } from "../../ir/graph.js";
import type { NdArray } from "../ndArray.js";

/** Computes a node's outputs. `inputs[i]` is `undefined` where ONNX leaves an optional input out; `types` are the inferred output types. */
export type Kernel = (node: Node, inputs: readonly (NdArray | undefined)[], types: readonly ValueType[]) => readonly NdArray[];

/** A required input. */
export function required(inputs: readonly (NdArray | undefined)[], i: number): NdArray {
  const input = inputs[i];
  if (input === undefined) throw new Error(`internal: input ${i} is missing`);
  return input;
}

/** @file What programs gave for single inputs, kept from one job to the next: methods on the same input share what they ask the model alike. */
import type { Tensor } from "../ir/tensor.js";

type Tensors = Readonly<Record<string, Tensor>>;

export interface Memo {
  /** What the program of that key gave for these very values; copies, which are the caller's own. `undefined` where it is not known. */
  recall(key: string, inputs: Tensors): Record<string, Tensor> | undefined;
  /** Copies what it gave. */
  keep(key: string, inputs: Tensors, outputs: Tensors): void;
}

/** The same memo for keys that begin with a prefix. */
export function memoUnder(memo: Memo, prefix: string): Memo {
  return { recall: (key, inputs) => memo.recall(`${prefix}|${key}`, inputs), keep: (key, inputs, outputs) => memo.keep(`${prefix}|${key}`, inputs, outputs) };
}

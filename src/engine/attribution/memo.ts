/** @file What programs gave for single inputs, kept from one job to the next: methods on the same input share what they ask the model alike. */
import type { Tensor } from "../ir/tensor.js";

type Tensors = Readonly<Record<string, Tensor>>;

/** One question to a program, which its key and the values of its inputs make up. */
export interface Asked {
  /** What the program gave for these very values; copies, which are the caller's own. `undefined` where it is not known. */
  readonly outputs: Record<string, Tensor> | undefined;
  /** Copies what it gave. */
  keep(outputs: Tensors): void;
}

export interface Memo {
  ask(key: string, inputs: Tensors): Asked;
}

/** The same memo for keys that begin with a prefix. */
export function memoUnder(memo: Memo, prefix: string): Memo {
  return { ask: (key, inputs) => memo.ask(`${prefix}|${key}`, inputs) };
}

/** What is known, or what `run` gives, which is known from then on. `heard` hears of what was known. */
export async function recallOr(memo: Memo | undefined, key: string, inputs: Tensors, run: () => Promise<Record<string, Tensor>>, heard?: () => void): Promise<Record<string, Tensor>> {
  const asked = memo?.ask(key, inputs);
  if (asked?.outputs) {
    heard?.();
    return asked.outputs;
  }
  const outputs = await run();
  asked?.keep(outputs);
  return outputs;
}

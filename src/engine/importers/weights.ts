/** @file Named tensors of a checkpoint, whatever file they lie in, none of them read before somebody needs it. */
import type { Initializer } from "../ir/graph.js";
import { sizeOf } from "../ir/tensor.js";

/** The tensors of a checkpoint. Those that lie whole in a file stay there as ranges of it. */
export interface Weights {
  readonly path: string;
  readonly names: readonly string[];
  /** `undefined` for names the checkpoint lacks. */
  get(name: string): Initializer | undefined;
}

/** Weights out of a map, in its order. */
export function weightsOf(path: string, tensors: ReadonlyMap<string, Initializer>): Weights {
  return { path, names: [...tensors.keys()], get: (name) => tensors.get(name) };
}

/** The same weights under other names; `rename` gives `undefined` for those to leave out. */
export function renamed(weights: Weights, rename: (name: string) => string | undefined): Weights {
  const tensors = new Map<string, Initializer>();
  for (const name of weights.names) {
    const to = rename(name);
    if (to !== undefined) tensors.set(to, weights.get(name)!);
  }
  return weightsOf(weights.path, tensors);
}

/** Whether what a file claims can be a shape: whole numbers from 0 whose product stays exact. */
export function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(sizeOf(value.filter((size) => size !== 0) as number[]));
}

/** @file How many numbers a model learned. */
import { isInMemory, type Graph } from "./graph.js";
import { isFloat, sizeOf, type DType } from "./tensor.js";

/** Weights of quantised models. */
const quantised: ReadonlySet<DType> = new Set(["int8", "uint8"]);

/**
 * How many numbers a graph's weights hold, tied ones once. `isWeight` tells them from the graph's other constants; an exporter's are shapes, indices and single numbers.
 */
export function parameterCount({ initializers }: Graph, isWeight: (name: string) => boolean = (name) => isLearned(initializers.get(name)!)): number {
  const places = new Map<string, number>();
  for (const [name, initializer] of initializers) {
    if (isWeight(name)) places.set(isInMemory(initializer) ? name : `${initializer.range.offset} ${initializer.range.file}`, sizeOf(initializer.shape));
  }
  return [...places.values()].reduce((total, size) => total + size, 0);
}

function isLearned({ dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] }): boolean {
  return shape.length > 0 && (isFloat(dtype) || quantised.has(dtype));
}

/** @file How ONNX Runtime runs models with large weights on the CPU: every weight stays mapped from the user's file, and no copy of it is made. */
import { isInMemory, type Graph } from "../engine/ir/graph.js";
import { bytesPerElement, sizeOf } from "../engine/ir/tensor.js";
import type { LoweringRule } from "../engine/passes/lower.js";
import { matMulByTransposedGemm } from "../engine/passes/lowerings.js";

/** From here on the copies that make small models faster (turned, blocked and packed weights, up to three of each) cost more than they bring. */
const largeWeights = 2 ** 28;

/** Whether the weights that lie in files are large, half floats as wide as they are computed. */
export function isLarge(graph: Graph): boolean {
  return [...graph.initializers.values()].reduce((sum, initializer) => sum + (isInMemory(initializer) ? 0 : sizeOf(initializer.shape) * bytesPerElement[initializer.dtype]), 0) >= largeWeights;
}

/** The rules for a large model: transposed products and convolutions read the weights as they lie. */
export function rulesForLarge(rules: Readonly<Record<string, LoweringRule>>): Readonly<Record<string, LoweringRule>> {
  const { ConvTranspose: _, ...rest } = rules;
  return { ...rest, MatMul: matMulByTransposedGemm };
}

/** Session options for a large model: no blocked layout, no packed weights, and no second block for the activations. */
export const sessionForLarge = { graphOptimizationLevel: "extended", enableMemPattern: false, extra: { session: { disable_prepacking: "1" } } } as const;

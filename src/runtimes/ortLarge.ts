/** @file How ONNX Runtime runs models with large weights on the CPU: every weight stays mapped from the user's file, and few copies of it are made. */
import { isInMemory, producers, type Graph, type Initializer } from "../engine/ir/graph.js";
import { bytesPerElement, sizeOf } from "../engine/ir/tensor.js";
import type { LoweringRule } from "../engine/passes/lower.js";
import { matMulByTransposedGemm } from "../engine/passes/lowerings.js";

/** From here on the copies that make small models faster (turned, blocked and packed weights, up to three of each) cost more than they bring. */
const largeWeights = 2 ** 28;

/** Whether the weights that lie in files are large, half floats as wide as they are computed. */
export function isLarge(graph: Graph): boolean {
  return [...graph.initializers.values()].reduce((sum, initializer) => sum + mappedBytes(initializer), 0) >= largeWeights;
}

const mappedBytes = (initializer: Initializer) => (isInMemory(initializer) ? 0 : sizeOf(initializer.shape) * bytesPerElement[initializer.dtype]);

/** From here on a second copy of convolutions' weights is felt: a ResNet-50's took 100 MB, a third of all. */
const largeKernels = 2 ** 25;

/**
 * Whether batch norms are better left beside their convolutions than multiplied into their weights, which copies these: beside many channels at once they cost some hundredths of the time,
 * beside depthwise convolutions as much as half.
 */
export function keepsBatchNorms(graph: Graph): boolean {
  const writers = producers(graph);
  let bytes = 0;
  for (const { op, inputs: [x] } of graph.nodes) {
    const conv = op === "BatchNormalization" ? writers.get(x!) : undefined;
    const kernel = conv?.op === "Conv" ? graph.initializers.get(conv.inputs[1]!) : undefined;
    if (kernel === undefined) continue;
    if (kernel.shape[1] === 1) return false;
    bytes += mappedBytes(kernel);
  }
  return bytes >= largeKernels;
}

/** The rules for a large model: transposed products and convolutions read the weights as they lie. */
export function rulesForLarge(rules: Readonly<Record<string, LoweringRule>>): Readonly<Record<string, LoweringRule>> {
  const { ConvTranspose: _, ...rest } = rules;
  return { ...rest, MatMul: matMulByTransposedGemm };
}

/** Session options for a large model: no blocked layout and no packed weights. */
export const sessionForLarge = { graphOptimizationLevel: "extended", extra: { session: { disable_prepacking: "1" } } } as const;

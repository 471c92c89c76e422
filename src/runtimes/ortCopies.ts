/** @file What copies of a model's weights ONNX Runtime makes on the CPU: turned, blocked and packed ones are faster, and each takes what the weights do. Without them every weight stays mapped from the user's file. */
import { numberOf } from "../engine/ir/attributes.js";
import { isInMemory, producers, type Graph, type Initializer } from "../engine/ir/graph.js";
import { bytesPerElement, sizeOf } from "../engine/ir/tensor.js";
import type { LoweringRule } from "../engine/passes/lower.js";
import { convTransposeByConv, matMulByTransposedGemm } from "../engine/passes/lowerings.js";

/** From here on the copies, up to three of each weight, cost more than they bring. */
const largeWeights = 2 ** 28;

/** From here on a second copy of convolutions' weights is felt: a ResNet-50's took 100 MB, a third of all. */
const largeKernels = 2 ** 25;

const mappedBytes = (initializer: Initializer) => (isInMemory(initializer) ? 0 : sizeOf(initializer.shape) * bytesPerElement[initializer.dtype]);

/** Whether a graph runs on the weights as they lie: where those in files are large, half floats as wide as they are computed, and where it is the gradient of one image. */
export function sparesCopies(graph: Graph): boolean {
  return [...graph.initializers.values()].reduce((sum, initializer) => sum + mappedBytes(initializer), 0) >= largeWeights || isGradientOfOneImage(graph);
}

/**
 * Whether a graph goes back through large kernels for a single image, as it does once for a map: both forms of a ResNet-50's kernels took 200 MB and half a second to make, and saved 10 ms of 62 each time.
 * Methods of many images run batches.
 */
function isGradientOfOneImage({ nodes, initializers, types }: Graph): boolean {
  const turned = nodes.filter(({ op, inputs: [dy] }) => op === "ConvTranspose" && types.get(dy!)?.shape?.[0] === 1);
  const kernels = new Set(turned.map(({ inputs }) => inputs[1]!));
  return [...kernels].reduce((sum, name) => sum + (initializers.has(name) ? mappedBytes(initializers.get(name)!) : 0), 0) >= largeKernels;
}

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

/** A turned copy of a kernel may have so many times the numbers that a transposed convolution without it writes and sums up: the columns of its whole output, on one thread. */
const copyPerColumns = 2;

/** Transposed convolutions read a kernel as it lies where its turned copy would be large for what it saves. Both sizes are multiples of the same. */
const convTransposeOfSmallKernel: LoweringRule = (graph, node, context) => {
  const [images, channels, ...spatial] = graph.shape(node.inputs[0]!) as [number, number, ...number[]];
  return channels / numberOf(node, "group", 1) <= copyPerColumns * images * sizeOf(spatial) ? convTransposeByConv(graph, node, context) : undefined;
};

/** The rules for a graph that spares copies: products and convolutions with turned weights read them as they lie. */
export function rulesWithoutCopies(rules: Readonly<Record<string, LoweringRule>>): Readonly<Record<string, LoweringRule>> {
  return { ...rules, ConvTranspose: convTransposeOfSmallKernel, MatMul: matMulByTransposedGemm };
}

/** The session options for such a graph: no blocked layout and no packed weights. */
export const sessionWithoutCopies = { graphOptimizationLevel: "extended", extra: { session: { disable_prepacking: "1" } } } as const;

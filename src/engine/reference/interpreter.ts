/** @file The interpreter: plain TypeScript in float64, the oracle of the tests and the last resort at run time. */
import { throwIfCancelled, type CancelSignal } from "../cancellation.js";
import { WhylightError } from "../errors.js";
import { inferNode } from "../ir/infer.js";
import type { Graph, Node } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import type { Kernel } from "./kernels/kernel.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import { indexingKernels } from "./kernels/indexing.js";
import { linearKernels } from "./kernels/linear.js";
import { moveKernels } from "./kernels/move.js";
import { normalizeKernels } from "./kernels/normalize.js";
import { poolKernels } from "./kernels/pool.js";
import { quantizeKernels } from "./kernels/quantize.js";
import { recurrentKernels } from "./kernels/recurrent.js";
import { reduceKernels } from "./kernels/reduce.js";
import { sampleKernels } from "./kernels/sample.js";
import { fromTensor, toTensor, type NdArray } from "./ndArray.js";

/** Operator name to its kernel. Every operator of the op table has one or is taken apart before anything runs; a test says so. */
export const kernels: Readonly<Record<string, Kernel>> = { ...elementwiseKernels, ...linearKernels, ...poolKernels, ...normalizeKernels, ...reduceKernels, ...moveKernels, ...quantizeKernels, ...indexingKernels, ...sampleKernels, ...recurrentKernels };

/** Runs one node on concrete inputs. Throws `opUnsupported` when there is no kernel. */
export function runNode(node: Node, inputs: readonly (NdArray | undefined)[]): readonly NdArray[] {
  const kernel = kernels[node.op];
  if (kernel === undefined) throw new WhylightError("opUnsupported", { op: node.op, node: node.name });
  const at = new Map(node.inputs.map((name, i) => [name, inputs[i]]));
  const types = inferNode(node, (value) => at.get(value), (value) => {
    const array = at.get(value);
    return array && { dtype: "float64", shape: array.shape, data: array.data };
  });
  return kernel(node, inputs, types);
}

/** Evaluates the graph. `constants` holds every initializer; values are freed after their last use. */
export function evaluate(graph: Graph, inputs: Readonly<Record<string, Tensor>>, constants: ReadonlyMap<string, NdArray>, signal?: CancelSignal): Map<string, NdArray> {
  const values = new Map(constants);
  for (const name of graph.inputs) {
    const input = inputs[name];
    if (input === undefined) throw new WhylightError("inputInvalid", { reason: `input "${name}" is missing` });
    values.set(name, fromTensor(input));
  }
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, i) => node.inputs.forEach((input) => lastUse.set(input, i)));
  for (const output of graph.outputs) lastUse.set(output, Infinity);
  graph.nodes.forEach((node, i) => {
    throwIfCancelled(signal);
    const results = runNode(node, node.inputs.map((input) => (input === "" ? undefined : values.get(input))));
    node.outputs.forEach((output, k) => { if (output !== "") values.set(output, results[k]!); });
    for (const input of node.inputs) if (lastUse.get(input) === i) values.delete(input);
  });
  return new Map(graph.outputs.map((name) => [name, values.get(name)!]));
}

/** Evaluates and converts; `wide` keeps float64. */
export function run(graph: Graph, inputs: Readonly<Record<string, Tensor>>, constants: ReadonlyMap<string, NdArray>, wide = false): Record<string, Tensor> {
  return Object.fromEntries([...evaluate(graph, inputs, constants)].map(([name, array]) => [name, toTensor(array, wide)]));
}

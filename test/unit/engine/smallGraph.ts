/** @file Small graphs for tests, built and run in one line. */
import { GraphBuilder } from "../../../src/engine/ir/builder.js";
import type { Attributes, Graph } from "../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { loadInitializers } from "../../../src/engine/ir/weights.js";
import { run } from "../../../src/engine/reference/interpreter.js";
import { fromTensor } from "../../../src/engine/reference/ndArray.js";

/** No inputs, no nodes: what a builder starts from. */
export const emptyGraph: Graph = { name: "test", inputs: [], outputs: [], nodes: [], initializers: new Map(), types: new Map() };

/** A graph over the inputs x0, x1, ... that have these tensors' shapes; float64 tensors stand for float32 ones. */
export function graphOf(inputs: readonly Tensor[], build: (graph: GraphBuilder, ...names: string[]) => readonly string[]): Graph {
  const builder = new GraphBuilder(emptyGraph, "");
  const names = inputs.map(({ dtype, shape }, i) => builder.input(`x${i}`, { dtype: dtype === "float64" ? "float32" : dtype, shape }));
  return builder.build(build(builder, ...names));
}

/** One operator. Inputs that are constants (shapes, axes, weights) come after those that are fed; `undefined` leaves an optional one out. */
export function nodeGraph(op: string, inputs: readonly Tensor[], attributes: Attributes = {}, constants: readonly (Tensor | undefined)[] = [], outputs = 1): Graph {
  return graphOf(inputs, (graph, ...names) => graph.addMany(op, [...names, ...constants.map((tensor) => (tensor === undefined ? "" : graph.constant(tensor)))], attributes, outputs));
}

/** Evaluates a graph by the interpreter in float64: output name to tensor. `inputs` may be in the order of x0, x1, ... */
export function evaluate64(graph: Graph, inputs: readonly Tensor[] | Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const feeds = Array.isArray(inputs) ? Object.fromEntries((inputs as readonly Tensor[]).map((tensor, i) => [`x${i}`, tensor])) : (inputs as Readonly<Record<string, Tensor>>);
  const constants = new Map([...loadInitializers(graph, noFile)].map(([name, tensor]) => [name, fromTensor(tensor)]));
  return run(graph, feeds, constants, true);
}

/** The first output of one operator: its shape and its elements as plain numbers. */
export function compute(op: string, inputs: readonly Tensor[], attributes: Attributes = {}, constants: readonly (Tensor | undefined)[] = [], outputs = 1): { shape: readonly number[]; values: number[]; all: number[][] } {
  const graph = nodeGraph(op, inputs, attributes, constants, outputs);
  const results = evaluate64(graph, inputs);
  const all = graph.outputs.map((name) => toNumbers(results[name]!));
  return { shape: results[graph.outputs[0]!]!.shape, values: all[0]!, all };
}

/** For graphs whose weights are all in memory. */
export function noFile(): never {
  throw new Error("no initializer of this graph lies in a file");
}

/** Every attribute of a sliding window, as specialisation leaves them. */
export function window(kernel: readonly number[], rest: Attributes = {}): Attributes {
  return { kernel_shape: kernel, strides: kernel.map(() => 1), dilations: kernel.map(() => 1), pads: [...kernel, ...kernel].map(() => 0), ...rest };
}

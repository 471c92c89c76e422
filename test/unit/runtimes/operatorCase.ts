/** @file Builds small graphs with inputs drawn from a seed, for the tables of operator cases. */
import { GraphBuilder } from "../../../src/engine/ir/builder.js";
import type { Attributes, Graph } from "../../../src/engine/ir/graph.js";
import { float32, int64, sizeOf, type Tensor } from "../../../src/engine/ir/tensor.js";

/** A graph and inputs for it. */
export interface OperatorCase {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** Numbers in [low, high) that look random and are the same everywhere. */
export function draw(shape: readonly number[], seed: number, low = -1, high = 1): Tensor {
  let state = seed * 2654435761 + 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (state / 4294967296) * (high - low);
  };
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, next));
}

/** Adds nodes over the named inputs and returns the outputs. */
export type Build = (graph: GraphBuilder, ...inputs: string[]) => readonly string[];

const empty: Graph = { name: "case", inputs: [], outputs: [], nodes: [], initializers: new Map(), types: new Map() };

/** A graph that `build` adds to, over inputs x0, x1, ... */
export function caseOf(name: string, inputs: readonly Tensor[], build: Build): OperatorCase {
  const builder = new GraphBuilder(empty, "");
  const names = inputs.map((tensor, i) => builder.input(`x${i}`, tensor));
  const outputs = build(builder, ...names);
  return { name, graph: builder.build(outputs), inputs: Object.fromEntries(names.map((input, i) => [input, inputs[i]!])) };
}

/** `[n, c, h, w]`. */
export const image = (seed: number, shape: readonly number[] = [2, 4, 5, 6]) => draw(shape, seed);
/** An int64 constant. */
export const ints = (values: readonly number[], shape: readonly number[] = [values.length]) => int64(shape, values);

/** An operator by itself, over inputs in ONNX's order. */
export const plain = (name: string, op: string, inputs: readonly Tensor[], attributes: Attributes = {}, constants: readonly (Tensor | undefined)[] = [], outputs = 1) =>
  caseOf(name, inputs, (graph, ...names) => graph.addMany(op, [...names, ...constants.map((tensor) => (tensor === undefined ? "" : graph.constant(tensor)))], attributes, outputs));

/** An operator after a convolution, where its operand is stored channels last. */
export const between = (name: string, op: string, attributes: Attributes = {}, constants: readonly Tensor[] = []) =>
  caseOf(`${name} after a convolution`, [image(1)], (graph, x) => {
    const before = graph.add("Conv", [x!, graph.constant(draw([4, 4, 3, 3], 2))], window([3, 3], { pads: [1, 1, 1, 1] }));
    return [graph.add(op, [before, ...constants.map((tensor) => graph.constant(tensor))], attributes)];
  });

/** Attributes of a convolution with everything explicit, as specialised graphs have it. */
export const window = (kernel: readonly number[], rest: Attributes = {}): Attributes => ({
  kernel_shape: kernel, strides: kernel.map(() => 1), dilations: kernel.map(() => 1), pads: [...kernel, ...kernel].map(() => 0), group: 1, ...rest,
});

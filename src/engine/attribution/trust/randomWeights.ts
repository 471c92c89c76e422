/** @file Cascading randomisation of a model's weights from the output down (Adebayo et al., Sanity Checks for Saliency Maps, arXiv 1810.03292). */
import type { Graph, Initializer, Node } from "../../ir/graph.js";
import { bytesPerElement, float32, isFloat, sizeOf, type Tensor } from "../../ir/tensor.js";
import { loadInitializer } from "../../ir/weights.js";
import type { ReadRange } from "../../runtime.js";
import { createRandom } from "../random.js";

/** What becomes of an initializer: `draw` anew with the same mean square, `permute` its elements, or the running statistics of a batch normalisation. */
type Change = "draw" | "permute" | "mean" | "variance";

/** Inputs that hold what was learned, per operator. Those to draw are the layers that stages are counted in. */
const learned: Readonly<Record<string, Readonly<Record<number, Change>>>> = {
  Conv: { 1: "draw", 2: "permute" },
  ConvTranspose: { 1: "draw", 2: "permute" }, ConvInteger: { 1: "draw" }, MatMulInteger: { 0: "draw", 1: "draw" },
  Gemm: { 0: "draw", 1: "draw", 2: "permute" }, MatMul: { 0: "draw", 1: "draw" },
  "com.microsoft::FusedMatMul": { 0: "draw", 1: "draw" }, Einsum: { 0: "draw", 1: "draw" },
  LSTM: { 1: "draw", 2: "draw", 3: "permute" }, GRU: { 1: "draw", 2: "draw", 3: "permute" },
  RNN: { 1: "draw", 2: "draw", 3: "permute" }, "com.microsoft::Attention": { 1: "draw", 2: "permute" },
  BatchNormalization: { 1: "permute", 2: "permute", 3: "mean", 4: "variance" },
  LayerNormalization: { 1: "permute", 2: "permute" }, InstanceNormalization: { 1: "permute", 2: "permute" }, GroupNormalization: { 1: "permute", 2: "permute" },
  RMSNormalization: { 1: "permute" }, Add: { 0: "permute", 1: "permute" }, Mul: { 0: "permute", 1: "permute" }, PRelu: { 1: "permute" },
};

/** Operators that only pass a constant on, of their first input. */
const passing = new Set(["Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Identity", "Slice", "Expand", "Split", "DequantizeLinear"]);

/** What may be randomised in a graph. */
export interface LearnedWeights {
  /** The places of the nodes that multiply with learned weights, in the graph's order: the layers that stages are counted in. */
  readonly layers: readonly number[];
  /** Per initializer, what becomes of it, and the first node that computes with it. */
  readonly changes: ReadonlyMap<string, { readonly change: Change; readonly at: number }>;
  /** Bytes that all of them take in memory. */
  readonly bytes: number;
}

/** Finds the learned weights of a graph: what stands in the slots of `learned`, seen through transposes and the like. */
export function learnedWeights(graph: Graph): LearnedWeights {
  const found = new Map<string, Change>();
  const firstUse = new Map<string, number>();
  const layers: number[] = [];
  /** The initializer behind each value that is one, or passes one on. */
  const roots = new Map<string, string>([...graph.initializers.keys()].map((name) => [name, name]));
  graph.nodes.forEach((node, at) => {
    const root = roots.get(node.inputs[0] ?? "");
    if (root !== undefined && passing.has(node.op)) {
      for (const output of node.outputs) roots.set(output, root);
      return;
    }
    let isLayer = false;
    node.inputs.forEach((input, slot) => {
      const name = roots.get(input);
      if (name === undefined) return;
      if (!firstUse.has(name)) firstUse.set(name, at);
      const change = changeOf(node, slot, graph.initializers.get(name)!);
      if (change === undefined) return;
      isLayer ||= learned[node.op]![slot] === "draw";
      if (!found.has(name)) found.set(name, change);
    });
    if (isLayer) layers.push(at);
  });
  const changes = new Map([...found].map(([name, change]) => [name, { change, at: firstUse.get(name)! }]));
  return { layers, changes, bytes: [...changes.keys()].reduce((total, name) => total + bytesOf(graph.initializers.get(name)!), 0) };
}

function changeOf({ op }: Node, slot: number, { dtype, shape }: Initializer): Change | undefined {
  const change = learned[op]?.[slot];
  if (change === undefined || sizeOf(shape) < 2) return undefined;
  if (isFloat(dtype)) return change === "draw" && dtype !== "float32" && dtype !== "float64" ? "permute" : change;
  // Quantised weights keep their steps; whole numbers elsewhere are shapes.
  return op === "Add" || op === "Mul" ? undefined : "permute";
}

const bytesOf = ({ dtype, shape }: Initializer) => sizeOf(shape) * bytesPerElement[dtype];

/** One stage of the cascade: how many layers, counted from the output, get random weights. */
export interface Stage {
  readonly name: "last" | "1/4" | "1/2" | "all";
  readonly layers: number;
}

/** The last layer, the last quarter, the last half, all; without repetitions where a model has few layers. */
export function stagesOf(layers: number): readonly Stage[] {
  const stages: readonly Stage[] = [{ name: "last", layers: 1 }, { name: "1/4", layers: Math.ceil(layers / 4) }, { name: "1/2", layers: Math.ceil(layers / 2) }];
  return [...stages.filter((stage, i) => stage.layers < layers && stage.layers > (stages[i - 1]?.layers ?? 0)), { name: "all", layers }];
}

/**
 * The graph with the weights of its last `layers` layers, and whatever else was learned from the first of them on, made random; what a layer below uses too stays.
 * Each tensor is drawn from its own stream, so a later stage repeats the draws of an earlier one and adds to them, which makes the cascade.
 */
export function withRandomWeights(graph: Graph, { layers, changes }: LearnedWeights, count: number, readRange: ReadRange, seed: number): Graph {
  const from = layers[layers.length - count]!;
  const initializers = new Map(graph.initializers);
  const load = (name: string) => loadInitializer(graph.initializers.get(name)!, readRange);
  for (const node of graph.nodes.slice(from)) {
    if (node.op === "BatchNormalization") resetStatistics(node, changes, from, load, initializers);
  }
  for (const [name, { change, at }] of changes) {
    if (at < from || (change !== "draw" && change !== "permute")) continue;
    const tensor = load(name);
    initializers.set(name, change === "draw" ? drawn(tensor, seedOf(name, seed)) : permuted(tensor, seedOf(name, seed)));
  }
  return { ...graph, initializers };
}

/**
 * Running statistics belong to the old weights: a channel that hardly varied would now be blown up. Mean 0 and, for all channels, the mean square that
 * the channels had on average: about what random weights of the same mean square give.
 */
function resetStatistics(node: Node, changes: LearnedWeights["changes"], from: number, load: (name: string) => Tensor, initializers: Map<string, Initializer>): void {
  const [mean, variance] = [node.inputs[3]!, node.inputs[4]!];
  if (![mean, variance].every((name) => (changes.get(name)?.at ?? -1) >= from)) return;
  const [means, variances] = [load(mean), load(variance)];
  const total = (variances.data as Float32Array).reduce((sum, value, c) => sum + value + Number(means.data[c]) ** 2, 0);
  initializers.set(mean, float32(means.shape, new Float32Array(means.data.length)));
  initializers.set(variance, float32(variances.shape, new Float32Array(variances.data.length).fill(total / variances.data.length)));
}

/** Uniform around 0 with the mean square the weights had, so that activations keep their size (the shape of PyTorch's own initialisation). */
function drawn({ shape, data }: Tensor, seed: number): Tensor {
  const values = data as Float32Array;
  // Plain loops: there are tens of millions of these.
  let square = 0;
  for (let i = 0; i < values.length; i++) square += values[i]! * values[i]!;
  const reach = Math.sqrt((3 * square) / values.length);
  const random = createRandom(seed);
  const drawnValues = new Float32Array(values.length);
  for (let i = 0; i < drawnValues.length; i++) drawnValues[i] = (2 * random.uniform() - 1) * reach;
  return float32(shape, drawnValues);
}

/** The same elements in another order. Tensors of at most two different values are masks, which nobody learned. */
function permuted(tensor: Tensor, seed: number): Tensor {
  const data = tensor.data.slice();
  if (new Set<number | bigint>(data.subarray(0, 4096)).size <= 2) return tensor;
  const random = createRandom(seed);
  for (let i = data.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [data[i], data[other]] = [data[other]!, data[i]!];
  }
  return { ...tensor, data };
}

/** A seed of its own per tensor: FNV-1a of the name, beside the job's seed. */
function seedOf(name: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) + (seed % 2 ** 20) * 2 ** 32;
}

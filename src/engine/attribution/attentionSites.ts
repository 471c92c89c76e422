/** @file Finds attention by its structure, whatever an exporter called it: a softmax over keys of a product of queries and keys, whose result weighs values. */
import { numberOf } from "../ir/attributes.js";
import { GraphBuilder } from "../ir/builder.js";
import { dependents, producers, typeOf, type Graph, type Node } from "../ir/graph.js";
import { isConcrete, normalizeAxis } from "../ir/shape.js";

/** One attention, in the order of the graph: one per layer in an encoder. */
export interface AttentionSite {
  /** The softmax's result. */
  readonly weights: string;
  /** The name of the softmax in the file. */
  readonly node: string;
  /** The shape of `weights` read as `[batch, heads, queries, keys]`; windows count as batch. */
  readonly shape: readonly [batch: number, heads: number, queries: number, keys: number];
  /** Whether keys come from where queries do, as far as their numbers tell. */
  readonly isSquare: boolean;
}

/** What scores may pass through between the product and the softmax, from the operand in that place on. */
const scoreSteps: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1], Sub: [0], Mul: [0, 1], Div: [0], Where: [1, 2], Cast: [0], Identity: [0], Reshape: [0], Squeeze: [0], Unsqueeze: [0], Expand: [0], Transpose: [0], Clip: [0], Tanh: [0], Max: [0, 1], Min: [0, 1], Slice: [0], Concat: [0], ScatterND: [0, 2],
  Conv: [0], MatMul: [0, 1], Gemm: [0, 1], Einsum: [0, 1],
};

/** What weights may pass through before they meet the values. */
const weightSteps = new Set(["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Mul", "Where", "Slice", "Add", "Div", "Conv"]);

const products = new Set(["MatMul", "Einsum", "Gemm"]);

/**
 * Every attention of a graph with concrete shapes. Weights of three axes, `[batch * heads, queries, keys]`, are read apart where the first graph input tells the batch.
 * Attention over channels and the pooling by a single learned query are attention too; a softmax over classes is not.
 */
export function attentionSites(graph: Graph): AttentionSite[] {
  const walk: Walk = { writers: producers(graph), readers: readersOf(graph), varies: dependents(graph) };
  const batch = batchOf(graph);
  return graph.nodes.flatMap((node): AttentionSite[] => {
    if (node.op !== "Softmax") return [];
    const weights = node.outputs[0]!;
    const shape = typeOf(graph, weights).shape;
    if (!isConcrete(shape) || shape.length < 3 || normalizeAxis(numberOf(node, "axis", -1), shape.length) !== shape.length - 1) return [];
    if (!comesFromProduct(node.inputs[0]!, walk, 24) || !weighsValues(weights, walk, 6)) return [];
    const read = asHeads(shape, batch);
    return [{ weights, node: node.name, shape: read, isSquare: read[2] === read[3] }];
  });
}

/** The graph with each site's weights as an output of four axes, in the order of the sites: `[layers]` of `[batch, heads, queries, keys]`. */
export function withAttentionOutputs(graph: Graph, sites: readonly AttentionSite[]): { readonly graph: Graph; readonly outputs: readonly string[] } {
  const builder = new GraphBuilder(graph, "attention/");
  const outputs = sites.map(({ weights, shape }) => (String(builder.shape(weights)) === String(shape) ? weights : builder.add("Reshape", [weights, builder.ints(shape)], { allowzero: 1 })));
  return { graph: builder.build([...new Set([...graph.outputs, ...outputs])]), outputs };
}

/** `[..., queries, keys]` as `[batch, heads, queries, keys]`. */
function asHeads(shape: readonly number[], batch: number): AttentionSite["shape"] {
  const [queries, keys] = shape.slice(-2) as [number, number];
  const leading = shape.slice(0, -2);
  if (leading.length === 1) {
    const isApart = batch > 0 && leading[0]! % batch === 0;
    return isApart ? [batch, leading[0]! / batch, queries, keys] : [leading[0]!, 1, queries, keys];
  }
  return [leading.slice(0, -1).reduce((a, b) => a * b, 1), leading.at(-1)!, queries, keys];
}

/** The extent of the first axis of the first input that has one. */
function batchOf(graph: Graph): number {
  const first = graph.inputs.map((name) => typeOf(graph, name).shape).find((shape) => isConcrete(shape) && shape.length > 0);
  return typeof first?.[0] === "number" ? first[0] : 0;
}

function readersOf(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  return readers;
}

interface Walk {
  readonly writers: ReadonlyMap<string, Node>;
  readonly readers: ReadonlyMap<string, readonly Node[]>;
  readonly varies: ReadonlySet<string>;
}

/** A product of two values that both vary: one with constant weights is a layer, and only passes on. */
const isProduct = (node: Node, { varies }: Walk) => products.has(node.op) && node.inputs.slice(0, 2).every((input) => varies.has(input));

/** Whether a value is such a product, behind scales, masks and biases. */
function comesFromProduct(value: string, walk: Walk, steps: number): boolean {
  const node = walk.writers.get(value);
  if (node === undefined || steps === 0 || !walk.varies.has(value)) return false;
  return isProduct(node, walk) || (scoreSteps[node.op] ?? []).some((i) => node.inputs[i] !== undefined && comesFromProduct(node.inputs[i], walk, steps - 1));
}

/** Whether such a product takes the weights, behind what only passes them on. */
function weighsValues(value: string, walk: Walk, steps: number): boolean {
  if (steps === 0) return false;
  return (walk.readers.get(value) ?? []).some((node) => isProduct(node, walk) || ((weightSteps.has(node.op) || products.has(node.op)) && weighsValues(node.outputs[0]!, walk, steps - 1)));
}

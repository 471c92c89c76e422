/** @file Scaled dot-product attention in plain operators: what every fused attention is made of. */
import type { GraphBuilder } from "../../ir/builder.js";

/** Queries `[batch, heads, queries, size]`, keys and values `[batch, key heads, keys, size]`. */
export interface AttentionForm {
  readonly q: string;
  readonly k: string;
  readonly v: string;
  readonly scale: number;
  /** Added to the scores; each broadcasts to `[batch, heads, queries, keys]`. */
  readonly biases: readonly string[];
  /** Query i sees the keys up to i + offset; `undefined` sees all. */
  readonly causalOffset?: number | undefined;
  /** How many keys up to its own a query sees; 0 is all. */
  readonly window?: number | undefined;
  readonly softcap?: number | undefined;
}

/** What attention leaves behind: its result `[batch, heads, queries, value size]` and its scores at every stage. */
export interface AttentionParts {
  readonly y: string;
  readonly product: string;
  readonly capped: string;
  readonly biased: string;
  readonly weights: string;
}

/** Added where a key must not be seen: finite, so that a row without any key has no NaN. */
export const hidden = -3.4028234663852886e38;

/** Runs the parts in the order of the ONNX specification: product, softcap, masks, softmax, values. */
export function scaledDotProduct(graph: GraphBuilder, form: AttentionForm): AttentionParts {
  const [, heads, queries] = graph.shape(form.q) as [number, number, number];
  const [k, v] = [form.k, form.v].map((value) => repeatHeads(graph, value, heads)) as [string, string];
  const keys = graph.shape(k)[2]!;
  const half = Math.sqrt(form.scale);
  // Both operands are scaled, as the specification and PyTorch do against overflow.
  const scaled = (value: string) => graph.add("Mul", [value, graph.scalar(half)]);
  const product = graph.add("MatMul", [scaled(form.q), graph.add("Transpose", [scaled(k)], { perm: [0, 1, 3, 2] })]);
  const cap = form.softcap ?? 0;
  const capped = cap === 0 ? product : graph.add("Mul", [graph.add("Tanh", [graph.add("Div", [product, graph.scalar(cap)])]), graph.scalar(cap)]);
  const causal = form.causalOffset === undefined ? [] : [causalMask(graph, queries, keys, form.causalOffset, form.window ?? 0)];
  const biased = [...form.biases, ...causal].reduce((sum, bias) => graph.add("Add", [sum, bias]), capped);
  const weights = graph.add("Softmax", [biased], { axis: -1 });
  return { y: graph.add("MatMul", [weights, v]), product, capped, biased, weights };
}

/** A constant `[queries, keys]` that hides what is ahead of a query, or too far behind. */
function causalMask(graph: GraphBuilder, queries: number, keys: number, offset: number, window: number): string {
  const data = Float32Array.from({ length: queries * keys }, (_, at) => {
    const ahead = (at % keys) - Math.floor(at / keys) - offset;
    return ahead > 0 || (window > 0 && ahead <= -window) ? hidden : 0;
  });
  return graph.constant({ dtype: "float32", shape: [queries, keys], data });
}

/** Every key head serves as many query heads in a row as there are more of them. */
function repeatHeads(graph: GraphBuilder, value: string, heads: number): string {
  const [batch, own, keys, size] = graph.shape(value) as [number, number, number, number];
  if (own === heads) return value;
  const apart = graph.add("Reshape", [value, graph.ints([batch, own, 1, keys, size])], { allowzero: 1 });
  const spread = graph.add("Expand", [apart, graph.ints([batch, own, heads / own, keys, size])]);
  return graph.add("Reshape", [spread, graph.ints([batch, heads, keys, size])], { allowzero: 1 });
}

/** `[batch, sequence, heads * size]` as `[batch, heads, sequence, size]`. */
export function splitHeads(graph: GraphBuilder, value: string, heads: number): string {
  const [batch, sequence, width] = graph.shape(value) as [number, number, number];
  const apart = graph.add("Reshape", [value, graph.ints([batch, sequence, heads, width / heads])], { allowzero: 1 });
  return graph.add("Transpose", [apart], { perm: [0, 2, 1, 3] });
}

/** `[batch, heads, sequence, size]` as `[batch, sequence, heads * size]`. */
export function mergeHeads(graph: GraphBuilder, value: string): string {
  const [batch, heads, sequence, size] = graph.shape(value) as [number, number, number, number];
  return graph.add("Reshape", [graph.add("Transpose", [value], { perm: [0, 2, 1, 3] }), graph.ints([batch, sequence, heads * size])], { allowzero: 1 });
}

/** A past `[batch, heads, past, size]` before the present; an absent or empty one changes nothing. */
export function withPast(graph: GraphBuilder, past: string | undefined, present: string): string {
  return past === undefined || past === "" || graph.shape(past)[2] === 0 ? present : graph.add("Concat", [past, present], { axis: 2 });
}

/** 0 where a condition holds, else `value`. */
export function biasWhere(graph: GraphBuilder, condition: string, value: number = hidden): string {
  return graph.add("Where", [condition, graph.scalar(0), graph.scalar(value)]);
}

/** Hides the keys from `lengths[batch]` on: `[batch, 1, 1, keys]`. */
export function lengthBias(graph: GraphBuilder, lengths: string, keys: number, value: number = hidden): string {
  const counts = graph.add("Cast", [graph.add("Reshape", [lengths, graph.ints([graph.shape(lengths)[0]!, 1, 1, 1])], { allowzero: 1 })], { to: "float32" });
  const positions = graph.constant({ dtype: "float32", shape: [1, 1, 1, keys], data: Float32Array.from({ length: keys }, (_, i) => i) });
  return biasWhere(graph, graph.add("Less", [positions, counts]), value);
}

/** @file Multi-head attention as eager PyTorch computes it: softmax(QK^T), whose weights attribution finds by that structure. */
import type { GraphWriter } from "../graphWriter.js";

/** The axes `[…, a, b, c]` behind `outer` others, in another order. */
const inner = (outer: number, ...order: readonly number[]) => [...Array.from({ length: outer }, (_, i) => i), ...order.map((axis) => outer + axis)];
const kept = (axes: number) => Array<number>(axes).fill(0);

/** Tokens `[batch, tokens, heads * size]` as `[batch, heads, tokens, size]`. There may be more outer axes than the batch: windows are `[batch, windows, tokens, heads * size]`. */
export function splitHeads(writer: GraphWriter, x: string, heads: number, size: number, outer = 1): string {
  return writer.add("Transpose", [writer.add("Reshape", [x, writer.ints([...kept(outer + 1), heads, size])])], { perm: inner(outer, 1, 0, 2) });
}

/** `[batch, heads, tokens, size]` as tokens `[batch, tokens, heads * size]`. */
export function joinHeads(writer: GraphWriter, x: string, width: number, outer = 1): string {
  return writer.add("Reshape", [writer.add("Transpose", [x], { perm: inner(outer, 1, 0, 2) }), writer.ints([...kept(outer + 1), width])]);
}

/** What attention is made of: `[batch, heads, tokens, size]` each, as `splitHeads` gives them. */
export interface AttentionParts {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** What the product of queries and keys is multiplied with. */
  readonly scale: number;
  /** Added to the scores before the softmax, in this order: masks, position biases; each broadcasts to `[batch, heads, queries, keys]`. */
  readonly biases?: readonly string[];
  /** Which keys a query sees, bool that broadcasts likewise. A query that sees none attends to all alike, as when the least float32 is added to every score. */
  readonly allowed?: string;
  /** How many axes stand before the heads: 1 for the batch alone. */
  readonly outer?: number;
}

/** `softmax(query key^T * scale + biases) value`, `[batch, heads, queries, size]`. */
export function attend(writer: GraphWriter, { query, key, value, scale, biases = [], allowed, outer = 1 }: AttentionParts): string {
  const scores = biases.reduce((sum, bias) => writer.add("Add", [sum, bias]), scaledProduct(writer, query, key, scale, outer));
  const masked = allowed === undefined ? scores : writer.add("Where", [allowed, scores, writer.scalar(hidden)]);
  return writer.add("MatMul", [writer.add("Softmax", [masked], { axis: -1 }), value]);
}

/** `query key^T * scale`, `[batch, heads, queries, keys]`. */
export function scaledProduct(writer: GraphWriter, query: string, key: string, scale: number, outer = 1): string {
  const product = writer.add("MatMul", [query, writer.add("Transpose", [key], { perm: inner(outer, 0, 2, 1) })]);
  return writer.add("Mul", [product, writer.scalar(scale)]);
}

/** The least float32, which hides what it is added to. */
export const hidden = -3.4028234663852886e38;

/** The bias that hides padding: from a mask `[batch, tokens]` of 1 for tokens and 0 for padding to `[batch, 1, 1, tokens]`. */
export function paddingBias(writer: GraphWriter, mask: string): string {
  const kept = writer.add("Unsqueeze", [writer.add("Cast", [mask], { to: "float32" }), writer.ints([1, 2])]);
  return writer.add("Mul", [writer.add("Sub", [writer.scalar(1), kept]), writer.scalar(hidden)]);
}

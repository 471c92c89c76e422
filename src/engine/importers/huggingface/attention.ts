/** @file Multi-head attention as eager PyTorch computes it: softmax(QK^T), whose weights attribution finds by that structure. */
import type { GraphWriter } from "../graphWriter.js";

/** Tokens `[batch, tokens, heads * size]` as `[batch, heads, tokens, size]`. */
export function splitHeads(writer: GraphWriter, x: string, heads: number, size: number): string {
  return writer.add("Transpose", [writer.add("Reshape", [x, writer.ints([0, 0, heads, size])])], { perm: [0, 2, 1, 3] });
}

/** `[batch, heads, tokens, size]` as tokens `[batch, tokens, heads * size]`. */
export function joinHeads(writer: GraphWriter, x: string, width: number): string {
  return writer.add("Reshape", [writer.add("Transpose", [x], { perm: [0, 2, 1, 3] }), writer.ints([0, 0, width])]);
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
}

/** `softmax(query key^T * scale + biases) value`, `[batch, heads, queries, size]`. */
export function attend(writer: GraphWriter, { query, key, value, scale, biases = [] }: AttentionParts): string {
  const product = writer.add("MatMul", [query, writer.add("Transpose", [key], { perm: [0, 1, 3, 2] })]);
  const scores = biases.reduce((sum, bias) => writer.add("Add", [sum, bias]), writer.add("Mul", [product, writer.scalar(scale)]));
  return writer.add("MatMul", [writer.add("Softmax", [scores], { axis: -1 }), value]);
}

/** The least float32, which hides what it is added to. */
export const hidden = -3.4028234663852886e38;

/** The bias that hides padding: from a mask `[batch, tokens]` of 1 for tokens and 0 for padding to `[batch, 1, 1, tokens]`. */
export function paddingBias(writer: GraphWriter, mask: string): string {
  const kept = writer.add("Unsqueeze", [writer.add("Cast", [mask], { to: "float32" }), writer.ints([1, 2])]);
  return writer.add("Mul", [writer.add("Sub", [writer.scalar(1), kept]), writer.scalar(hidden)]);
}

/** @file ONNX Runtime's fused attention (domain com.microsoft), taken apart. */
import { numberOf, numbersOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import type { LoweringRule } from "../lower.js";
import { rotate } from "./rotary.js";
import { lengthBias, mergeHeads, scaledDotProduct, splitHeads, withPast } from "./scaledDotProduct.js";
import { unsupportedForm } from "./unsupported.js";

/** Elements `[from, to)` along an axis. */
const part = (graph: GraphBuilder, value: string, axis: number, from: number, to: number) => graph.add("Slice", [value, graph.ints([from]), graph.ints([to]), graph.ints([axis])]);
const reshape = (graph: GraphBuilder, value: string, shape: readonly number[]) => graph.add("Reshape", [value, graph.ints(shape)], { allowzero: 1 });

/** Consecutive parts of the last axis. */
function pieces(graph: GraphBuilder, value: string, sizes: readonly number[]): string[] {
  const last = graph.shape(value).length - 1;
  let from = 0;
  return sizes.map((size) => part(graph, value, last, from, (from += size)));
}

/** A mask of ones and zeros, `[batch, keys]` or `[batch, queries, keys]`, or the number of keys per sequence, `[batch]`, as a bias. */
function maskBias(graph: GraphBuilder, node: Node, mask: string | undefined, keys: number): string[] {
  if (mask === undefined || mask === "") return [];
  const filter = numberOf(node, "mask_filter_value", -10000);
  const shape = graph.shape(mask);
  if (shape.length === 1) return [lengthBias(graph, mask, keys, filter)];
  if (shape.length > 3 || shape.at(-1) !== keys) throw unsupportedForm(node, `a mask of shape [${shape.join(", ")}]`);
  const gaps = graph.add("Sub", [graph.scalar(1), graph.add("Cast", [mask], { to: "float32" })]);
  const [batch, queries] = shape.length === 2 ? [shape[0]!, 1] : [shape[0]!, shape[1]!];
  return [reshape(graph, graph.add("Mul", [gaps, graph.scalar(filter)]), [batch, 1, queries, keys])];
}

const scaleOf = (node: Node, size: number) => { const scale = numberOf(node, "scale", 0); return scale === 0 ? 1 / Math.sqrt(size) : scale; };

const attention: LoweringRule = (graph, node) => {
  const [x, w, bias, mask, past, attentionBias, pastLength] = node.inputs as [string, string, string?, string?, string?, string?, string?];
  if (pastLength || numberOf(node, "do_rotary", 0) === 1 || numberOf(node, "past_present_share_buffer", 0) === 1) throw unsupportedForm(node, "a past in a shared buffer, or rotary");
  const heads = numberOf(node, "num_heads", 1);
  const third = graph.shape(w)[1]! / 3;
  const product = graph.add("MatMul", [x, w]);
  const [q, k, v] = pieces(graph, bias ? graph.add("Add", [product, bias]) : product, numbersOf(node, "qkv_hidden_sizes") ?? [third, third, third]).map((value) => splitHeads(graph, value, heads)) as [string, string, string];
  const old = (index: number) => (past ? reshape(graph, part(graph, past, 0, index, index + 1), graph.shape(past).slice(1)) : undefined);
  const [keys, values] = [withPast(graph, old(0), k), withPast(graph, old(1), v)];
  const [, , total, size] = graph.shape(keys) as [number, number, number, number];
  const { y } = scaledDotProduct(graph, {
    q, k: keys, v: values, scale: scaleOf(node, size), biases: [...maskBias(graph, node, mask, total), ...(attentionBias ? [attentionBias] : [])],
    causalOffset: numberOf(node, "unidirectional", 0) === 1 ? total - graph.shape(x)[1]! : undefined,
  });
  const present = node.outputs[1] ? graph.add("Concat", [keys, values].map((value) => graph.add("Unsqueeze", [value, graph.ints([0])])), { axis: 0 }) : "";
  return [mergeHeads(graph, y), present];
};

/** Queries, keys and values of every packing, `[batch, heads, sequence, size]`. */
function operands(graph: GraphBuilder, node: Node, heads: number): [q: string, k: string, v: string] {
  const [query, key, value, bias] = node.inputs as [string, string?, string?, string?];
  const unpack = (packed: string, count: number) => Array.from({ length: count }, (_, i) => {
    const [batch, sequence, own, , size] = graph.shape(packed) as [number, number, number, number, number];
    return graph.add("Transpose", [reshape(graph, part(graph, packed, 3, i, i + 1), [batch, sequence, own, size])], { perm: [0, 2, 1, 3] });
  });
  if (graph.shape(query).length === 5) {
    if (bias) throw unsupportedForm(node, "a bias with packed queries, keys and values");
    return unpack(query, 3) as [string, string, string];
  }
  const width = graph.shape(query)[2]!;
  const isSplit = (name: string | undefined): name is string => name !== undefined && name !== "" && graph.shape(name).length === 3;
  const valueWidth = isSplit(value) ? graph.shape(value)[2]! : width;
  const biases = bias ? pieces(graph, bias, [width, isSplit(key) ? graph.shape(key)[2]! : width, valueWidth]) : [];
  const projected = (name: string, i: number) => splitHeads(graph, biases[i] === undefined ? name : graph.add("Add", [name, biases[i]]), heads);
  const q = projected(query, 0);
  if (key === undefined || key === "") throw unsupportedForm(node, "no key");
  if (graph.shape(key).length === 5) return [q, ...(unpack(key, 2) as [string, string])];
  // Keys and values of four axes come with their heads apart, as a cross-attention's past.
  return [q, isSplit(key) ? projected(key, 1) : key, isSplit(value) ? projected(value, 2) : value!];
}

const multiHeadAttention: LoweringRule = (graph, node) => {
  const [, , , , mask, attentionBias, pastKey, pastValue, pastLength] = node.inputs as (string | undefined)[];
  if (pastLength) throw unsupportedForm(node, "a past in a shared buffer");
  const [q, ownKeys, ownValues] = operands(graph, node, numberOf(node, "num_heads", 1));
  const [k, v] = [withPast(graph, pastKey, ownKeys), withPast(graph, pastValue, ownValues)];
  const [, , total, size] = graph.shape(k) as [number, number, number, number];
  const parts = scaledDotProduct(graph, {
    q, k, v, scale: scaleOf(node, size), biases: [...maskBias(graph, node, mask, total), ...(attentionBias ? [attentionBias] : [])],
    causalOffset: numberOf(node, "unidirectional", 0) === 1 ? total - graph.shape(q)[2]! : undefined,
  });
  return [mergeHeads(graph, parts.y), k, v, parts.biased];
};

/** Causal by nature. The numbers of keys only cut padding off, which a causal query never sees from inside the sequence. */
const groupQueryAttention: LoweringRule = (graph, node) => {
  const [query, key, value, pastKey, pastValue, , , cosCache, sinCache, positions, attentionBias, sink] = node.inputs as [string, ...(string | undefined)[]];
  const [heads, keyHeads] = [numberOf(node, "num_heads", 1), numberOf(node, "kv_num_heads", 1)];
  if (sink || numberOf(node, "smooth_softmax", 0) === 1) throw unsupportedForm(node, "a softmax with a sink");
  const width = graph.shape(query)[2]! / (key ? heads : heads + 2 * keyHeads);
  const apart = key && value ? [query, key, value] : pieces(graph, query, [heads * width, keyHeads * width, keyHeads * width]);
  let [q, k, v] = apart.map((name, i) => splitHeads(graph, name, i === 0 ? heads : keyHeads)) as [string, string, string];
  const past = pastKey ? graph.shape(pastKey)[2]! : 0;
  if (numberOf(node, "do_rotary", 0) === 1) {
    if (!cosCache || !sinCache) throw unsupportedForm(node, "rotary without its cache");
    const cache = (rows: string) => rotaryRows(graph, rows, positions, past, graph.shape(query)[1]!);
    [q, k] = [q, k].map((operand) => rotate(graph, operand, cache(cosCache), cache(sinCache), { isInterleaved: numberOf(node, "rotary_interleaved", 0) === 1, width: 2 * graph.shape(cosCache)[1]! })) as [string, string];
  }
  const [keys, values] = [withPast(graph, pastKey, k), withPast(graph, pastValue, v)];
  const parts = scaledDotProduct(graph, {
    q, k: keys, v: values, scale: scaleOf(node, width), softcap: numberOf(node, "softcap", 0), biases: attentionBias ? [attentionBias] : [],
    causalOffset: past, window: Math.max(0, numberOf(node, "local_window_size", -1)),
  });
  return [mergeHeads(graph, parts.y), keys, values, parts.weights];
};

/** Rows of a cache `[positions, half]` for each place: those given, or the ones that follow the past. `[batch or 1, 1, sequence, half]`. */
function rotaryRows(graph: GraphBuilder, cache: string, positions: string | undefined, past: number, sequence: number): string {
  const half = graph.shape(cache)[1]!;
  if (!positions) return reshape(graph, part(graph, cache, 0, past, past + sequence), [1, 1, sequence, half]);
  const rows = graph.add("Gather", [cache, positions], { axis: 0 });
  return reshape(graph, rows, [graph.shape(positions)[0]!, 1, sequence, half]);
}

const rotaryEmbedding: LoweringRule = (graph, node) => {
  const [x, positions, cosCache, sinCache] = node.inputs as [string, string, string, string];
  if (numberOf(node, "is_packed_batching", 0) === 1) throw unsupportedForm(node, "packed batches");
  const shape = graph.shape(x);
  const rotated = numberOf(node, "rotary_embedding_dim", 0);
  const size = shape.length === 4 ? shape[3]! : rotated > 0 ? shape[2]! / numberOf(node, "num_heads", 1) : 2 * graph.shape(cosCache)[1]!;
  const sequence = shape.length === 4 ? shape[2]! : shape[1]!;
  // A single position is where the first element stands.
  const first = graph.shape(positions).length === 1
    ? graph.add("Add", [reshape(graph, positions, [1, 1]), graph.constant({ dtype: "int64", shape: [1, sequence], data: BigInt64Array.from({ length: sequence }, (_, i) => BigInt(i)) })])
    : positions;
  const cache = (rows: string) => rotaryRows(graph, rows, first, 0, sequence);
  const y = rotate(graph, shape.length === 4 ? x : splitHeads(graph, x, shape[2]! / size), cache(cosCache), cache(sinCache), { isInterleaved: numberOf(node, "interleaved", 0) === 1, width: rotated });
  return [shape.length === 4 ? y : mergeHeads(graph, y)];
};

const fusedMatMul: LoweringRule = (graph, node) => {
  const flip = (value: string, flag: string) => {
    const rank = graph.shape(value).length;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    return rank > 1 && numberOf(node, flag, 0) === 1 ? graph.add("Transpose", [value], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] }) : value;
  };
  const product = graph.add("MatMul", [flip(node.inputs[0]!, "transA"), flip(node.inputs[1]!, "transB")]);
  const alpha = numberOf(node, "alpha", 1);
  return [alpha === 1 ? product : graph.add("Mul", [product, graph.scalar(alpha)])];
};

export const fusedAttentionExpansions: Readonly<Record<string, LoweringRule>> = {
  "com.microsoft::Attention": attention, "com.microsoft::MultiHeadAttention": multiHeadAttention, "com.microsoft::GroupQueryAttention": groupQueryAttention,
  "com.microsoft::RotaryEmbedding": rotaryEmbedding, "com.microsoft::FusedMatMul": fusedMatMul,
};

/** @file Shape rules of operators that are taken apart once shapes are known: attention in its fused forms, products with transposes, `If`. */
import { numberOf, numbersOf } from "../attributes.js";
import { isSubgraph } from "../graph.js";
import { broadcastShapes, type Dim, type Shape } from "../shape.js";
import { one, type ShapeRule } from "./rule.js";

/** A sum of extents; zeros vanish. */
function plus(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return a === 0 ? b : b === 0 ? a : `${a}+${b}`;
}

const times = (a: Dim, factor: number): Dim => (typeof a === "number" ? a * factor : factor === 1 ? a : `${a}*${factor}`);
const over = (a: Dim | undefined, divisor: number): Dim => (typeof a === "number" ? a / divisor : `${a}/${divisor}`);

/** Opset 23 and 24: `[batch, heads, sequence, size]`, or heads folded into the last axis. */
const attention: ShapeRule = ({ node, dtype, shape }) => {
  const [q, k, v, pastKey] = [shape(0), shape(1), shape(2), shape(4)];
  const types = (shapes: readonly (Shape | undefined)[]) => shapes.map((found, i) => ({ dtype: dtype(i === 0 || i === 3 ? 0 : i), shape: found })).slice(0, node.outputs.length);
  if (!q || !k || !v) return types([undefined, undefined, undefined, undefined]);
  const is4d = q.length === 4;
  const [queryHeads, keyHeads] = is4d ? [q[1]!, k[1]!] : [numberOf(node, "q_num_heads", 1), numberOf(node, "kv_num_heads", 1)];
  const [batch, queries, keys] = [q[0]!, q.at(-2)!, k.at(-2)!];
  const [size, valueSize] = is4d ? [k[3]!, v[3]!] : [over(k[2], keyHeads as number), over(v[2], keyHeads as number)];
  const total = plus(pastKey?.[2] ?? 0, keys);
  const y = is4d ? [batch, queryHeads, queries, valueSize] : [batch, queries, times(valueSize, queryHeads as number)];
  return types([y, [batch, keyHeads, total, size], [batch, keyHeads, total, valueSize], [batch, queryHeads, queries, total]]);
};

/** com.microsoft Attention: one projection for queries, keys and values. */
const fusedAttention: ShapeRule = ({ node, dtype, shape }) => {
  const [x, w, past] = [shape(0), shape(1), shape(4)];
  const heads = numberOf(node, "num_heads", 1);
  const hidden = numbersOf(node, "qkv_hidden_sizes")?.[2] ?? (typeof w?.[1] === "number" ? w[1] / 3 : undefined);
  const known = x && hidden !== undefined;
  return [
    { dtype: dtype(0), shape: known ? [x[0]!, x[1]!, hidden] : undefined },
    { dtype: dtype(0), shape: known ? [2, x[0]!, heads, plus(past?.[3] ?? 0, x[1]!), hidden / heads] : undefined },
  ].slice(0, node.outputs.length);
};

/** com.microsoft MultiHeadAttention, its operands packed or apart. */
const multiHeadAttention: ShapeRule = ({ node, dtype, shape }) => {
  const [q, k, v, past] = [shape(0), shape(1), shape(2), shape(6)];
  const heads = numberOf(node, "num_heads", 1);
  const types = (shapes: readonly (Shape | undefined)[]) => shapes.map((found) => ({ dtype: dtype(0), shape: found })).slice(0, node.outputs.length);
  if (!q) return types([undefined, undefined, undefined, undefined]);
  const [batch, queries] = [q[0]!, q[1]!];
  const size = q.length === 5 ? q[4]! : over(q[2], heads);
  const keys = q.length === 5 ? queries : (k?.length === 4 ? k[2]! : (k?.[1] ?? queries));
  const valueSize = v?.length === 4 ? v[3]! : v ? over(v[2], heads) : size;
  const total = plus(past?.[2] ?? 0, keys);
  return types([[batch, queries, times(valueSize, heads)], [batch, heads, total, size], [batch, heads, total, valueSize], [batch, heads, queries, total]]);
};

/** com.microsoft GroupQueryAttention; without a key, the query holds all three. */
const groupQueryAttention: ShapeRule = ({ node, dtype, shape, has }) => {
  const [q, past] = [shape(0), shape(3)];
  const [heads, keyHeads] = [numberOf(node, "num_heads", 1), numberOf(node, "kv_num_heads", 1)];
  if (!q) return node.outputs.map(() => ({ dtype: dtype(0), shape: undefined }));
  const size = over(q[2], has(1) ? heads : heads + 2 * keyHeads);
  const present = [q[0]!, keyHeads, plus(past?.[2] ?? 0, q[1]!), size];
  return [[q[0]!, q[1]!, times(size, heads)], present, present, [q[0]!, heads, q[1]!, present[2]!]].map((found) => ({ dtype: dtype(0), shape: found })).slice(0, node.outputs.length);
};

const fusedMatMul: ShapeRule = ({ node, dtype, shape, mismatch }) => {
  const flip = (x: Shape | undefined, flag: string) => (x && x.length > 1 && numberOf(node, flag, 0) === 1 ? [...x.slice(0, -2), x.at(-1)!, x.at(-2)!] : x);
  if (numberOf(node, "transBatchA", 0) + numberOf(node, "transBatchB", 0) > 0) throw mismatch("transBatchA and transBatchB are not supported");
  const [a, b] = [flip(shape(0), "transA"), flip(shape(1), "transB")];
  if (!a || !b) return one(dtype(0), undefined);
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  if (batch === undefined) throw mismatch("operands do not broadcast");
  return one(dtype(0), [...batch, ...(a.length === 1 ? [] : [a.at(-2)!]), ...(b.length === 1 ? [] : [b.at(-1)!])]);
};

/** What the branch says of its outputs; a shape both branches share is known. */
const branches: ShapeRule = ({ node, mismatch }) => {
  const [then, otherwise] = [node.attributes["then_branch"], node.attributes["else_branch"]];
  if (!isSubgraph(then) || !isSubgraph(otherwise)) throw mismatch("a branch is missing");
  return node.outputs.map((_, i) => {
    const [a, b] = [then, otherwise].map((branch) => branch.types.get(branch.outputs[i] ?? ""));
    return { dtype: a?.dtype ?? "float32", shape: a?.shape !== undefined && String(a.shape) === String(b?.shape) ? a.shape : undefined };
  });
};

const same: ShapeRule = ({ dtype, shape }) => one(dtype(0), shape(0));

export const compositeShapes: Readonly<Record<string, ShapeRule>> = {
  Attention: attention, RotaryEmbedding: same, If: branches,
  "com.microsoft::Attention": fusedAttention, "com.microsoft::MultiHeadAttention": multiHeadAttention, "com.microsoft::GroupQueryAttention": groupQueryAttention,
  "com.microsoft::RotaryEmbedding": same, "com.microsoft::FusedMatMul": fusedMatMul,
};

/** @file `Attention` and `RotaryEmbedding` of ai.onnx (opset 23 and 24), taken apart. */
import { numberOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import { float32 } from "../../ir/tensor.js";
import type { LoweringRule } from "../lower.js";
import { rotate, type Rotation } from "./rotary.js";
import { biasWhere, hidden, lengthBias, mergeHeads, scaledDotProduct, splitHeads, withPast } from "./scaledDotProduct.js";

const attention: LoweringRule = (graph, node) => {
  const [query, key, value, mask, pastKey, pastValue, lengths] = node.inputs as [string, string, string, string?, string?, string?, string?];
  const is3d = graph.shape(query).length === 3;
  const heads = (name: string, attribute: string) => (is3d ? splitHeads(graph, name, numberOf(node, attribute, 1)) : name);
  const q = heads(query, "q_num_heads");
  const k = withPast(graph, pastKey, heads(key, "kv_num_heads"));
  const v = withPast(graph, pastValue, heads(value, "kv_num_heads"));
  const keys = graph.shape(k)[2]!;
  const biases = [...(mask ? [maskBias(graph, mask, keys)] : []), ...(lengths ? [lengthBias(graph, lengths, keys)] : [])];
  const isCausal = numberOf(node, "is_causal", 0) === 1;
  const parts = scaledDotProduct(graph, {
    q, k, v, biases, scale: numberOf(node, "scale", 1 / Math.sqrt(graph.shape(q)[3]!)), softcap: numberOf(node, "softcap", 0),
    causalOffset: isCausal ? keys - graph.shape(heads(key, "kv_num_heads"))[2]! : undefined,
  });
  const score = [parts.product, parts.capped, parts.biased, parts.weights][numberOf(node, "qk_matmul_output_mode", 0)]!;
  return [is3d ? mergeHeads(graph, parts.y) : parts.y, k, v, score];
};

/** A mask of booleans says what is seen; one of floats is added. One that is short of keys hides the rest. */
function maskBias(graph: GraphBuilder, mask: string, keys: number): string {
  const bias = graph.type(mask).dtype === "bool" ? biasWhere(graph, mask) : mask;
  const shape = graph.shape(bias);
  const missing = shape.at(-1) === 1 ? 0 : keys - shape.at(-1)!;
  if (missing <= 0) return bias;
  const pads = [...shape, ...shape].map((_, i, all) => (i === all.length - 1 ? missing : 0));
  return graph.add("Pad", [bias, graph.ints(pads), graph.scalar(hidden)], { mode: "constant" });
}

const rotaryEmbedding: LoweringRule = (graph, node) => {
  const [x, cosCache, sinCache, positions] = node.inputs as [string, string, string, string?];
  const rotation: Rotation = { isInterleaved: numberOf(node, "interleaved", 0) === 1, width: numberOf(node, "rotary_embedding_dim", 0) };
  const cache = (values: string) => {
    const rows = positions ? graph.add("Gather", [values, positions], { axis: 0 }) : values;
    const [batch, sequence, half] = graph.shape(rows) as [number, number, number];
    return graph.add("Reshape", [rows, graph.ints([batch, 1, sequence, half])], { allowzero: 1 });
  };
  const is3d = graph.shape(x).length === 3;
  const y = rotate(graph, is3d ? splitHeads(graph, x, numberOf(node, "num_heads", 1)) : x, cache(cosCache), cache(sinCache), rotation);
  return [is3d ? mergeHeads(graph, y) : y];
};

/** Crops and pads around the centre; where one is left over, it goes to the end. */
const centerCropPad: LoweringRule = (graph, node) => {
  const [x] = node.inputs as [string];
  const from = graph.shape(x);
  const axes = (node.attributes["axes"] as readonly number[] | undefined)?.map((axis) => (axis < 0 ? axis + from.length : axis)) ?? from.map((_, axis) => axis);
  const target = graph.constantNumbers(node.inputs[1]!);
  const sizes = from.map((size, axis) => target[axes.indexOf(axis)] ?? size);
  const starts = from.map((size, axis) => Math.max(0, Math.floor((size - sizes[axis]!) / 2)));
  const ends = from.map((size, axis) => Math.min(size, starts[axis]! + sizes[axis]!));
  const kept = graph.add("Slice", [x, graph.ints(starts), graph.ints(ends), graph.ints(from.map((_, axis) => axis))]);
  const before = from.map((size, axis) => Math.max(0, Math.floor((sizes[axis]! - size) / 2)));
  const after = from.map((size, axis) => Math.max(0, sizes[axis]! - size - before[axis]!));
  const zero = graph.type(x).dtype === "float32" ? graph.scalar(0) : graph.add("Cast", [graph.constant(float32([], [0]))], { to: graph.type(x).dtype });
  return [graph.add("Pad", [kept, graph.ints([...before, ...after]), zero], { mode: "constant" })];
};

export const attentionExpansions: Readonly<Record<string, LoweringRule>> = { Attention: attention, RotaryEmbedding: rotaryEmbedding, CenterCropPad: centerCropPad };

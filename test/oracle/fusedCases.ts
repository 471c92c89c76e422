/** @file Forms of the operators of the domain com.microsoft, as ONNX Runtime's optimizer and exporters write them. */
import type { Tensor } from "../../src/engine/ir/tensor.js";
import type { AttributeValue } from "../unit/engine/onnxBytes.js";

/** One node. Inputs are shapes, filled with float32 noise, or tensors; `undefined` leaves one out. */
export interface FusedCase {
  readonly name: string;
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly inputs: readonly (readonly number[] | Tensor | undefined)[];
  readonly outputs?: number;
  /** Outputs after those, which nothing reads. */
  readonly unread?: number;
  /** Element type numbers of outputs that are not float32. */
  readonly outputTypes?: Readonly<Record<string, number>>;
  /** Expected elements beyond this are not compared: scores of hidden keys. */
  readonly loose?: number;
}

export const int32 = (shape: readonly number[], data: readonly number[]): Tensor => ({ dtype: "int32", shape, data: Int32Array.from(data) });
export const int64 = (shape: readonly number[], data: readonly number[]): Tensor => ({ dtype: "int64", shape, data: BigInt64Array.from(data, BigInt) });
export const bool = (shape: readonly number[], data: readonly number[]): Tensor => ({ dtype: "bool", shape, data: Uint8Array.from(data) });

const float = (value: number) => ({ float: value });
const x = [2, 5, 8];
const vector = [8];
const fused = (name: string, op: string, inputs: FusedCase["inputs"], attributes: FusedCase["attributes"] = {}, rest: Partial<FusedCase> = {}): FusedCase => ({ name, op, domain: "com.microsoft", inputs, attributes, ...rest });

/** One projection for queries, keys and values: `[8, 24]` and its bias. */
const projection = [[8, 24], [24]] as const;
/** Cosines or sines of growing angles, `[positions, half]`. */
const turning = (f: (angle: number) => number, positions: number, half: number): Tensor => ({ dtype: "float32", shape: [positions, half], data: Float32Array.from({ length: positions * half }, (_, i) => f(i * 0.3)) });
const [angles, sines] = [turning(Math.cos, 16, 2), turning(Math.sin, 16, 2)];
const cache = [turning(Math.cos, 8, 8), turning(Math.sin, 8, 8)];
/** Four query heads and two key heads of size 8. */
const grouped = [[2, 5, 32], [2, 5, 16], [2, 5, 16]];
const wide = [[2, 5, 64], [2, 5, 32], [2, 5, 32]];
const ids = int32([2, 5], [1, 3, 0, 2, 4, 4, 2, 1, 0, 3]);

export const fusedCases: readonly FusedCase[] = [
  fused("Gelu", "Gelu", [x]), fused("FastGelu", "FastGelu", [x]), fused("FastGelu with a bias", "FastGelu", [x, vector]), fused("BiasGelu", "BiasGelu", [x, vector]),
  fused("QuickGelu", "QuickGelu", [x]), fused("QuickGelu, alpha 1", "QuickGelu", [x], { alpha: float(1) }),
  ...["Relu", "Tanh", "Sigmoid"].map((activation) => fused(`FusedGemm ${activation}`, "FusedGemm", [[5, 3], [4, 5], [4]], { transA: 1, transB: 1, alpha: 0.5, activation })),
  fused("FusedGemm LeakyRelu", "FusedGemm", [[3, 5], [5, 4]], { activation: "LeakyRelu", activation_alpha: 0.3 }),
  fused("FusedConv Relu", "FusedConv", [[1, 3, 6, 6], [4, 3, 3, 3], [4]], { activation: "Relu", kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  fused("FusedConv with a sum and a clip", "FusedConv", [[1, 3, 6, 6], [4, 3, 3, 3], [4], [1, 4, 4, 4]], { activation: "Clip", activation_params: { floats: [-0.5, 0.75] }, kernel_shape: [3, 3] }),
  fused("FusedConv LeakyRelu", "FusedConv", [[1, 3, 6, 6], [4, 3, 3, 3]], { activation: "LeakyRelu", activation_params: { floats: [0.25] }, kernel_shape: [3, 3], strides: [2, 2] }),
  fused("FusedMatMul", "FusedMatMul", [[2, 5, 3], [2, 4, 5]], { transA: 1, transB: 1, alpha: 0.5 }), fused("FusedMatMul of a matrix", "FusedMatMul", [[2, 3, 5], [5, 4]], { alpha: float(2) }),
  fused("SkipLayerNormalization", "SkipLayerNormalization", [x, x, vector, vector, vector], { epsilon: 1e-5 }), fused("SkipLayerNormalization, no bias", "SkipLayerNormalization", [x, x, vector]),
  fused("SkipSimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization", [x, x, vector], { epsilon: 1e-5 }),
  { name: "SimplifiedLayerNormalization", op: "SimplifiedLayerNormalization", inputs: [x, vector], attributes: { axis: -1, epsilon: 1e-5 } },
  fused("EmbedLayerNormalization", "EmbedLayerNormalization", [ids, int32([2, 5], [0, 0, 1, 1, 1, 0, 0, 0, 0, 1]), [6, 8], [9, 8], [2, 8], vector, vector, int32([2, 5], [1, 1, 1, 1, 0, 1, 1, 0, 0, 0])], { epsilon: 1e-5 }, { outputs: 2, outputTypes: { y1: 6 } }),
  fused("EmbedLayerNormalization without segments", "EmbedLayerNormalization", [ids, undefined, [6, 8], [9, 8], undefined, vector, vector], { epsilon: 1e-5 }, { unread: 1 }),
  fused("Attention", "Attention", [x, ...projection], { num_heads: 2 }),
  fused("Attention with a scale", "Attention", [x, ...projection], { num_heads: 4, scale: 0.2 }),
  fused("Attention, causal", "Attention", [x, ...projection], { num_heads: 2, unidirectional: 1 }),
  fused("Attention, lengths", "Attention", [x, ...projection, int32([2], [5, 3])], { num_heads: 2 }),
  fused("Attention, mask of keys", "Attention", [x, ...projection, int32([2, 5], [1, 1, 1, 0, 0, 1, 1, 1, 1, 0])], { num_heads: 2 }),
  fused("Attention, mask of queries and keys", "Attention", [x, ...projection, int32([2, 5, 5], Array.from({ length: 50 }, (_, i) => ((i * 7) % 10 < 7 ? 1 : 0)))], { num_heads: 2 }),
  fused("Attention, bias of scores", "Attention", [x, ...projection, undefined, undefined, [2, 2, 5, 5]], { num_heads: 2 }),
  fused("Attention, a past", "Attention", [x, ...projection, undefined, [2, 2, 2, 3, 4]], { num_heads: 2, unidirectional: 1 }, { outputs: 2 }),
  fused("Attention, values of another width", "Attention", [x, [8, 28], [28]], { num_heads: 2, qkv_hidden_sizes: [8, 8, 12] }),
  fused("MultiHeadAttention", "MultiHeadAttention", [x, [2, 7, 8], [2, 7, 8]], { num_heads: 2 }),
  fused("MultiHeadAttention with a bias", "MultiHeadAttention", [x, [2, 7, 8], [2, 7, 12], [28]], { num_heads: 2 }),
  fused("MultiHeadAttention, mask of keys", "MultiHeadAttention", [x, [2, 7, 8], [2, 7, 8], undefined, int32([2, 7], [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0])], { num_heads: 2 }),
  fused("MultiHeadAttention, bias of scores", "MultiHeadAttention", [x, [2, 7, 8], [2, 7, 8], undefined, undefined, [1, 2, 5, 7]], { num_heads: 2, scale: 0.3 }),
  fused("MultiHeadAttention, causal", "MultiHeadAttention", [x, x, x], { num_heads: 2, unidirectional: 1 }),
  fused("MultiHeadAttention, a past", "MultiHeadAttention", [x, x, x, undefined, undefined, undefined, [2, 2, 3, 4], [2, 2, 3, 4]], { num_heads: 2 }, { outputs: 3 }),
  fused("MultiHeadAttention, keys and values with heads apart", "MultiHeadAttention", [x, [2, 2, 7, 4], [2, 2, 7, 4]], { num_heads: 2 }),
  fused("GroupQueryAttention", "GroupQueryAttention", [...grouped, undefined, undefined, int32([2], [4, 4]), int32([1], [5])], { num_heads: 4, kv_num_heads: 2 }, { outputs: 3 }),
  fused("GroupQueryAttention, packed", "GroupQueryAttention", [[2, 5, 64], undefined, undefined, undefined, undefined, int32([2], [4, 4]), int32([1], [5])], { num_heads: 4, kv_num_heads: 2, scale: 0.4 }, { outputs: 3 }),
  fused("GroupQueryAttention, rotary", "GroupQueryAttention", [...wide, undefined, undefined, int32([2], [4, 4]), int32([1], [5]), ...cache], { num_heads: 4, kv_num_heads: 2, do_rotary: 1 }, { outputs: 3 }),
  fused("GroupQueryAttention, interleaved rotary and a window", "GroupQueryAttention", [...wide, undefined, undefined, int32([2], [4, 4]), int32([1], [5]), ...cache], { num_heads: 4, kv_num_heads: 2, do_rotary: 1, rotary_interleaved: 1, local_window_size: 2 }, { outputs: 3 }),
  fused("GroupQueryAttention, softcap", "GroupQueryAttention", [...grouped, undefined, undefined, int32([2], [4, 4]), int32([1], [5])], { num_heads: 4, kv_num_heads: 2, softcap: 0.5 }, { outputs: 3 }),
  fused("RotaryEmbedding, positions", "RotaryEmbedding", [x, int64([2, 5], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), angles, sines]),
  fused("RotaryEmbedding, first position", "RotaryEmbedding", [x, int64([1], [3]), angles, sines], { interleaved: 1 }),
  fused("RotaryEmbedding, heads apart", "RotaryEmbedding", [[2, 3, 5, 4], int64([1], [0]), angles, sines]),
  fused("RotaryEmbedding of a part", "RotaryEmbedding", [[2, 5, 16], int64([1], [2]), angles, sines], { num_heads: 2, rotary_embedding_dim: 4 }),
];

/** @file Forms of `Attention` (opset 23 and 24) and `RotaryEmbedding` (opset 23). */
import { bool, int64, type FusedCase } from "./fusedCases.js";

const [q, k, v] = [[2, 4, 5, 8], [2, 4, 6, 8], [2, 4, 6, 10]];
const [flatQ, flatK, flatV] = [[2, 5, 32], [2, 6, 16], [2, 6, 20]];
const flat = { q_num_heads: 4, kv_num_heads: 2 };
const mask = bool([5, 6], Array.from({ length: 30 }, (_, i) => ((i * 5) % 7 < 4 ? 1 : 0)));

const attention = (name: string, inputs: FusedCase["inputs"], attributes: FusedCase["attributes"] = {}, rest: Partial<FusedCase> = {}): FusedCase => ({ name: `Attention, ${name}`, op: "Attention", opset: 23, inputs, attributes, ...rest });
const rotary = (name: string, inputs: FusedCase["inputs"], attributes: FusedCase["attributes"] = {}): FusedCase => ({ name: `RotaryEmbedding, ${name}`, op: "RotaryEmbedding", opset: 23, inputs, attributes });

export const attentionCases: readonly FusedCase[] = [
  attention("four axes", [q, k, v]),
  attention("a scale", [q, k, v], { scale: 0.2 }),
  attention("three axes, shared keys", [flatQ, flatK, flatV], flat),
  attention("shared keys", [[2, 4, 5, 8], [2, 2, 6, 8], [2, 2, 6, 8]]),
  attention("causal", [q, q, q], { is_causal: 1 }),
  attention("causal, more keys than queries", [q, k, v], { is_causal: 1 }),
  attention("a mask of booleans", [q, k, v, mask]),
  attention("a mask of floats", [q, k, v, [2, 1, 5, 6]]),
  attention("a mask per head", [q, k, v, [2, 4, 5, 6]]),
  attention("a mask and causal", [q, k, v, [5, 6]], { is_causal: 1 }),
  attention("softcap", [q, k, v], { softcap: 0.5 }),
  attention("softcap and a mask", [q, k, v, [5, 6]], { softcap: 0.5 }),
  attention("a past", [q, k, v, undefined, [2, 4, 3, 8], [2, 4, 3, 10]], {}, { outputs: 3 }),
  attention("a past and causal", [q, q, q, undefined, [2, 4, 3, 8], [2, 4, 3, 8]], { is_causal: 1 }, { outputs: 3 }),
  attention("a past, three axes", [flatQ, flatK, flatV, [5, 9], [2, 2, 3, 8], [2, 2, 3, 10]], flat, { outputs: 3 }),
  ...[0, 1, 2, 3].map((qk_matmul_output_mode) => attention(`scores of stage ${qk_matmul_output_mode}`, [q, k, v, [5, 6]], { qk_matmul_output_mode, softcap: 0.75 }, { outputs: 4, loose: 1e30 })),
  { name: "Attention of opset 24, lengths of keys", op: "Attention", opset: 24, inputs: [q, k, v, undefined, undefined, undefined, int64([2], [4, 6])] },
  rotary("positions", [[2, 3, 5, 8], [16, 4], [16, 4], int64([2, 5], [0, 1, 2, 3, 4, 9, 8, 7, 6, 5])]),
  rotary("interleaved", [[2, 3, 5, 8], [16, 4], [16, 4], int64([2, 5], [0, 1, 2, 3, 4, 9, 8, 7, 6, 5])], { interleaved: 1 }),
  rotary("angles per place", [[2, 3, 5, 8], [2, 5, 4], [2, 5, 4]]),
  rotary("three axes", [[2, 5, 24], [2, 5, 4], [2, 5, 4]], { num_heads: 3 }),
  rotary("a part", [[2, 3, 5, 8], [2, 5, 2], [2, 5, 2]], { rotary_embedding_dim: 4 }),
];

/** @file Folders of a Llama of any size whose weights are holes: they take no room on the disk, and read as zeros. */
import { mkdirSync, openSync, closeSync, ftruncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface LlamaSizes {
  readonly layers: number;
  readonly width: number;
  readonly inner: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** How many files the weights lie in. */
  readonly shards: number;
}

/** Llama 2 with 7 billion weights, as it lies on the hub. */
export const llama7b: LlamaSizes = { layers: 32, width: 4096, inner: 11008, heads: 32, vocabulary: 32000, shards: 3 };

/** Writes config, index and shards in bfloat16 into a folder, which it makes. Returns the bytes that the weights seem to have. */
export function writeSparseLlama(folder: string, sizes: LlamaSizes): number {
  const { layers, width, inner, heads, vocabulary, shards } = sizes;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify({
    model_type: "llama", architectures: ["LlamaForCausalLM"], hidden_size: width, intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: heads, vocab_size: vocabulary, torch_dtype: "bfloat16",
  }));
  const layer = (i: number): readonly (readonly [string, readonly number[]])[] => [
    ...["q", "k", "v", "o"].map((part) => [`model.layers.${i}.self_attn.${part}_proj.weight`, [width, width]] as const),
    [`model.layers.${i}.mlp.gate_proj.weight`, [inner, width]], [`model.layers.${i}.mlp.up_proj.weight`, [inner, width]], [`model.layers.${i}.mlp.down_proj.weight`, [width, inner]],
    [`model.layers.${i}.input_layernorm.weight`, [width]], [`model.layers.${i}.post_attention_layernorm.weight`, [width]],
  ];
  const tensors = [["model.embed_tokens.weight", [vocabulary, width]] as const, ...Array.from({ length: layers }, (_, i) => layer(i)).flat(), ["model.norm.weight", [width]] as const, ["lm_head.weight", [vocabulary, width]] as const];
  const files = Array.from({ length: shards }, (_, i) => (shards === 1 ? "model.safetensors" : `model-${number(i + 1)}-of-${number(shards)}.safetensors`));
  const map: Record<string, string> = {};
  const total = files.reduce((sum, file, i) => {
    const part = tensors.slice(Math.floor((i * tensors.length) / shards), Math.floor(((i + 1) * tensors.length) / shards));
    for (const [name] of part) map[name] = file;
    return sum + writeSparse(join(folder, file), part);
  }, 0);
  if (shards > 1) writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: { total_size: total }, weight_map: map }));
  return total;
}

const number = (i: number) => String(i).padStart(5, "0");

function writeSparse(path: string, tensors: readonly (readonly [string, readonly number[]])[]): number {
  let end = 0;
  const header = Object.fromEntries(tensors.map(([name, shape]) => {
    const begin = end;
    end += 2 * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: "BF16", shape, data_offsets: [begin, end] }];
  }));
  const text = Buffer.from(JSON.stringify(header).padEnd(8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, "w");
  writeSync(file, Buffer.concat([length, text]));
  ftruncateSync(file, 8 + text.length + end);
  closeSync(file);
  return end;
}

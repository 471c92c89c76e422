/** @file Configs of decoders that are refused, and what is told of them; what they compute is held against transformers in test/oracle/families. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { importCheckpoint } from "../../../src/engine/importers/importCheckpoint.js";
import { safetensorsWeights } from "../../../src/engine/importers/safetensors.js";
import { openByteSource } from "../../../src/worker/files.js";

const folder = join(import.meta.dirname, "../../fixtures/models/decoders");

/** The error for a recorded model whose config says otherwise. */
function refusal(name: string, change: object): WhylightError | undefined {
  const source = openByteSource(join(folder, name, "model.safetensors"));
  const config = { ...(JSON.parse(readFileSync(join(folder, name, "config.json"), "utf8")) as object), ...change };
  try {
    importCheckpoint({ format: "safetensors", weights: safetensorsWeights(source), config: { file: "config.json", text: JSON.stringify(config) } });
    return undefined;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WhylightError);
    return thrown as WhylightError;
  } finally {
    source.close();
  }
}

it.each([
  ["llama", { rope_parameters: { rope_type: "yarn", factor: 4 } }, /rope_parameters.*yarn/],
  ["llama", { rope_scaling: { type: "longrope" } }, /rope_scaling.*longrope/],
  ["llama", { rope_parameters: { full_attention: { rope_type: "default" } } }, /full_attention/],
  ["llama", { rope_parameters: { rope_type: "linear", factor: 2, partial_rotary_factor: 0.5 } }, /partial_rotary_factor/],
  ["llama", { quantization_config: { quant_method: "gptq", bits: 4 } }, /^llama with weights packed by gptq$/],
  ["llama", { hidden_act: "xielu" }, /hidden_act.*xielu/],
  ["llama", { is_causal: false }, /is_causal/],
  ["llama", { architectures: ["LlamaForQuestionAnswering"] }, /^LlamaForQuestionAnswering$/],
  ["llama", { model_type: "mixtral", architectures: ["MixtralForCausalLM"] }, /^MixtralForCausalLM$/],
  ["qwen3", { layer_types: ["chunked_attention", "full_attention"] }, /chunked_attention/],
  ["gpt2", { add_cross_attention: true }, /add_cross_attention/],
] as const)("%s with %j is refused by name", (name, change, architecture) => {
  const error = refusal(name, change);
  expect(error?.code).toBe("architectureUnknown");
  expect(error?.data["architecture"]).toMatch(architecture);
});

it.each([
  ["llama", { num_attention_heads: 4, num_key_value_heads: 3 }, "descriptionInvalid"],
  ["llama", { num_attention_heads: 0.5 }, "descriptionInvalid"],
  ["llama", { rope_parameters: { rope_type: "linear", factor: 0 } }, "descriptionInvalid"],
  ["llama", { head_dim: 3 }, "modelCorrupt"],
  ["llama", { head_dim: 2 ** 40 }, "descriptionInvalid"],
  ["llama", { head_dim: 2 ** 20 }, "modelCorrupt"],
  ["llama", { num_attention_heads: 2 ** 20, num_key_value_heads: 2 ** 20 }, "modelCorrupt"],
  ["llama", { num_hidden_layers: 2 ** 20 }, "descriptionInvalid"],
  ["gpt2", { n_layer: 4 }, "modelCorrupt"],
  ["gpt2", { n_head: 5 }, "descriptionInvalid"],
  ["gpt2", { n_embd: 2 ** 20, n_head: 2 ** 18 }, "modelCorrupt"],
  ["mistral", { sliding_window: 0 }, "descriptionInvalid"],
] as const)("%s with %j has one reason, and takes no memory", (name, change, code) => {
  expect(refusal(name, change)?.code).toBe(code);
});

it.each([
  // Older versions of the library wrote these fields.
  ["llama", { rope_parameters: undefined, rope_scaling: { type: "dynamic", factor: 2 }, rope_theta: 10_000 }],
  ["llama", { rope_parameters: undefined, rope_scaling: null }],
  ["mistral", { sliding_window: null, num_key_value_heads: 2 }],
  ["gpt2", { architectures: undefined }],
] as const)("%s with %j is taken", (name, change) => {
  expect(refusal(name, change)).toBeUndefined();
});

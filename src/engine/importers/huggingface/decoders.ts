/** @file The decoders of transformers, by `model_type`. */
import { gpt2 } from "./decoders/gpt2.js";
import { llama, mistral, qwen2, qwen3 } from "./decoders/llama.js";
import type { Architecture } from "./importHuggingFace.js";

export const decoders: Readonly<Record<string, Architecture>> = { gpt2, llama, mistral, qwen2, qwen3 };

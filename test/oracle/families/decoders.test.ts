/** @file Decoders as transformers computes them: GPT-2, Llama, Mistral, Qwen2, Qwen3. */
import { testRecordedFamily } from "../recordedFamilies.js";

await testRecordedFamily("decoders");

/** @file The decoders of transformers, by `model_type`. */
import type { Architecture } from "./importHuggingFace.js";

export const decoders: Readonly<Record<string, Architecture>> = {};

/** @file The encoders of transformers, by `model_type`. */
import type { Architecture } from "./importHuggingFace.js";

export const encoders: Readonly<Record<string, Architecture>> = {};

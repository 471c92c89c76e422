/** @file The vision of transformers, by `model_type`. */
import type { Architecture } from "./importHuggingFace.js";

export const vision: Readonly<Record<string, Architecture>> = {};

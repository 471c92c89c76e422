/** @file The registry of methods for text, in the order people are shown them. */
import { attentionXGradient } from "./attentionXGradient.js";
import { layerIntegratedGradients } from "./layerIntegratedGradients.js";
import { gradientNorm, textInputXGradient } from "./plainText.js";
import type { TextMethod } from "./textMethod.js";
import { textOcclusion } from "./textOcclusion.js";

/** Method id to method. */
export const textMethods = {
  "layer-integrated-gradients": layerIntegratedGradients,
  "input-x-gradient": textInputXGradient,
  "gradient-norm": gradientNorm,
  "attention-x-gradient": attentionXGradient,
  occlusion: textOcclusion,
} as const;

export type TextMethodName = keyof typeof textMethods;

/** A method without the types of its own parameters. */
export function textMethodOf(name: TextMethodName): TextMethod {
  return textMethods[name] as unknown as TextMethod;
}

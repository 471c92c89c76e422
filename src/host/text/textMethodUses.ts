/** @file What each method for texts does, in a line of English that is the key of its translation. */
import type { TextMethodId } from "../../protocol/text.js";

export const textMethodUses: Readonly<Record<TextMethodId, string>> = {
  "layer-integrated-gradients": "The gradient along the way from an empty text, token by token; adds up to the score's difference",
  "input-x-gradient": "Each embedding times its gradient: one run, exact for linear models",
  "gradient-norm": "How strongly the score reacts to each token, without direction",
  "attention-x-gradient": "The attention that each token receives, weighted by its gradient",
  occlusion: "How much the score falls when a token or word is covered; needs no gradient",
};

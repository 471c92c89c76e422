/** @file What people are told beside attention, in English, each sentence the key of its translation. The attention panel says the same. */
import type { AttentionSummary } from "./attention.js";

export const attentionTexts = {
  notWhy: "Attention shows where a model mixes information, not why it answers.",
  noScore: "This model gives no score, so there is no gradient to hold it against.",
  flat: "Here one of the two rankings is flat, so their agreement has no number.",
  agreesOnPatches: "Here its ranking of the {count} patches agrees with the gradient's by ρ = {value}.",
  average: "average of all layers and heads",
  rollout: "rollout",
  relevance: "relevance",
  agreesOnTokens: "Here its ranking of the {count} tokens agrees with the gradient's by ρ = {value}.",
} as const;

/** What attention does not show, with the number measured on this very input; without it where layers differ in their tokens. */
export function evidenceSentences({ agreement, predictions, task }: Pick<AttentionSummary, "agreement" | "predictions" | "task">): readonly { readonly text: string; readonly data: Readonly<Record<string, number | string>> }[] {
  const first = { text: attentionTexts.notWhy, data: {} };
  if (!agreement) return predictions.length === 0 ? [first, { text: attentionTexts.noScore, data: {} }] : [first];
  if (agreement.correlation === null) return [first, { text: attentionTexts.flat, data: {} }];
  const data = { count: agreement.tokens, value: agreement.correlation.toFixed(2).replace("-", "−") };
  return [first, { text: task === "image-classification" ? attentionTexts.agreesOnPatches : attentionTexts.agreesOnTokens, data }];
}

/** @file What people are told beside attention, in English, each sentence the key of its translation. */
import type { AttentionSummary } from "./attention.js";
import { isImageTask } from "./tasks.js";

/** What attention does not show, and why a number says how far. */
export const evidenceTexts = {
  notWhy: "Attention shows where a model mixes information, not why it answers.",
  noScore: "This model gives no score, so there is no gradient to hold it against.",
  noRanking: "Here there is no ranking over all layers to hold against the gradient's.",
  flat: "Here one of the two rankings is flat, so their agreement has no number.",
  agreesOnPatches: "Here its ranking of the {count} patches agrees with the gradient's by ρ = {value}.",
  agreesOnTokens: "Here its ranking of the {count} tokens agrees with the gradient's by ρ = {value}.",
} as const;

/** What is made of all layers. */
export const attentionTexts = { ...evidenceTexts, average: "average of all layers and heads", rollout: "rollout", relevance: "relevance" } as const;

/** A sentence with the values of its placeholders. */
export interface EvidenceSentence {
  readonly text: (typeof evidenceTexts)[keyof typeof evidenceTexts];
  readonly data: Readonly<Record<string, number | string>>;
}

/** What attention does not show, with the number measured on this very input, or why there is none. */
export function evidenceSentences({ agreement, predictions, task }: Pick<AttentionSummary, "agreement" | "predictions" | "task">): readonly EvidenceSentence[] {
  const first: EvidenceSentence = { text: evidenceTexts.notWhy, data: {} };
  if (!agreement) return [first, { text: predictions.length === 0 ? evidenceTexts.noScore : evidenceTexts.noRanking, data: {} }];
  if (agreement.correlation === null) return [first, { text: evidenceTexts.flat, data: {} }];
  const data = { count: agreement.tokens, value: agreement.correlation.toFixed(2).replace("-", "−") };
  return [first, { text: isImageTask(task) ? evidenceTexts.agreesOnPatches : evidenceTexts.agreesOnTokens, data }];
}

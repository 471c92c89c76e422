/** @file The line that is always there: what attention does not show, with the number measured on this very input. */
import type { AttentionSummary } from "../../src/protocol/attention.js";
import { evidenceSentences, evidenceTexts } from "../../src/protocol/attentionTexts.js";
import { t } from "../strings.js";

/** The sentences. Without a summary only the first, which holds for every input. */
export function evidenceText(summary: Pick<AttentionSummary, "agreement" | "task" | "predictions"> | undefined): string {
  return summary ? evidenceSentences(summary).map(({ text, data }) => t(text, data)).join(" ") : t(evidenceTexts.notWhy);
}

/** What the number is. */
export function evidenceDetail(): string {
  return t("ρ is Spearman's rank correlation, from −1 to 1: what each token receives on average over layers, heads and queries, beside the absolute value of its gradient times its embedding.");
}

/** @file The line that is always there: what attention does not show, with the number measured on this very input. */
import type { AttentionSummary } from "../../src/protocol/attention.js";
import { t } from "../strings.js";

/** The sentences. Without a summary only the first, which holds for every input. */
export function evidenceText(summary: Pick<AttentionSummary, "agreement" | "task" | "predictions"> | undefined): string {
  const first = t("Attention shows where a model mixes information, not why it answers.");
  if (!summary) return first;
  const { agreement, task, predictions } = summary;
  if (!agreement) return `${first} ${predictions.length === 0 ? t("This model gives no score, so there is no gradient to hold it against.") : t("Here there is no ranking over all layers to hold against the gradient's.")}`;
  if (agreement.correlation === null) return `${first} ${t("Here one of the two rankings is flat, so their agreement has no number.")}`;
  const values = { count: agreement.tokens, value: agreement.correlation.toFixed(2).replace("-", "−") };
  return `${first} ${task === "image-classification" ? t("Here its ranking of the {count} patches agrees with the gradient's by ρ = {value}.", values) : t("Here its ranking of the {count} tokens agrees with the gradient's by ρ = {value}.", values)}`;
}

/** What the number is. */
export function evidenceDetail(): string {
  return t("ρ is Spearman's rank correlation, from −1 to 1: what each token receives on average over layers, heads and queries, beside the absolute value of its gradient times its embedding.");
}

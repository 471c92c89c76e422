/** @file The completeness gap beside the maps of Integrated Gradients and its kin: how far their sum is from the score's difference. */
import type { Explanation } from "../src/protocol/api.js";
import { el, setText } from "./element.js";
import * as numbers from "./numbers.js";
import { t } from "./strings.js";

export interface CompletenessView {
  readonly element: HTMLElement;
  update(explanation: Explanation | undefined): void;
}

/** Above this share of the score's difference the map is said not to add up. */
const largeGap = 0.05;

/** One line; empty for methods that promise no sum. */
export function createCompleteness(): CompletenessView {
  const element = el("p", { id: "gap" });
  return {
    element,
    update: (explanation) => {
      const isLarge = Math.abs(explanation?.completeness?.relative ?? 0) > largeGap;
      element.toggleAttribute("data-large", isLarge);
      element.title = isLarge ? t("The map does not add up to what it explains: more steps, or another baseline, may mend it.") : "";
      setText(element, explanation ? completenessText(explanation) : "");
    },
  };
}

/** "Completeness gap 0.4 % of the score's difference · 22 steps · baseline black". Where the score does not differ, the gap is absolute. A mark, not the colour alone, says that it is large. */
export function completenessText({ completeness, facts, parameters, partial }: Pick<Explanation, "completeness" | "facts" | "parameters" | "partial">): string {
  if (!completeness || partial) return "";
  const { gap, relative } = completeness;
  const text = Number.isFinite(relative) ? t("Completeness gap {share} of the score's difference", { share: numbers.percent(Math.abs(relative)) }) : t("Completeness gap {gap}", { gap: numbers.raw(Math.abs(gap)) });
  const [{ steps }, { baseline }] = [facts, parameters];
  return [`${Math.abs(relative) > largeGap ? "⚠ " : ""}${text}`, ...(steps === undefined ? [] : [t("{steps} steps", { steps })]), ...(baseline === undefined ? [] : [t("baseline {baseline}", { baseline: String(baseline) })])].join(" · ");
}

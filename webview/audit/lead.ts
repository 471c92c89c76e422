/** @file The first sentence of an audit: the most important of what was found, where that is important. */
import type { AuditSummary } from "../../src/protocol/audit.js";
import { auditSentenceText } from "../../src/protocol/auditTexts.js";
import { el, setText } from "../element.js";
import { t, translate } from "../strings.js";

export interface Lead {
  readonly element: HTMLElement;
  update(summary: AuditSummary | undefined): void;
}

/** The sentence, with a way to all that was found. */
export function createLead(showFindings: () => void): Lead {
  const text = el("span", {});
  const link = el("button", { type: "button", id: "lead-details", class: "link" }, t("Show details"));
  link.addEventListener("click", showFindings);
  const element = el("p", { id: "lead", hidden: true }, el("span", { class: "mark bad", role: "img", "aria-label": t("important") }), el("span", {}, text, link));
  return {
    element,
    update: (summary) => {
      const [finding] = summary?.findings ?? [];
      const sentence = finding?.severity === "high" ? finding.sentences[0] : undefined;
      element.hidden = !sentence;
      setText(text, sentence ? auditSentenceText(sentence, translate) : "");
    },
  };
}

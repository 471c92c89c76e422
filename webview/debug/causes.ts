/** @file The likely causes, most likely first, each with how much speaks for it and what. */
import type { Cause, CauseStrength, DebugReport } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import { t, type Source } from "../strings.js";
import { skeletons } from "./findings.js";
import { causeName, sentence } from "./words.js";

export interface CausesView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined): void;
}

const strengthNames: Readonly<Record<CauseStrength, Source>> = { strong: "strong evidence", moderate: "moderate evidence", weak: "weak evidence" };
const dots: Readonly<Record<CauseStrength, number>> = { strong: 3, moderate: 2, weak: 1 };

/** The list, and what the usual thresholds alone say. */
export function createCauses(): CausesView {
  const heading = el("h2", {}, t("Likely causes"));
  const list = el("ol", { id: "cause-list" });
  const none = el("p", { class: "hint", hidden: true });
  const textbook = el("p", { class: "textbook hint" });
  const element = el("section", { class: "causes" }, heading, none, list, textbook);
  let shown: DebugReport | "none" | undefined;
  return {
    element,
    update: (report) => {
      if ((report ?? "none") === shown) return;
      shown = report ?? "none";
      none.hidden = !report || report.causes.length > 0;
      none.textContent = t("Nothing that was measured speaks for a cause.");
      list.replaceChildren(...(report ? report.causes.map(causeItem) : skeletons(3)));
      textbook.textContent = report && report.textbook.length > 0 ? [t("By the usual thresholds alone:"), ...report.textbook.map(sentence)].join(" ") : "";
    },
  };
}

function causeItem({ id, strength, evidence }: Cause): HTMLElement {
  const meter = el("span", { class: "meter", "data-strength": strength, "aria-hidden": "true" }, ...[1, 2, 3].map((dot) => el("span", { class: dot <= dots[strength] ? "dot on" : "dot" })));
  return el("li", { "data-id": id },
    el("div", { class: "cause" }, el("span", { class: "cause-name" }, causeName(id)), meter, el("span", { class: "strength" }, t(strengthNames[strength]))),
    el("ul", {}, ...evidence.map((one) => el("li", {}, sentence(one)))));
}

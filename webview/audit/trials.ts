/** @file What other preprocessing would do: every change that was tried, on the same sample of images. */
import type { AuditSummary } from "../../src/protocol/audit.js";
import { variantText } from "../../src/protocol/debugTexts.js";
import { el } from "../element.js";
import { t, translate } from "../strings.js";

/** The table. A change that the model probably wants is marked. */
export function trialsPart({ preprocessing }: AuditSummary): HTMLElement {
  const heads = [t("Change"), t("Images tried"), t("Right as described"), t("Right with the change"), t("Log-probability of the labels")].map((head) => el("th", { scope: "col" }, head));
  const rows = preprocessing.map(({ id, images, right, rightChanged, likelihood, likelihoodChanged, isLikely }) => el("tr", { "data-trial": id, "data-likely": isLikely },
    el("th", { scope: "row" }, variantText(id, translate)), ...[images, right, rightChanged].map((count) => el("td", {}, count.toLocaleString("en"))),
    el("td", {}, `${likelihood.toFixed(2)} → ${likelihoodChanged.toFixed(2)}`.replaceAll("-", "−"))));
  return el("div", { id: "trials-part" },
    el("p", { class: "hint" }, t("The same images, fed in other ways. A change under which the labels are likelier beyond chance is probably how the model was trained.")),
    el("table", { id: "trials" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)));
}

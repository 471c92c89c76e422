/** @file What an audit could not use: files that could not be read, and labels that are no class of the model. */
import type { AuditSummary } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import { t } from "../strings.js";

/** How many there are to list; none leaves the part out. */
export function failedCount({ failedCount: failed, unknownLabels }: AuditSummary): number {
  return failed + unknownLabels.length;
}

/** The lists. */
export function failedPart({ failed, failedCount: all, unknownLabels }: AuditSummary): HTMLElement {
  const rows = failed.map(({ file, reason }) => el("tr", {}, el("th", { scope: "row" }, file), el("td", { class: "words" }, reason)));
  const labels = unknownLabels.map(({ label, images }) => el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, images.toLocaleString("en"))));
  const table = (id: string, caption: string, heads: readonly string[], body: readonly HTMLElement[]) => el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", { id }, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...heads.map((head, i) => el("th", { scope: "col", class: i > 0 && id === "failed-files" ? "words" : undefined }, head)))), el("tbody", {}, ...body)));
  return el("div", { id: "failed-part" },
    ...(rows.length > 0 ? [table("failed-files", t("Files that could not be read"), [t("File"), t("Reason")], rows)] : []),
    ...(all > failed.length ? [el("p", { class: "hint" }, t("{count} more are in the audit's file.", { count: (all - failed.length).toLocaleString("en") }))] : []),
    ...(labels.length > 0 ? [table("unknown-labels", t("Labels that are no class of the model"), [t("Label"), t("Images")], labels)] : []));
}

/** @file The files of a finding with what is said of each: suspected labels, and pictures that are nearly the same. */
import type { AuditFinding, AuditSummary } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";

/** More would make a card a page; the gallery has them all. */
const most = 50;

/** A folded list; `undefined` for findings without one. `open` is told the file that was pressed. */
export function findingList({ id }: Pick<AuditFinding, "id">, summary: AuditSummary, open: (file: string) => void): HTMLElement | undefined {
  const rows = id === "labelErrors" ? suspectRows(summary, open) : id === "duplicates" ? duplicateRows(summary, open) : [];
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, most);
  const rest = rows.length - shown.length;
  return el("details", {}, el("summary", {}, t("List ({count})", { count: rows.length.toLocaleString("en") })), el("ul", { class: "finding-files" }, ...shown), ...(rest > 0 ? [el("p", { class: "hint" }, t("{count} more in the gallery", { count: rest.toLocaleString("en") }))] : []));
}

function suspectRows({ labelSuspects, labels }: AuditSummary, open: (file: string) => void): HTMLElement[] {
  const name = (index: number, probability: number) => `${labels[index] ?? t("class {index}", { index })} ${numbers.percent(probability)}`;
  return labelSuspects.map(({ file, label, likely, labelProbability, likelyProbability, neighbours }) => el("li", {}, fileButton(file, open),
    el("span", { class: "dim" }, t("labelled {label}, looks like {likely}", { label: name(label, labelProbability), likely: name(likely, likelyProbability) }) + (neighbours ? ` · ${t("so do {agree} of {of} near images", { agree: neighbours.agree, of: neighbours.of })}` : ""))));
}

function duplicateRows({ duplicates, labels }: AuditSummary, open: (file: string) => void): HTMLElement[] {
  return duplicates.filter(({ isAcrossClasses }) => isAcrossClasses).map(({ files }) => el("li", {}, ...files.flatMap(({ file, label }) => [fileButton(file, open), el("span", { class: "dim" }, label < 0 ? t("no label") : (labels[label] ?? t("class {index}", { index: label })))])));
}

function fileButton(file: string, open: (file: string) => void): HTMLElement {
  const button = el("button", { type: "button", class: "link", title: file }, file);
  button.addEventListener("click", () => open(file));
  return button;
}

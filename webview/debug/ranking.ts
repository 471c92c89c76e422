/** @file The likeliest classes with the true and the expected one marked, and their ranks below where they are not among them. */
import type { DebugReport, RankedPrediction } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";

/** What a class of the list is to the report. */
export type Mark = "true" | "expected";

/** A line of the list. */
export interface RankedRow {
  readonly prediction: RankedPrediction;
  readonly marks: readonly Mark[];
  /** Whether classes between the line above and this one are left out. */
  readonly isApart: boolean;
}

/** The five likeliest, then the true and the expected class where they are not among them, in the order of their ranks. */
export function rankedRows(report: Pick<DebugReport, "predictions" | "true" | "expected">): RankedRow[] {
  const likeliest = report.predictions.map((prediction, i): RankedPrediction => ({ ...prediction, rank: i + 1 }));
  const others = [report.true, ...(report.expected ? [report.expected] : [])].filter(({ index }) => !likeliest.some((one) => one.index === index));
  const unique = others.filter(({ index }, i) => others.findIndex((one) => one.index === index) === i).toSorted((a, b) => a.rank - b.rank);
  const all = [...likeliest, ...unique];
  return all.map((prediction, i) => ({
    prediction, isApart: i > 0 && prediction.rank > all[i - 1]!.rank + 1,
    marks: [...(prediction.index === report.true.index ? ["true" as const] : []), ...(prediction.index === report.expected?.index ? ["expected" as const] : [])],
  }));
}

export interface RankingView {
  readonly element: HTMLElement;
  /** Grey rows stand where the classes will be until there are some. */
  update(report: DebugReport | undefined): void;
}

const markNames: Readonly<Record<Mark, Source>> = { true: "true", expected: "expected" };
const rowCount = 6;

/** The list. `explain` is told the class that was chosen. */
export function createRanking(explain: (index: number) => void): RankingView {
  const list = el("ol", { id: "ranking", "aria-labelledby": "ranking-heading" });
  const count = el("span", { class: "hint" });
  const element = el("section", { class: "ranking" }, el("h2", { id: "ranking-heading" }, t("Predictions"), " ", count), list);
  let shown: DebugReport | "none" | undefined;
  return {
    element,
    update: (report) => {
      if ((report ?? "none") === shown) return;
      shown = report ?? "none";
      count.textContent = report ? t("of {count} classes", { count: report.classCount }) : "";
      list.replaceChildren(...(report ? rankedRows(report).map((row) => rowElement(row, explain)) : Array.from({ length: rowCount }, () => el("li", { class: "skeleton row", "aria-hidden": "true" }))));
    },
  };
}

function rowElement({ prediction: { index, label, probability, logit, rank }, marks, isApart }: RankedRow, explain: (index: number) => void): HTMLElement {
  const fill = el("span", { class: "fill" });
  fill.style.width = `${100 * probability}%`;
  const row = el("button", { type: "button", class: "ranked", title: `${label} · ${numbers.percent(probability)} · logit ${logit.toFixed(3)}. ${t("Open as an explanation")}` },
    el("span", { class: "rank" }, String(rank)),
    el("span", { class: "label" }, label), el("span", { class: "class-marks" }, ...marks.map((mark) => el("span", { class: "badge", "data-mark": mark }, t(markNames[mark])))),
    el("span", { class: "bar", "aria-hidden": "true" }, fill), el("span", { class: "share" }, numbers.percent(probability)));
  row.addEventListener("click", () => explain(index));
  return el("li", { value: rank, class: isApart ? "apart" : undefined, "data-index": index, "data-marks": marks.join(" ") }, row);
}

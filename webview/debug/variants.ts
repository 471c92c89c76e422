/** @file What was tried: the same image changed or fed otherwise, what the model says then, and what puts the true class first. */
import type { Area, DebugReport, VariantFamily, VariantResult } from "../../src/protocol/debug.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { button } from "../ui.js";
import { variantGroups, type VariantGroup } from "./variantGroups.js";
import { familyName, variantName } from "./words.js";

export interface VariantsView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined): void;
}

/** The table. `outline` is told which area of the model's input a change is about. */
export function createVariants(outline: (areas: readonly Area[]) => void): VariantsView {
  const summary = el("p", { class: "hint" });
  const holder = el("div", { class: "scroll" });
  const more = button("more-tried", "", "secondary", () => {
    isWhole = !isWhole;
    show();
  });
  const element = el("section", { class: "tried" }, el("h2", { id: "tried-heading" }, t("What was tried")), summary, holder, more);
  let shown: DebugReport | "none" | undefined;
  let isWhole = false;

  const show = () => {
    if (!shown || shown === "none") return;
    const groups = variantGroups(shown.variants);
    const hidden = groups.reduce((sum, { all, telling }) => sum + all.length - telling.length, 0);
    more.hidden = hidden === 0;
    setText(more, isWhole ? t("Show the most telling") : t("Show all {count}", { count: shown.variants.length }));
    holder.replaceChildren(variantsTable(shown, groups, isWhole, outline));
  };

  return {
    element,
    update: (report) => {
      if ((report ?? "none") === shown) return;
      shown = report ?? "none";
      more.hidden = !report;
      if (!report) {
        summary.textContent = "";
        holder.replaceChildren(el("div", { class: "skeleton block", "aria-hidden": "true" }));
        return;
      }
      const [count, fixes] = [report.variants.length, report.variants.filter((one) => one.fixes).length];
      summary.textContent = report.isMistake ? t("{fixes} of {count} changes put the true class first.", { fixes, count }) : t("{kept} of {count} changes leave the true class first.", { count, kept: report.variants.filter(({ predicted }) => predicted === report.true.index).length });
      show();
    },
  };
}

function variantsTable(report: DebugReport, groups: readonly VariantGroup[], isWhole: boolean, outline: (areas: readonly Area[]) => void): HTMLElement {
  const { predicted, true: label, isMistake } = report;
  const head = el("tr", {}, el("th", { scope: "col" }, t("Change")), el("th", { scope: "col", class: "words" }, t("Predicted then")),
    ...(isMistake ? [predicted, label] : [label]).map((one) => el("th", { scope: "col", class: "of-class", title: one.label }, one.label)));
  const shares = (before: number, truly: number) => [...(isMistake ? [shareCell(before)] : []), shareCell(truly)];
  const unchanged = el("tr", { class: "unchanged" }, el("th", { scope: "row" }, t("as it is")), el("td", { class: "words" }, predicted.label), ...shares(predicted.probability, label.probability));
  const line = (one: VariantResult): HTMLElement => {
    const row = el("tr", { "data-id": one.id, "data-fixes": one.fixes },
      el("th", { scope: "row" }, variantName(one.id)),
      el("td", { class: "words", title: nameOf(report, one.predicted) }, ...(one.fixes ? [el("span", { class: "badge fix" }, t("fixes it")), " "] : []), nameOf(report, one.predicted)),
      ...shares(one.predictedProbability, one.trueProbability));
    if (isHot(one)) {
      row.addEventListener("pointerenter", () => outline([report.focus.predicted.region]));
      row.addEventListener("pointerleave", () => outline([]));
    }
    return row;
  };
  const bodies = groups.map(({ family, all, telling }) => el("tbody", { "data-family": family },
    el("tr", { class: "family" }, el("th", { scope: "rowgroup", colspan: isMistake ? 4 : 3 }, familyText(family, all.length, isWhole ? all.length : telling.length))),
    ...(isWhole ? all : telling).map(line)));
  return el("table", { id: "tried", "aria-labelledby": "tried-heading" }, el("thead", {}, head), el("tbody", {}, unchanged), ...bodies);
}

function familyText(family: VariantFamily, count: number, shown: number): string {
  return shown === count ? familyName(family) : t("{name}: {shown} of {count}", { name: familyName(family), shown, count });
}

/** Whether a change is about the hot region of the predicted class. */
function isHot({ id }: VariantResult): boolean {
  return id.startsWith("mask-hot") || id === "keep-hot";
}

/** A share with a bar beneath that is as long as the share is large. */
function shareCell(share: number): HTMLElement {
  const cell = el("td", { class: "part" }, numbers.percent(share));
  cell.style.setProperty("--share", `${100 * share}%`);
  return cell;
}

/** A class's name by its index. */
export function nameOf({ classNames, model }: Pick<DebugReport, "classNames" | "model">, index: number): string {
  return classNames[index] ?? model.labels?.[index] ?? t("class {index}", { index });
}

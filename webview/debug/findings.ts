/** @file What was found, each as a sentence with the part of the picture it is about; pointing at one outlines that part on every picture. */
import type { Area, DebugReport, Sentence } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import type { Picture } from "../heatmapView.js";
import { t } from "../strings.js";
import { areasOf } from "./areas.js";
import { cutOut } from "./cutOut.js";
import { sentence } from "./words.js";

export interface FindingsView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined, picture: Picture | undefined): void;
}

/** The list. `outline` is told which areas of the model's input to frame; none when nothing is pointed at. */
export function createFindings(outline: (areas: readonly Area[]) => void): FindingsView {
  const list = el("ul", { id: "finding-list" });
  const hint = el("p", { class: "hint" });
  const element = el("section", { class: "found" }, el("h2", {}, t("Findings")), hint, list);
  let shown: readonly unknown[] = [];

  const item = (finding: Sentence, report: DebugReport, picture: Picture | undefined): HTMLElement => {
    const areas = areasOf(finding, report);
    const made = el("li", { "data-code": finding.code, tabindex: areas.length > 0 ? 0 : undefined, "data-outlines": areas.length > 0 }, areas[0] && picture ? cutOut(picture, areas[0], report.region) : el("span", { class: "no-cut" }), el("p", {}, sentence(finding)));
    if (areas.length > 0) {
      for (const event of ["pointerenter", "focus"]) made.addEventListener(event, () => outline(areas));
      for (const event of ["pointerleave", "blur"]) made.addEventListener(event, () => outline([]));
    }
    return made;
  };

  return {
    element,
    update: (report, picture) => {
      const of = [report, picture];
      if (shown.length > 0 && shown.every((part, i) => part === of[i])) return;
      shown = of;
      hint.textContent = report?.findings.some((finding) => areasOf(finding, report).length > 0) ? t("Point at a finding with a picture: its place is outlined on every map") : "";
      list.toggleAttribute("data-skeleton", !report);
      list.replaceChildren(...(report ? report.findings.map((finding) => item(finding, report, picture)) : skeletons(4)));
    },
  };
}

/** Grey lines where sentences will be. */
export function skeletons(count: number): HTMLElement[] {
  return Array.from({ length: count }, () => el("li", { class: "skeleton row", "aria-hidden": "true" }));
}

/** @file The likely causes with what speaks for each, and what else was found: sentences, each with the part of the picture it is about. */
import { otherFindings, type Area, type Cause, type CauseStrength, type DebugReport, type Sentence } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import type { Picture } from "../heatmapView.js";
import { t } from "../strings.js";
import { areasOf } from "./areas.js";
import { cutOut } from "./cutOut.js";
import { causeName, sentence, strengthName } from "./words.js";

export interface FindingsView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined, picture: Picture | undefined): void;
}

const dots: Readonly<Record<CauseStrength, number>> = { strong: 3, moderate: 2, weak: 1 };

/** Causes and findings side by side. `outline` is told which areas of the model's input to frame; none when nothing is pointed at. */
export function createFindings(outline: (areas: readonly Area[]) => void): FindingsView {
  const causes = el("ol", { id: "causes" });
  const others = el("ul", { id: "findings-list", class: "evidence" });
  const hint = el("p", { class: "hint" });
  const none = el("p", { class: "hint" });
  const textbook = el("p", { class: "textbook hint" });
  const left = el("section", { class: "causes" }, el("h2", {}, t("Likely causes")), hint, none, causes, textbook);
  const heading = el("h2", {});
  const element = el("div", { class: "pair" }, left, el("section", { class: "found" }, heading, others));
  let shown: readonly unknown[] | undefined;

  /** The place that several sentences speak of is cut out once, beside the first. */
  const items = (findings: readonly Sentence[], report: DebugReport, picture: Picture | undefined): HTMLElement[] => {
    const places = findings.map((finding) => areasOf(finding, report));
    return findings.map((finding, i) => {
      const isSame = i > 0 && JSON.stringify(places[i]) === JSON.stringify(places[i - 1]);
      return item(finding, places[i]!, (area) => (isSame || !picture ? undefined : cutOut(picture, area, report.region)));
    });
  };
  const item = (finding: Sentence, areas: readonly Area[], cut: (area: Area) => HTMLElement | undefined): HTMLElement => {
    const [area] = areas;
    const picture = (area && cut(area)) ?? el("span", { class: area ? "place" : "point", "aria-hidden": "true" });
    const made = el("li", { "data-code": finding.code, tabindex: area ? 0 : undefined, "data-outlines": area !== undefined }, picture, el("p", {}, sentence(finding)));
    if (!area) return made;
    for (const event of ["pointerenter", "focus"]) made.addEventListener(event, () => outline(areas));
    for (const event of ["pointerleave", "blur"]) made.addEventListener(event, () => outline([]));
    return made;
  };
  const causeItem = ({ id, strength, evidence }: Cause, report: DebugReport, picture: Picture | undefined): HTMLElement => {
    const meter = el("span", { class: "meter", "aria-hidden": "true" }, ...[1, 2, 3].map((dot) => el("span", { class: dot <= dots[strength] ? "dot on" : "dot" })));
    return el("li", { "data-id": id, "data-strength": strength },
      el("div", { class: "cause" }, el("span", { class: "cause-name" }, causeName(id)), meter, el("span", { class: "hint" }, strengthName(strength))),
      el("ul", { class: "evidence" }, ...items(evidence, report, picture)));
  };

  return {
    element,
    update: (report, picture) => {
      const of = [report, picture];
      if (shown?.every((part, i) => part === of[i])) return;
      shown = of;
      if (!report) {
        heading.textContent = t("Also found");
        causes.replaceChildren(...skeletons(5));
        others.replaceChildren(...skeletons(4));
        for (const line of [hint, none, textbook]) line.textContent = "";
        return;
      }
      left.hidden = !report.isMistake;
      heading.textContent = t(report.isMistake ? "Also found" : "Findings");
      hint.textContent = report.findings.some((finding) => areasOf(finding, report).length > 0) ? t("Point at a sentence: the place that it speaks of is outlined on every map.") : "";
      none.textContent = report.causes.length === 0 ? t("Nothing that was measured speaks for a cause.") : "";
      causes.replaceChildren(...report.causes.map((cause) => causeItem(cause, report, picture)));
      others.replaceChildren(...items(otherFindings(report), report, picture));
      textbook.textContent = report.textbook.length > 0 ? [t("By the usual thresholds alone:"), ...report.textbook.map(sentence)].join(" ") : "";
    },
  };
}

/** Grey lines where sentences will be. */
function skeletons(count: number): HTMLElement[] {
  return Array.from({ length: count }, () => el("li", { class: "skeleton row", "aria-hidden": "true" }));
}

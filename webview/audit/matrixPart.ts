/** @file The left half: the confusion matrix with its scale, or why there is none. */
import type { AuditSummary } from "../../src/protocol/audit.js";
import { el, setText } from "../element.js";
import { t } from "../strings.js";
import { button, checkField } from "../ui.js";
import { confusionOf, fewClasses, type Confusion } from "./confusion.js";
import { createMatrix } from "./matrix.js";
import type { AuditView, Chosen } from "./view.js";

export interface MatrixPart {
  readonly element: HTMLElement;
  update(summary: AuditSummary, view: AuditView): void;
}

/** The half. `draw` changes the view, `press` is told the cell, row or column that was taken. */
export function createMatrixPart(draw: (change: Partial<AuditView>) => void, press: (chosen: Chosen) => void): MatrixPart {
  const matrix = createMatrix(press);
  const short = checkField("matrix-short", t("Only the most confused classes"), (isMatrixShort) => draw({ isMatrixShort }));
  const shown = el("p", { id: "matrix-shown", class: "hint" });
  const scale = (kind: "right" | "wrong", text: string) => el("span", { class: "scale", "data-kind": kind }, text, el("span", { class: "ramp" }));
  const legend = el("p", { id: "matrix-scale", class: "hint" }, scale("right", t("right answers")), scale("wrong", t("mistakes")), t("0 to 100 % of the label's images"));
  const empty = el("div", { id: "matrix-empty", class: "empty", hidden: true },
    el("p", {}, t("No image has a label that the model knows, so there are no mistakes to count: put the images into folders named after the classes, or give a file of labels.")),
    button("show-unsure", t("Show the least sure images"), "secondary", () => draw({ images: {}, order: "entropy" })));
  const full = el("div", { class: "matrix-full" }, matrix.element, legend);
  const element = el("section", { class: "half matrix-half" }, el("div", { class: "line" }, el("h2", {}, t("Confusion matrix")), el("span", { class: "grow" }), short.element), shown, full, empty);
  let known: { readonly summary: AuditSummary; readonly isShort: boolean; readonly confusion: Confusion } | undefined;
  /** Counted once per audit: the page is drawn again at every press. */
  const confusionFor = (summary: AuditSummary, isShort: boolean) => {
    if (known?.summary !== summary || known.isShort !== isShort) known = { summary, isShort, confusion: confusionOf(summary, isShort) };
    return known.confusion;
  };
  return {
    element,
    update: (summary, { images, isMatrixShort }) => {
      const hasLabels = summary.labelled > 0;
      empty.hidden = hasLabels;
      full.hidden = !hasLabels;
      const confusion = confusionFor(summary, isMatrixShort);
      const { allClasses, classes, allMistakes, mistakes } = confusion;
      short.element.hidden = !hasLabels || allClasses <= fewClasses;
      short.set(isMatrixShort);
      const number = (value: number) => value.toLocaleString("en");
      shown.hidden = !hasLabels || classes.length === allClasses;
      setText(shown, t("{shown} of {all} classes, with {mistakes} of {allMistakes} mistakes among themselves", { shown: number(classes.length), all: number(allClasses), mistakes: number(mistakes), allMistakes: number(allMistakes) }));
      if (hasLabels) matrix.update(confusion, images);
    },
  };
}

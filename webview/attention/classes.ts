/** @file The predictions, and the class whose gradient weighs the attention. */
import type { TargetSpec } from "../../src/protocol/api.js";
import type { AttentionSummary } from "../../src/protocol/attention.js";
import { createClassPicker } from "../controls/classPicker.js";
import { row } from "../controls/fields.js";
import { el } from "../element.js";
import { createPredictions } from "../predictions.js";
import { t } from "../strings.js";
import { remembered } from "./shown.js";

export interface Classes {
  readonly element: HTMLElement;
  update(summary: AttentionSummary | undefined, target: TargetSpec): void;
}

/** The part. `choose` asks for another class; `undefined` for pages that cannot compute. */
export function createClasses(choose: ((target: TargetSpec) => void) | undefined): Classes {
  const predictions = createPredictions((index) => choose?.(index));
  const picker = createClassPicker("class", "Class", (of) => [
    { target: "predicted", text: of?.predictions[0] ? t("Predicted ({label})", { label: of.predictions[0].label }) : t("Predicted") },
    // Vocabularies have no list of labels here; the likeliest are named.
    ...(of && !of.model.labels ? of.predictions.map(({ index, label }) => ({ target: index, text: label })) : []),
  ], (target) => choose?.(target ?? "predicted"));
  const hint = el("p", { class: "hint" });
  const fields = el("div", { class: "fields" }, ...row("Class", picker.element, undefined, "class"));
  fields.hidden = choose === undefined;
  const element = el("section", { id: "classes" }, predictions.element, fields, hint);
  const asExplained = remembered((of: AttentionSummary) => ({
    predictions: of.predictions, target: of.target ?? of.predictions[0]!, model: of.model, classCount: of.model.labels?.length ?? 0,
  }));
  return {
    element,
    update: (summary, target) => {
      const isWithout = summary !== undefined && summary.predictions.length === 0;
      predictions.element.hidden = isWithout;
      fields.hidden = choose === undefined || isWithout;
      hint.hidden = summary !== undefined && !isWithout && !summary.relevance && !summary.agreement;
      hint.textContent = isWithout ? t("This model gives no predictions; only its attention can be looked at.") : t("The class that relevance and the agreement above are about.");
      element.toggleAttribute("data-frozen", choose === undefined);
      const of = summary && !isWithout ? asExplained(summary) : undefined;
      predictions.update(of);
      picker.update(of, target);
    },
  };
}

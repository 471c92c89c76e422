/** @file What to explain, and how: method, layer, class, the class it is held against, score. Every change computes. */
import type { Chosen, MethodId, PanelState, Score } from "../../src/protocol/api.js";
import { summaryOf } from "../choices.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { choiceField } from "../ui.js";
import { createClassPicker } from "./classPicker.js";
import { row } from "./fields.js";
import { createLayerPicker } from "./layerPicker.js";
import { methodChoices } from "./methodChoices.js";
import { createParameterForm } from "./parameterForm.js";

export interface QuestionControlsView {
  readonly element: HTMLElement;
  update(state: PanelState): void;
}

/** The controls. `explain` asks the host. */
export function createQuestionControls(explain: (change: Partial<Chosen>) => void): QuestionControlsView {
  const method = choiceField("method", t("Method"), (value) => explain({ method: value as MethodId }));
  const layer = createLayerPicker((value) => explain({ layer: value }));
  const target = createClassPicker("class", "Class", (explanation) => {
    const best = explanation?.predictions[0];
    return [{ target: "predicted", text: best ? t("Predicted ({label})", { label: best.label }) : t("Predicted") }];
  }, (value) => value !== undefined && explain({ target: value }));
  const versus = createClassPicker("versus", "Versus", () => [{ target: undefined, text: t("None") }, { target: "runner-up", text: t("Likeliest other class") }], (value) => explain({ versus: value }));
  const score = choiceField("score", t("Score"), (value) => explain({ score: value as Score }));
  const parameters = createParameterForm((given) => explain({ parameters: given }));
  const layerRow = row("Layer", layer.element, undefined, "layer");

  return {
    element: el("div", {},
      el("div", { class: "fields" }, ...row("Method", method.element), ...layerRow, ...row("Class", target.element, undefined, "class"), ...row("Versus", versus.element, undefined, "versus"), ...row("Score", score.element)),
      parameters.element),
    update: (state) => {
      const { chosen, explanation, catalogue } = state;
      const summary = summaryOf(catalogue, chosen.method);
      method.set(methodChoices(catalogue), chosen.method);
      for (const part of layerRow) part.hidden = summary ? summary.layers === "none" : chosen.method !== "grad-cam";
      layer.update(explanation, chosen.layer, summary?.layers === "many");
      target.update(explanation, chosen.target);
      versus.update(explanation, chosen.versus, chosen.target === "predicted" ? explanation?.predictions[0]?.index : typeof chosen.target === "number" ? chosen.target : undefined);
      score.set([{ value: "logit", text: t("Logit") }, { value: "probability", text: t("Probability") }], chosen.score);
      parameters.update(summary, chosen.parameters);
    },
  };
}

/** @file The likeliest classes with their probabilities; each row explains its class. */
import type { Explanation, Prediction } from "../src/protocol/api.js";
import { el } from "./element.js";
import { percent } from "./numbers.js";
import { t } from "./strings.js";

/** What a list of predictions is made of. */
type Predicted = Pick<Explanation, "predictions" | "target">;

export interface PredictionsView {
  readonly element: HTMLElement;
  /** Five grey rows stand where the predictions will be until there are some. */
  update(explanation: Predicted | undefined): void;
}

const rowCount = 5;

/** The list. `explain` is told the index of the class that was chosen. */
export function createPredictions(explain: (index: number) => void): PredictionsView {
  const heading = el("h2", { id: "predictions-heading" });
  const list = el("ol", { id: "predictions", "aria-labelledby": "predictions-heading" });
  let shown: Predicted | undefined;
  let isEmpty = true;

  const row = (prediction: Prediction, explained: boolean): HTMLElement => {
    const { index, label, probability } = prediction;
    const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span", { class: "fill" }));
    (bar.firstElementChild as HTMLElement).style.width = `${100 * probability}%`;
    const button = el("button", { type: "button", class: "prediction", "data-index": index, "aria-pressed": String(explained), title: `${label} · ${percent(probability)} · logit ${prediction.logit.toFixed(3)}` },
      el("span", { class: "label" }, label), bar, el("span", { class: "share" }, percent(probability)));
    button.addEventListener("click", () => explain(index));
    return el("li", {}, button);
  };

  return {
    element: el("section", { class: "predictions" }, heading, list),
    update: (explanation) => {
      heading.textContent = t("Predictions");
      heading.title = t("Probabilities of the five likeliest classes; choose one to explain it");
      if (!explanation) {
        if (list.childElementCount === 0 || !isEmpty) list.replaceChildren(...Array.from({ length: rowCount }, () => el("li", { class: "skeleton row", "aria-hidden": "true" })));
        isEmpty = true;
        return;
      }
      if (explanation === shown && !isEmpty) return;
      [shown, isEmpty] = [explanation, false];
      const { predictions, target } = explanation;
      // A row that keeps the focus through a redraw lets people walk the list with the keyboard.
      const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["index"] : undefined;
      const isAmong = predictions.some(({ index }) => index === target.index);
      list.replaceChildren(...predictions.map((prediction) => row(prediction, prediction.index === target.index)), ...(isAmong ? [] : [row(target, true)]));
      if (focused !== undefined) list.querySelector<HTMLElement>(`[data-index="${focused}"]`)?.focus();
    },
  };
}

/** @file A layer or head to look at: typed, picked from a list, or stepped through. */
import { iconButton } from "../compare/icons.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { indexFrom } from "./view.js";

export interface StepField {
  readonly element: HTMLElement;
  /** Shows one of `count` things. Stepping follows `order`; a `word` stands for all of them together, and comes first. */
  set(value: number | "mean", count: number, order: readonly number[], word?: string): void;
}

/** The field with a button on each side. `choose` is told an index, or "mean" for the word. */
export function createStepField(id: string, label: string, choose: (value: number | "mean") => void): StepField {
  const words = el("datalist", { id: `${id}-words` });
  const input = el("input", { id, type: "text", class: "text step", autocomplete: "off", spellcheck: "false", "aria-label": label, list: words.id });
  const back = iconButton("before", t("{name}: previous", { name: label }), () => step(-1));
  const on = iconButton("after", t("{name}: next", { name: label }), () => step(1));
  let current: number | "mean" = 0;
  let total = 1;
  let steps: readonly (number | "mean")[] = [0];
  let wordText: string | undefined;
  let listed = "";

  const text = (value: number | "mean") => (value === "mean" ? (wordText ?? "") : String(value));
  function step(by: number): void {
    const next = steps[steps.indexOf(current) + by];
    if (next !== undefined) choose(next);
  }
  function read(): void {
    const typed = input.value.trim();
    const value = wordText !== undefined && (typed.toLowerCase() === wordText.toLowerCase() || typed === "mean") ? "mean" : indexFrom(typed, total);
    input.setAttribute("aria-invalid", String(value === undefined));
    if (value === undefined) return;
    if (value !== current) return choose(value);
    input.value = text(current);
  }
  input.addEventListener("change", read);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape") {
      input.value = text(current);
      input.setAttribute("aria-invalid", "false");
    }
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  });

  return {
    element: el("div", { class: "step-field" }, back, input, on, words),
    set: (value, count, order, word) => {
      [current, total, wordText] = [value, count, word];
      steps = [...(word === undefined ? [] : ["mean" as const]), ...order];
      const key = JSON.stringify([steps, word]);
      if (key !== listed) words.replaceChildren(...steps.map((one) => el("option", { value: text(one) })));
      listed = key;
      input.title = t("from 0 to {last}; -1 is the last", { last: count - 1 });
      if (document.activeElement !== input || input.getAttribute("aria-invalid") !== "true") {
        input.value = text(value);
        input.setAttribute("aria-invalid", "false");
      }
      const at = steps.indexOf(value);
      back.disabled = at <= 0;
      on.disabled = at < 0 || at >= steps.length - 1;
    },
  };
}

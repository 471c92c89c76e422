/** @file Fields of the control column: a labelled row, a slider, a text field that takes a number or a word. */
import { el, setText } from "../element.js";
import { t, type Source } from "../strings.js";

/** A label and its field, as two cells of a grid. `id` names the field where it is not the element itself. */
export function row(label: Source, field: HTMLElement, output?: HTMLElement, id = field.id): HTMLElement[] {
  return [el("label", { for: id }, t(label)), output ? el("div", { class: "with-output" }, field, output) : field];
}

/** A folded part; `summary` can be changed later. */
export function fold(id: string, title: string, ...children: (Node | string)[]): { readonly element: HTMLDetailsElement; readonly summary: HTMLElement } {
  const summary = el("summary", {}, title);
  return { element: el("details", { id }, summary, ...children), summary };
}

export interface Slider {
  readonly element: HTMLInputElement;
  readonly output: HTMLElement;
  set(value: number): void;
}

/** A slider from 0 to 1 with its value as percent beside it. */
export function slider(id: string, change: (value: number) => void): Slider {
  const element = el("input", { id, type: "range", min: 0, max: 1, step: 0.01 });
  const output = el("output", { for: id });
  const show = () => {
    setText(output, `${Math.round(100 * element.valueAsNumber)} %`);
    element.style.setProperty("--filled", `${100 * element.valueAsNumber}%`);
  };
  element.addEventListener("input", () => {
    show();
    change(element.valueAsNumber);
  });
  return {
    element, output,
    set: (value: number) => {
      if (element.valueAsNumber !== value) element.value = String(value);
      show();
    },
  };
}

export interface TextField {
  readonly element: HTMLElement;
  set(text: string): void;
}

/** A one-line field. `commit` is told what was typed on Enter or on leaving the field, and answers whether it can be taken; what cannot stays, marked, with `hint` below. */
export function textField(id: string, hint: string, words: readonly string[], commit: (typed: string) => boolean): TextField {
  const list = el("datalist", { id: `${id}-words` }, ...words.map((value) => el("option", { value })));
  const input = el("input", { id, type: "text", class: "text", autocomplete: "off", spellcheck: "false", title: hint, "aria-describedby": `${id}-hint`, ...(words.length > 0 ? { list: list.id } : {}) });
  const complaint = el("p", { id: `${id}-hint`, class: "complaint", hidden: true }, hint);
  const mark = (isWrong: boolean) => {
    input.setAttribute("aria-invalid", String(isWrong));
    complaint.hidden = !isWrong;
  };
  let current = "";
  input.addEventListener("change", () => {
    const typed = input.value.trim();
    const isTaken = typed === current || commit(typed);
    if (isTaken) current = typed;
    mark(!isTaken);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    input.value = current;
    mark(false);
  });
  return {
    element: el("div", { class: "text-field" }, input, ...(words.length > 0 ? [list] : []), complaint),
    set: (text) => {
      if (text === current && document.activeElement === input) return;
      current = text;
      input.value = text;
      mark(false);
    },
  };
}

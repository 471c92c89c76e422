/** @file Choosing a class by typing: a thousand classes are too many for a drop-down. */
import type { Explanation, TargetSpec } from "../src/protocol/api.js";
import { el } from "./element.js";
import { classLabel } from "./state.js";
import { t } from "./strings.js";

export interface ClassPicker {
  readonly element: HTMLElement;
  /** Shows what is chosen; the list follows the explanation's classes. */
  update(explanation: Explanation | undefined, target: TargetSpec): void;
}

interface Option {
  readonly target: TargetSpec;
  readonly text: string;
}

const listed = 50;

/** A text field with a list of the classes that fit what is typed (ARIA combobox). `choose` is told the choice. */
export function createClassPicker(choose: (target: TargetSpec) => void): ClassPicker {
  const list = el("ul", { id: "class-list", role: "listbox", hidden: true });
  const input = el("input", { id: "class", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-controls": "class-list", "aria-expanded": "false", "aria-autocomplete": "list" });
  let explanation: Explanation | undefined;
  let target: TargetSpec = "predicted";
  let options: Option[] = [];
  let active = -1;

  const predicted = (): Option => {
    const best = explanation?.predictions[0];
    return { target: "predicted", text: best ? t("Predicted ({label})", { label: best.label }) : t("Predicted") };
  };
  const chosenText = (): string => {
    if (target === "predicted" || !explanation) return predicted().text;
    return typeof target === "number" ? classLabel(explanation, target) : target;
  };
  const fitting = (typed: string): Option[] => {
    const classes = Array.from({ length: explanation?.classCount ?? 0 }, (_, index) => ({ target: index, text: explanation ? classLabel(explanation, index) : "" }));
    const wanted = typed.trim().toLowerCase();
    if (wanted === "") return [predicted(), ...classes];
    const starts = ({ text, target: index }: Option) => (text.toLowerCase().startsWith(wanted) || String(index) === wanted ? 0 : 1);
    return [predicted(), ...classes].filter(({ text, target: index }) => text.toLowerCase().includes(wanted) || String(index) === wanted).toSorted((a, b) => starts(a) - starts(b));
  };

  function open(typed: string): void {
    const all = fitting(typed);
    options = all.slice(0, listed);
    active = options.length > 0 && typed !== "" ? 0 : -1;
    const rest = all.length - options.length;
    list.replaceChildren(
      ...options.map(({ text, target: index }, i) => {
        const item = el("li", { role: "option", id: `class-option-${i}`, "aria-selected": String(index === target) }, text, ...(typeof index === "number" ? [el("span", { class: "index" }, String(index))] : []));
        // Before the field loses the focus, which closes the list.
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(i);
        });
        return item;
      }),
      ...(all.length === 0 ? [el("li", { class: "hint" }, t("No class fits"))] : []),
      ...(rest > 0 ? [el("li", { class: "hint" }, t("{count} more; type to find them", { count: rest }))] : []),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark();
  }

  function close(): void {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = chosenText();
  }

  function take(i: number): void {
    const option = options[i];
    if (!option) return;
    const changed = option.target !== target;
    target = option.target;
    close();
    if (changed) choose(target);
  }

  function mark(): void {
    [...list.children].forEach((item, i) => item.classList.toggle("active", i === active));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `class-option-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      active = options.length === 0 ? -1 : (Math.max(active, step > 0 ? -1 : 0) + step + options.length) % options.length;
      mark();
    } else if (event.key === "Enter" && !list.hidden) take(active);
    else if (event.key === "Escape" && !list.hidden) close();
  });

  return {
    element: el("div", { class: "class-picker" }, input, list),
    update: (next, nextTarget) => {
      [explanation, target] = [next, nextTarget];
      input.disabled = !next;
      input.setAttribute("aria-label", t("Class"));
      input.placeholder = t("Search classes");
      if (list.hidden) input.value = chosenText();
    },
  };
}

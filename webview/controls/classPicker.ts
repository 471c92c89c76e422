/** @file Choosing a class by typing: a thousand classes are too many for a drop-down. */
import type { Explanation, TargetSpec } from "../../src/protocol/api.js";
import { el } from "../element.js";
import { classLabel } from "../state.js";
import { t, type Source } from "../strings.js";

/** What is known of the model's classes. */
export type ClassSource = Pick<Explanation, "classCount" | "predictions"> & { readonly model: Pick<Explanation["model"], "labels"> };

/** A class, or none. */
type Target = TargetSpec | undefined;

export interface ClassPicker {
  readonly element: HTMLElement;
  /** Shows what is chosen; the list follows the explanation's classes, without the one that is left out. */
  update(explanation: ClassSource | undefined, target: Target, without?: number): void;
}

/** A line of the list. */
export interface ClassOption {
  readonly target: Target;
  readonly text: string;
}

const listed = 50;

/**
 * A text field with a list of the classes that fit what is typed (ARIA combobox). `special` makes the lines above the classes, the first of them the one
 * that stands while nothing is known. `choose` is told the choice.
 */
export function createClassPicker(id: string, label: Source, special: (explanation: ClassSource | undefined) => readonly ClassOption[], choose: (target: Target) => void): ClassPicker {
  const list = el("ul", { id: `${id}-list`, class: "class-list", role: "listbox", hidden: true });
  const input = el("input", { id, class: "class", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list" });
  let explanation: ClassSource | undefined;
  let target: Target = special(undefined)[0]?.target;
  let leftOut: number | undefined;
  let options: ClassOption[] = [];
  let active = -1;

  const chosenText = (): string => {
    const lines = special(explanation);
    const line = lines.find((one) => one.target === target);
    if (!line && typeof target === "number" && explanation) return classLabel(explanation, target);
    return (line ?? lines[0])?.text ?? "";
  };
  const fitting = (typed: string): ClassOption[] => {
    const all = Array.from({ length: explanation?.classCount ?? 0 }, (_, index) => ({ target: index, text: explanation ? classLabel(explanation, index) : "" }));
    const lines: ClassOption[] = [...special(explanation), ...all.filter((line) => line.target !== leftOut)];
    const wanted = typed.trim().toLowerCase();
    if (wanted === "") return lines;
    const starts = ({ text, target: index }: ClassOption) => (text.toLowerCase().startsWith(wanted) || String(index) === wanted ? 0 : 1);
    return lines.filter(({ text, target: index }) => text.toLowerCase().includes(wanted) || String(index) === wanted).toSorted((a, b) => starts(a) - starts(b));
  };

  function open(typed: string): void {
    const all = fitting(typed);
    options = all.slice(0, listed);
    active = options.length > 0 && typed !== "" ? 0 : -1;
    const rest = all.length - options.length;
    list.replaceChildren(
      ...options.map(({ text, target: index }, i) => {
        const item = el("li", { role: "option", id: `${id}-option-${i}`, "aria-selected": String(index === target) }, text, ...(typeof index === "number" ? [el("span", { class: "index" }, String(index))] : []));
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
    input.setAttribute("aria-activedescendant", `${id}-option-${active}`);
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
    update: (next, nextTarget, without) => {
      [explanation, target, leftOut] = [next, nextTarget, without];
      input.disabled = !next;
      input.setAttribute("aria-label", t(label));
      input.placeholder = t("Search classes");
      if (list.hidden) input.value = chosenText();
    },
  };
}

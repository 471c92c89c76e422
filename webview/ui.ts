/** @file The only import of a component library: its controls become elements the other files create by name. */
import {
  provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeProgressRing, type Checkbox, type Dropdown,
} from "@vscode/webview-ui-toolkit";
import { el } from "./element.js";

/** Registers the controls; called once before anything is built. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing());
}

/** A button; `secondary` for what is not the next step. */
export function button(id: string, text: string, kind: "primary" | "secondary", press: () => void): HTMLElement {
  const made = el("vscode-button", { id, appearance: kind }, text);
  made.addEventListener("click", press);
  return made;
}

export interface Choice {
  readonly value: string;
  readonly text: string;
  /** A line that names the choices below it and cannot be taken. */
  readonly isHeading?: boolean;
}

export interface ChoiceField {
  readonly element: HTMLElement;
  /** Shows these choices with one of them taken; nothing is told. */
  set(choices: readonly Choice[], value: string): void;
}

/** A drop-down of a few choices. `choose` is told what people pick, never what `set` shows. */
export function choiceField(id: string, label: string, choose: (value: string) => void): ChoiceField {
  const element = el("vscode-dropdown", { id, "aria-label": label }) as Dropdown;
  let shown = "";
  let current = "";
  element.addEventListener("change", () => {
    if (element.value === current) return;
    current = element.value;
    choose(current);
  });
  return {
    element,
    set: (choices, value) => {
      const key = JSON.stringify(choices);
      if (key !== shown) element.replaceChildren(...choices.map((choice) => el("vscode-option", { value: choice.value, title: choice.text, disabled: choice.isHeading, class: choice.isHeading ? "heading" : undefined }, choice.text)));
      const changed = key !== shown || value !== current;
      [shown, current] = [key, value];
      // The drop-down learns of new options a moment later, and takes the first until it is told again.
      if (changed) requestAnimationFrame(() => (element.value = current));
    },
  };
}

/** A check box. */
export function checkField(id: string, label: string, change: (checked: boolean) => void): { element: HTMLElement; set(checked: boolean): void } {
  const element = el("vscode-checkbox", { id }, label) as Checkbox;
  let current = false;
  element.addEventListener("change", () => {
    if (element.checked === current) return;
    current = element.checked;
    change(current);
  });
  return {
    element,
    set: (checked) => {
      current = checked;
      element.checked = checked;
    },
  };
}

/** @file A button that opens a short list of things to do. */
import { el } from "./element.js";
import { button } from "./ui.js";

export interface MenuItem {
  readonly id: string;
  readonly text: string;
  readonly press: () => void;
}

export interface MenuView {
  readonly element: HTMLElement;
  setDisabled(disabled: boolean): void;
}

/** A menu button (ARIA menu): arrow keys walk, Escape closes and returns the focus, a click elsewhere closes. */
export function createMenu(id: string, text: string, items: readonly MenuItem[]): MenuView {
  const list = el("ul", { id: `${id}-menu`, class: "menu", role: "menu", "aria-labelledby": id, hidden: true });
  const opener = button(id, `${text} ▾`, "secondary", () => (list.hidden ? open() : close()));
  for (const [name, value] of [["aria-haspopup", "menu"], ["aria-expanded", "false"], ["aria-controls", list.id]] as const) opener.setAttribute(name, value);
  const entries = items.map(({ id: item, text: name, press }) => {
    const entry = el("li", { id: item, role: "menuitem", tabindex: -1 }, name);
    const take = () => {
      close();
      opener.focus();
      press();
    };
    entry.addEventListener("click", take);
    entry.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      take();
    });
    return entry;
  });
  list.append(...entries);
  const element = el("div", { class: "menu-button" }, opener, list);

  const closeOutside = (event: Event) => {
    if (!(event.target instanceof Node && element.contains(event.target))) close();
  };
  function open(): void {
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", closeOutside);
    entries[0]?.focus();
  }
  function close(): void {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", closeOutside);
  }

  element.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      opener.focus();
    } else if (event.key === "Tab") return close();
    else if (event.key === "Home") entries[0]?.focus();
    else if (event.key === "End") entries.at(-1)?.focus();
    else if (step !== undefined) entries[(at + step + entries.length) % entries.length]?.focus();
    else return;
    event.preventDefault();
  });
  return { element, setDisabled: (disabled) => opener.toggleAttribute("disabled", disabled) };
}

/** @file A menu that opens where people ask for it. */
import { el } from "../element.js";

export interface ContextItem {
  readonly id: string;
  readonly text: string;
  readonly press: () => void;
}

export interface ContextMenu {
  /** Opens at a place of the window; the focus goes back to `from` when it closes. */
  open(items: readonly ContextItem[], x: number, y: number, from: HTMLElement): void;
}

/** The menu (ARIA menu): arrow keys walk, Escape closes, a press or a scroll elsewhere closes. */
export function createContextMenu(): ContextMenu {
  let list: HTMLElement | undefined;
  let owner: HTMLElement | undefined;

  function close(): void {
    if (!list) return;
    const hadFocus = list.contains(document.activeElement);
    list.remove();
    list = undefined;
    document.removeEventListener("pointerdown", closeOutside, true);
    window.removeEventListener("blur", close);
    owner?.removeEventListener("scroll", close);
    if (hadFocus) owner?.focus();
  }
  function closeOutside({ target }: Event): void {
    if (!(target instanceof Node && list?.contains(target))) close();
  }

  return {
    open: (items, x, y, from) => {
      close();
      owner = from;
      const entries = items.map(({ id, text, press }) => {
        const entry = el("li", { id, role: "menuitem", tabindex: -1 }, text);
        entry.addEventListener("click", () => {
          close();
          press();
        });
        return entry;
      });
      const made = el("ul", { class: "menu context", role: "menu" }, ...entries);
      made.addEventListener("keydown", (event) => {
        const at = entries.findIndex((entry) => entry === document.activeElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.key === "Escape" || event.key === "Tab") close();
        else if (event.key === "Enter" || event.key === " ") entries[at]?.click();
        else if (step !== undefined) entries[(at + step + entries.length) % entries.length]?.focus();
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
      list = made;
      document.body.append(made);
      // Within the window, whatever the place.
      made.style.left = `${Math.max(4, Math.min(x, innerWidth - made.offsetWidth - 4))}px`;
      made.style.top = `${Math.max(4, Math.min(y, innerHeight - made.offsetHeight - 4))}px`;
      document.addEventListener("pointerdown", closeOutside, true);
      window.addEventListener("blur", close);
      from.addEventListener("scroll", close);
      entries[0]?.focus();
    },
  };
}

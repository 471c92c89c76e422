/** @file A row of tabs (ARIA tablist): arrow keys, Home and End walk over them. */
import { el, setText } from "../element.js";

export interface Tabs<Id extends string> {
  readonly element: HTMLElement;
  update(tabs: readonly { readonly id: Id; readonly text: string }[], shown: Id): void;
}

/** The row; `panel` is the id of what the tabs change, `choose` is told the tab that was taken. */
export function createTabs<Id extends string>(id: string, label: string, panel: string, choose: (tab: Id) => void): Tabs<Id> {
  const element = el("div", { id, class: "tabs", role: "tablist", "aria-label": label });
  let made: readonly (readonly [Id, HTMLElement])[] = [];

  element.addEventListener("keydown", (event) => {
    const at = made.findIndex(([, tab]) => tab === document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = step !== undefined ? made[(at + step + made.length) % made.length] : event.key === "Home" ? made[0] : event.key === "End" ? made.at(-1) : undefined;
    if (at < 0 || !to) return;
    event.preventDefault();
    to[1].focus();
    to[1].click();
  });

  return {
    element,
    update: (tabs, shown) => {
      if (made.map(([one]) => one).join() !== tabs.map((tab) => tab.id).join()) {
        made = tabs.map((tab) => {
          const button = el("button", { type: "button", id: `${id}-${tab.id}`, role: "tab", class: "tab", "aria-controls": panel });
          button.addEventListener("click", () => choose(tab.id));
          return [tab.id, button];
        });
        element.replaceChildren(...made.map(([, tab]) => tab));
      }
      made.forEach(([tab, button], i) => {
        setText(button, tabs[i]?.text ?? "");
        button.setAttribute("aria-selected", String(tab === shown));
        button.tabIndex = tab === shown ? 0 : -1;
      });
    },
  };
}

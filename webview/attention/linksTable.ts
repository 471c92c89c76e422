/** @file For every token the one it attends to most apart from itself, as a table whose lines mark the picture. */
import type { StrongestLink } from "../../src/protocol/attention.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { weightText } from "./numbers.js";
import type { Label } from "./tokens.js";

export interface LinksTable {
  readonly element: HTMLElement;
  /** Lists links between labelled tokens. */
  update(links: readonly StrongestLink[], labels: readonly Label[]): void;
}

/** The table. `point` is told the link whose line is pointed at or has the focus, `choose` the token of a line that was taken. */
export function createLinksTable(point: (link: StrongestLink | undefined) => void, choose: (from: number) => void): LinksTable {
  const heading = el("h2", { id: "links-heading" }, t("Token by token: what each attends to most, apart from itself"));
  const head = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("Token")), el("th", { scope: "col", class: "words" }, t("Attends most to")), el("th", { scope: "col" }, t("Weight"))));
  const body = el("tbody", {});
  const element = el("section", { class: "table-part links" }, heading, el("div", { class: "scroll" }, el("table", { id: "links", "aria-labelledby": heading.id }, head, body)));
  let shown: readonly StrongestLink[] = [];
  let named: readonly Label[] = [];

  const linkOf = (event: Event) => {
    const line = event.target instanceof Element ? event.target.closest("tr[data-link]") : null;
    return line instanceof HTMLElement ? shown[Number(line.dataset["link"])] : undefined;
  };
  for (const type of ["pointermove", "focusin"] as const) body.addEventListener(type, (event) => point(linkOf(event)));
  for (const type of ["pointerleave", "focusout"] as const) body.addEventListener(type, () => point(undefined));
  body.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (link) choose(link.from);
  });

  return {
    element,
    update: (links, labels) => {
      if (links === shown && labels === named) return;
      [shown, named] = [links, labels];
      body.replaceChildren(...links.map(({ from, to, weight }, i) => {
        const token = el("button", { type: "button", class: "link" }, labels[from]?.text ?? String(from));
        return el("tr", { "data-link": i, class: labels[from]?.special ? "special" : undefined }, el("th", { scope: "row" }, token), el("td", { class: "words" }, labels[to]?.text ?? String(to)), el("td", {}, weightText(weight)));
      }));
    },
  };
}

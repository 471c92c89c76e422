/** @file The keys of the chosen query as a table, strongest first: the picture for those who do not see it. */
import { keysByWeight } from "../../src/drawing/attention/weights.js";
import { el, setText } from "../element.js";
import { t } from "../strings.js";
import { button } from "../ui.js";
import { weightText } from "./numbers.js";
import { remembered, type ShownMatrix } from "./shown.js";

export interface KeysTable {
  readonly element: HTMLElement;
  /** Lists a row's keys; without a row, it says how to choose one. */
  update(shown: ShownMatrix | undefined, row: number | undefined): void;
}

const few = 30;

/** The table. `id` is its own on the page, `name` stands above the keys; `point` is told which key's line is pointed at. */
export function createKeysTable(id: string, name: string, point: (column: number | undefined) => void): KeysTable {
  const heading = el("h2", { id: `${id}-heading`, class: "keys-heading" });
  const body = el("tbody", {});
  const head = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, name), el("th", { scope: "col" }, t("Weight")), el("th", { scope: "col", class: "bar-head" })));
  const table = el("table", { id, class: "keys", "aria-labelledby": heading.id }, head, body);
  const more = button(`${id}-more`, "", "secondary", () => {
    isWhole = true;
    if (last) fill(last.shown, last.row);
  });
  const hint = el("p", { class: "hint" }, t("Choose a token to list what it attends to."));
  const element = el("section", { class: "table-part" }, heading, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": heading.id }, table, more), hint);
  let isWhole = false;
  let last: { shown: ShownMatrix; row: number } | undefined;

  const rowKey = (event: Event) => {
    const line = event.target instanceof Element ? event.target.closest("tr[data-column]") : null;
    return line instanceof HTMLElement ? Number(line.dataset["column"]) : undefined;
  };
  body.addEventListener("pointermove", (event) => point(rowKey(event)));
  body.addEventListener("pointerleave", () => point(undefined));

  const fill = (shown: ShownMatrix, row: number): void => {
    const keys = keysByWeight({ shape: shown.drawn.shape, data: shown.drawn.data }, row);
    const listed = isWhole ? keys : keys.slice(0, few);
    body.replaceChildren(...listed.map(({ key, weight }) => {
      const label = shown.columns[key];
      const bar = el("span", { class: "fill" });
      bar.style.width = `${shown.largest > 0 ? (100 * weight) / shown.largest : 0}%`;
      return el("tr", { "data-column": key, class: label?.special ? "special" : undefined }, el("th", { scope: "row" }, label?.text ?? ""), el("td", {}, weightText(weight)), el("td", { class: "bar-cell", "aria-hidden": "true" }, el("span", { class: "bar" }, bar)));
    }));
    more.hidden = listed.length === keys.length;
    setText(more, t("Show all {count}", { count: keys.length }));
  };
  const refill = remembered((drawn: unknown, shown: ShownMatrix, row: number) => {
    isWhole = false;
    fill(shown, row);
    return drawn;
  });

  return {
    element,
    update: (shown, row) => {
      const label = row === undefined ? undefined : shown?.rows[row];
      element.toggleAttribute("data-none", !label);
      setText(heading, label ? t("What “{token}” attends to", { token: label.text }) : t("What a token attends to"));
      last = shown && label && row !== undefined ? { shown, row } : undefined;
      if (last) refill(last.shown.drawn, last.shown, last.row);
    },
  };
}

/** @file Lists and tables of a model: labels that can be searched, attention, operators. */
import type { ModelSummary } from "../../src/protocol/api.js";
import { breakable, el, setText } from "../element.js";
import { t } from "../strings.js";

/** A longer list can be searched. */
const searchedFrom = 15;

export interface SearchedList<Item> {
  readonly element: HTMLElement;
  update(items: readonly Item[]): void;
}

/** A field above what it narrows; `show` draws the items that fit. Pure but for the field. */
export function createSearched<Item>(id: string, label: string, textOf: (item: Item) => string, show: (items: readonly Item[]) => void, ...below: HTMLElement[]): SearchedList<Item> {
  const input = el("input", { id, type: "search", class: "text", placeholder: label, "aria-label": label, spellcheck: "false", autocomplete: "off" });
  const count = el("output", { class: "hint", for: id });
  const bar = el("div", { class: "search" }, input, count);
  let all: readonly Item[] = [];
  const narrow = () => {
    const word = input.value.trim().toLowerCase();
    const fitting = word === "" ? all : all.filter((item) => textOf(item).toLowerCase().includes(word));
    setText(count, fitting.length === 0 ? t("Nothing fits") : word === "" ? "" : t("{shown} of {count}", { shown: fitting.length, count: all.length }));
    show(fitting);
  };
  input.addEventListener("input", narrow);
  return {
    element: el("div", { class: "searched" }, bar, ...below),
    update: (items) => {
      if (items === all) return;
      all = items;
      bar.hidden = items.length < searchedFrom;
      narrow();
    },
  };
}

/** The class names with their indices. */
export function createLabels(): SearchedList<string> {
  const list = el("ol", { id: "labels", tabindex: 0, "aria-label": t("Labels") });
  const items = createSearched<readonly [number, string]>("search-labels", t("Search labels"), ([index, label]) => `${index} ${label}`, (fitting) => {
    list.replaceChildren(...fitting.map(([index, label]) => el("li", { value: index }, el("span", { class: "index" }, String(index)), label)));
  }, list);
  let shown: readonly string[] | undefined;
  return {
    element: items.element,
    update: (labels) => {
      if (shown && labels.length === shown.length && labels.every((label, i) => label === shown?.[i])) return;
      shown = labels;
      items.update(labels.map((label, i) => [i, label]));
    },
  };
}

const table = (id: string, caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement => el("div", { class: "scroll" }, el("table", { id, class: "plain" },
  el("caption", {}, caption), el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
  el("tbody", {}, ...rows.map(([name = "", ...cells]) => el("tr", {}, el("th", { scope: "row" }, ...breakable(name)), ...cells.map((cell) => el("td", {}, cell)))))));

/** The tables that a model has something for. */
export function modelTables({ attentionSites, unsupported, interpreted }: ModelSummary): HTMLElement[] {
  const problems = { run: t("cannot be run"), differentiate: t("cannot be differentiated") };
  return [
    ...(unsupported.length > 0 ? [table("unsupported", t("Operators that cannot be run or differentiated"), [t("Operator"), "", t("First node")], unsupported.map(({ op, problem, node }) => [op, problems[problem], node]))] : []),
    ...(attentionSites.length > 0 ? [table("attention-sites", t("Attention"), [t("Attention layer"), t("Heads"), t("Queries × keys")], attentionSites.map(({ name, shape: [, heads = "?", queries = "?", keys = "?"] }) => [name, String(heads), `${queries} × ${keys}`]))] : []),
    ...(interpreted.length > 0 ? [table("interpreted", t("Operators that the interpreter runs"), [t("Operator"), t("Runtime"), t("Reason")], interpreted.map(({ op, runtime, reason }) => [op, runtime, reason]))] : []),
  ];
}

/** @file A table that is sorted by a press on its heads: of classes, here and in comparisons. */
import { el } from "../element.js";

/** A column: its head, what it says of a row, and what it is sorted by; `null` stands last either way. */
export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  readonly text: (row: Row) => string;
  readonly value: (row: Row) => number | string | null;
  /** Stands in the place of the text where a row has one. A column of pictures is there only when some row has one. */
  readonly picture?: (row: Row) => HTMLElement | undefined;
}

export interface SortableTable<Row> {
  readonly element: HTMLElement;
  update(rows: readonly Row[], chosen: Row | undefined): void;
}

/** Rows in the order of a column. Pure. */
export function sortedRows<Row>(rows: readonly Row[], value: Column<Row>["value"], isDescending: boolean): Row[] {
  const compare = (a: number | string, b: number | string) => (typeof a === "string" || typeof b === "string" ? String(a).localeCompare(String(b)) : a - b);
  return rows.toSorted((rowA, rowB) => {
    const [a, b] = [value(rowA), value(rowB)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return isDescending ? compare(b, a) : compare(a, b);
  });
}

/** The table. The first column names the row; with `press` a press on the name tells it. */
export function createSortableTable<Row>(id: string, caption: string, columns: readonly Column<Row>[], sorted: { readonly by: string; readonly isDescending: boolean }, press?: (row: Row) => void): SortableTable<Row> {
  let { by, isDescending } = sorted;
  let rows: readonly Row[] = [];
  let chosen: Row | undefined;
  const heads = new Map<string, HTMLElement>();
  const body = el("tbody", {});
  const head = el("tr", {}, ...columns.map((column) => {
    const sort = el("button", { type: "button", class: "sort" }, column.head);
    sort.addEventListener("click", () => {
      // Names rise first, numbers fall first: what is largest is what one looks for.
      isDescending = by === column.id ? !isDescending : column !== columns[0];
      by = column.id;
      draw();
    });
    const made = el("th", { scope: "col", "data-column": column.id }, sort);
    heads.set(column.id, made);
    return made;
  }));
  const element = el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", { id, class: "sortable" }, el("caption", {}, caption), el("thead", {}, head), body));

  function draw(): void {
    const column = columns.find((one) => one.id === by) ?? columns[0];
    if (!column) return;
    for (const [name, made] of heads) made.setAttribute("aria-sort", name !== column.id ? "none" : isDescending ? "descending" : "ascending");
    const used = columns.filter(({ picture }) => !picture || rows.some((row) => picture(row)));
    for (const one of columns) heads.get(one.id)?.toggleAttribute("hidden", !used.includes(one));
    body.replaceChildren(...sortedRows(rows, column.value, isDescending).map((row) => {
      const [name = "", ...cells] = used.map(({ text, picture }) => picture?.(row) ?? text(row));
      const link = press ? el("button", { type: "button", class: "link" }, name) : name;
      if (press && link instanceof HTMLElement) link.addEventListener("click", () => press(row));
      return el("tr", { "aria-selected": row === chosen ? "true" : undefined }, el("th", { scope: "row" }, link), ...cells.map((cell) => el("td", {}, cell)));
    }));
  }

  return {
    element,
    update: (nextRows, nextChosen) => {
      if (nextRows === rows && nextChosen === chosen) return;
      [rows, chosen] = [nextRows, nextChosen];
      draw();
    },
  };
}

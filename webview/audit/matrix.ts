/** @file The confusion matrix: rows are labels, columns answers. Only what is in sight exists, so a thousand classes scroll like ten. */
import type { ConfusionCell } from "../../src/protocol/audit.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { linesInSight, placeAfterKey, type Confusion, type MatrixPlace } from "./confusion.js";
import type { Chosen } from "./view.js";

export interface MatrixView {
  readonly element: HTMLElement;
  update(confusion: Confusion, chosen: Chosen): void;
}

/** Widths of the names beside the rows, and heights of those above the columns; sizes of cells. */
const [besideWidth, aboveHeight] = [124, 92];
const [smallest, largest] = [22, 46];

/** The matrix. `press` is told the cell, row or column that was taken. */
export function createMatrix(press: (chosen: Chosen) => void): MatrixView {
  const space = el("div", { class: "matrix-space", role: "presentation" });
  const above = el("div", { class: "matrix-above", role: "row" });
  const body = el("div", { class: "matrix-body", role: "presentation" });
  const corner = el("div", { class: "matrix-corner", role: "presentation" }, el("span", { class: "to" }, t("Predicted")), el("span", { class: "from" }, t("Label")));
  const grid = el("div", { id: "matrix", class: "matrix-grid", role: "grid", tabindex: 0, "aria-label": t("Confusion matrix: rows are labels, columns predictions. Arrow keys move, Enter shows the images.") }, space);
  const reading = el("output", { id: "matrix-reading", "aria-live": "polite" });
  const element = el("div", { class: "matrix-view" }, grid, reading);
  let confusion: Confusion | undefined;
  let chosen: Chosen = {};
  let active: MatrixPlace = { row: 0, column: 0 };
  let size = smallest;
  let frame = 0;
  const places = new Map<string, HTMLElement>();
  const rowElements = new Map<number, HTMLElement>();
  above.append(corner);
  space.append(above, body);

  const schedule = () => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };

  function fit(): void {
    if (!confusion) return;
    const count = Math.max(1, confusion.classes.length);
    const room = Math.min((grid.clientWidth - besideWidth - 2) / count, (grid.clientHeight - aboveHeight - 2) / count);
    const next = Math.max(smallest, Math.min(largest, Math.floor(room)));
    if (next !== size) clear();
    size = next;
    for (const [name, value] of Object.entries({ "--cell": size, "--beside": besideWidth, "--above": aboveHeight })) grid.style.setProperty(name, `${value}px`);
    grid.style.setProperty("--count", String(count));
    space.style.width = `${besideWidth + count * size}px`;
    space.style.height = `${aboveHeight + count * size}px`;
    schedule();
  }

  /** Makes what came into sight and takes away what left it; what stays is left alone. */
  function draw(): void {
    frame = 0;
    if (!confusion) return;
    const { classes, cells } = confusion;
    const rows = linesInSight(classes.length, size, grid.scrollTop, grid.clientHeight - aboveHeight);
    const columns = lines(linesInSight(classes.length, size, grid.scrollLeft, grid.clientWidth - besideWidth));
    const wanted = new Set<string>();
    const want = (row: number, column: number, parent: HTMLElement, make: () => HTMLElement) => {
      const key = `${row}-${column}`;
      wanted.add(key);
      if (places.has(key)) return;
      const made = make();
      made.id = `matrix-${key}`;
      Object.assign(made.dataset, { row, column });
      made.setAttribute("aria-colindex", String(column + 2));
      if (column >= 0) made.style.left = `${besideWidth + column * size}px`;
      places.set(key, made);
      parent.append(made);
    };
    for (const column of columns) want(-1, column, above, () => el("div", { class: "matrix-name column", role: "columnheader", title: classes[column]?.label }, el("span", {}, classes[column]?.label ?? "")));
    for (const row of lines(rows)) {
      const line = rowElement(row);
      want(row, -1, line, () => el("div", { class: "matrix-name row", role: "rowheader", title: classes[row]?.label }, el("span", {}, classes[row]?.label ?? "")));
      for (const column of columns) {
        const cell = cells.get(row * classes.length + column);
        // The active cell exists even where it is empty: it bears the focus's frame.
        if (cell || (active.row === row && active.column === column)) want(row, column, line, () => cellElement({ row, column }, cell));
      }
    }
    for (const [key, made] of places) {
      if (wanted.has(key)) continue;
      made.remove();
      places.delete(key);
    }
    for (const [row, line] of rowElements) {
      if (row >= rows.first && row < rows.end) continue;
      line.remove();
      rowElements.delete(row);
    }
    markPlaces();
  }

  function rowElement(row: number): HTMLElement {
    const known = rowElements.get(row);
    if (known) return known;
    const line = el("div", { class: "matrix-row", role: "row", "aria-rowindex": row + 2 });
    line.style.top = `${aboveHeight + row * size}px`;
    rowElements.set(row, line);
    body.append(line);
    return line;
  }

  function cellElement({ row, column }: MatrixPlace, cell: ConfusionCell | undefined): HTMLElement {
    const made = el("div", { class: "matrix-cell", role: "gridcell", "aria-label": placeText({ row, column }) }, cell ? countText(cell.images, size) : "");
    // Equal steps for the eye: small shares are those that matter here.
    if (cell) made.style.setProperty("--share", `${Math.round(100 * Math.sqrt(cell.images / Math.max(1, confusion?.classes[row]?.images ?? 1)))}%`);
    made.dataset["kind"] = !cell ? "empty" : row === column ? "right" : "wrong";
    return made;
  }

  /** What is chosen and where the keys are. */
  function markPlaces(): void {
    const indexAt = (at: number) => confusion?.classes[at]?.index;
    for (const made of places.values()) {
      const [row, column] = [Number(made.dataset["row"]), Number(made.dataset["column"])];
      const isChosen = (chosen.label !== undefined || chosen.predicted !== undefined) && chosen.label === indexAt(row) && chosen.predicted === indexAt(column);
      if (made.getAttribute("aria-selected") !== String(isChosen)) made.setAttribute("aria-selected", String(isChosen));
      made.toggleAttribute("data-active", active.row === row && active.column === column);
    }
    grid.setAttribute("aria-activedescendant", `matrix-${active.row}-${active.column}`);
  }

  /** Everything is made anew: other classes, or another size. */
  function clear(): void {
    for (const made of [...places.values(), ...rowElements.values()]) made.remove();
    places.clear();
    rowElements.clear();
  }

  /** What a place holds, in words. */
  function placeText({ row, column }: MatrixPlace): string {
    const [label, predicted] = [confusion?.classes[row], confusion?.classes[column]];
    if (!confusion) return "";
    if (label && !predicted) return t("{label}: {images} images, {mistakes} mistakes from it or into it", { label: label.label, images: count(label.images), mistakes: count(label.mistakes) });
    if (predicted && !label) return t("predicted {predicted}: {mistakes} mistakes from it or into it", { predicted: predicted.label, mistakes: count(predicted.mistakes) });
    if (!label || !predicted) return "";
    const images = confusion.cells.get(row * confusion.classes.length + column)?.images ?? 0;
    return t("{label} → {predicted}: {images} images, {share} of the label's", { label: label.label, predicted: predicted.label, images: count(images), share: label.images > 0 ? numbers.percent(images / label.images) : "–" });
  }

  const read = (place: MatrixPlace | undefined) => setText(reading, place ? placeText(place) : t("Choose a cell, a row or a column to see its images."));

  function choose(place: MatrixPlace): void {
    const [label, predicted] = [confusion?.classes[place.row]?.index, confusion?.classes[place.column]?.index];
    active = place;
    if (label !== undefined || predicted !== undefined) press({ label, predicted });
    schedule();
  }

  /** Scrolls until a place is in sight beside and below the names. */
  function show({ row, column }: MatrixPlace): void {
    if (row >= 0) {
      if (row * size < grid.scrollTop) grid.scrollTop = row * size;
      else if ((row + 1) * size > grid.scrollTop + grid.clientHeight - aboveHeight) grid.scrollTop = (row + 1) * size - grid.clientHeight + aboveHeight;
    }
    if (column < 0) return;
    if (column * size < grid.scrollLeft) grid.scrollLeft = column * size;
    else if ((column + 1) * size > grid.scrollLeft + grid.clientWidth - besideWidth) grid.scrollLeft = (column + 1) * size - grid.clientWidth + besideWidth;
  }

  /** The place under the pointer, empty cells included. */
  function placeAt({ clientX, clientY }: MouseEvent): MatrixPlace | undefined {
    const box = grid.getBoundingClientRect();
    const [x, y] = [clientX - box.left - 1, clientY - box.top - 1];
    const column = x < besideWidth ? -1 : Math.floor((x - besideWidth + grid.scrollLeft) / size);
    const row = y < aboveHeight ? -1 : Math.floor((y - aboveHeight + grid.scrollTop) / size);
    const count = confusion?.classes.length ?? 0;
    return row >= count || column >= count || (row < 0 && column < 0) ? undefined : { row, column };
  }

  grid.addEventListener("scroll", schedule, { passive: true });
  grid.addEventListener("pointermove", (event) => read(placeAt(event)));
  grid.addEventListener("pointerleave", () => read(document.activeElement === grid ? active : undefined));
  grid.addEventListener("click", (event) => {
    const place = placeAt(event);
    if (place) choose(place);
  });
  grid.addEventListener("focus", () => grid.matches(":focus-visible") && read(active));
  grid.addEventListener("keydown", (event) => {
    const next = placeAfterKey(active, event.key, confusion?.classes.length ?? 0, Math.max(1, Math.floor((grid.clientHeight - aboveHeight) / size)));
    if (next) {
      active = next;
      show(next);
      read(next);
      schedule();
    } else if (event.key === "Enter" || event.key === " ") choose(active);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(fit).observe(grid);
  read(undefined);

  return {
    element,
    update: (shown, next) => {
      chosen = next;
      if (shown !== confusion) {
        confusion = shown;
        clear();
        for (const name of ["aria-rowcount", "aria-colcount"]) grid.setAttribute(name, String(confusion.classes.length + 1));
        active = { row: Math.min(active.row, confusion.classes.length - 1), column: Math.min(active.column, confusion.classes.length - 1) };
        fit();
      }
      schedule();
    },
  };
}

const count = (value: number) => value.toLocaleString("en");
const lines = ({ first, end }: { readonly first: number; readonly end: number }) => Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);

/** A number that fits into a small cell: 1,240 is "1.2k". */
export function countText(images: number, size: number): string {
  const most = size < 30 ? 999 : 9999;
  return images <= most ? String(images) : `${images < 10_000 ? (images / 1000).toFixed(1) : Math.round(images / 1000)}k`;
}

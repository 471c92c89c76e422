/** @file A matrix as a heatmap on two canvases: the cells and their labels below, what is pointed at above, so that hovering redraws no cell. */
import { paintWeights } from "../../src/drawing/attention/scale.js";
import { pooledWeights } from "../../src/drawing/attention/weights.js";
import { el } from "../element.js";
import { freshContext, perFrame, pixelCanvas } from "./canvas.js";
import { drawBand, drawFrame, drawLabels, drawNumbers, widestLabel, withNumbers } from "./matrixDrawing.js";
import { hitMatrix, layoutMatrix, revealCell, wholeMatrix, zoomMatrix, type Cell, type MatrixLayout, type MatrixViewport } from "./matrixLayout.js";
import { remembered, type ShownMatrix } from "./shown.js";
import { onThemeChange, theme } from "./theme.js";
import type { Label } from "./tokens.js";

/** What is pointed at: a cell, or the label of a row or a column. */
export type PointedCell = { readonly row: number | undefined; readonly column: number | undefined };

export interface MatrixPicture {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Shows a matrix in a table of 256 colours; `chosen` is the row that stays marked. `undefined` leaves the stage empty. */
  update(shown: ShownMatrix | undefined, colors: Uint8Array, chosen: number | undefined): void;
  /** Marks a cell that is pointed at elsewhere. */
  mark(cell: PointedCell | undefined): void;
  fit(): void;
  isZoomed(): boolean;
}

const arrows: Readonly<Record<string, readonly [rows: number, columns: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The picture. `point` is told what is pointed at, `choose` the row that was clicked (or the column's label), `changed` after every zoom or pan. */
export function createMatrixPicture(point: (at: PointedCell | undefined) => void, choose: (at: PointedCell) => void, changed: () => void): MatrixPicture {
  const canvas = el("canvas", { id: "matrix", class: "matrix", tabindex: 0, role: "application" });
  const above = el("canvas", { class: "marks", "aria-hidden": "true" });
  const element = el("div", { id: "matrix-stage", class: "stage" }, canvas, above);
  let shown: ShownMatrix | undefined;
  let colors: Uint8Array = new Uint8Array(768);
  let chosen: number | undefined;
  let viewport: MatrixViewport = wholeMatrix;
  let pointed: PointedCell | undefined;
  let cursor: Cell | undefined;
  let drag: { x: number; y: number; moved: boolean } | undefined;

  const bitmap = remembered((of: ShownMatrix, palette: Uint8Array, factor: number) => {
    const pooled = pooledWeights(of.drawn, factor);
    return pixelCanvas(paintWeights(pooled, of.scale, palette), pooled.shape[1]!, pooled.shape[0]!);
  });
  const widest = remembered((labels: readonly Label[], _font: string) => {
    const context = canvas.getContext("2d");
    return context ? widestLabel(context, labels) : 0;
  });
  const size = () => ({ width: element.clientWidth, height: element.clientHeight });
  const layoutAt = (at: MatrixViewport): MatrixLayout => {
    const [left, top] = shown ? [widest(shown.rows, theme().font) + 18, widest(shown.columns, theme().font) + 14] : [0, 0];
    return layoutMatrix({ width: size().width - 8, height: size().height - 8 }, { left, top }, [shown?.rows.length ?? 0, shown?.columns.length ?? 0], at);
  };
  const redraw = perFrame(() => {
    drawCells();
    drawMarks();
  });
  const remark = perFrame(drawMarks);
  const move = (next: MatrixViewport) => {
    const { x, y } = layoutAt(next);
    viewport = { zoom: next.zoom, x, y };
    redraw();
    changed();
  };

  function drawCells(): void {
    const { width, height } = size();
    const context = freshContext(canvas, width, height);
    if (!context || !shown || width === 0) return;
    const layout = layoutAt(viewport);
    const { left, top, cell, x, y } = layout;
    const factor = Math.max(1, Math.ceil(1 / (cell * (devicePixelRatio || 1)) - 1e-6));
    const pixels = bitmap(shown, colors, factor);
    const surface = { context, layout, shown };
    context.save();
    context.beginPath();
    context.rect(left, top, layout.width, layout.height);
    context.clip();
    context.imageSmoothingEnabled = false;
    // A pooled bitmap may reach beyond the last cell.
    context.drawImage(pixels, left - x, top - y, pixels.width * factor * cell, pixels.height * factor * cell);
    if (cell >= withNumbers) drawNumbers(surface, colors);
    context.restore();
    drawLabels(surface);
  }

  function drawMarks(): void {
    const { width, height } = size();
    const context = freshContext(above, width, height);
    if (!context || !shown || width === 0) return;
    const surface = { context, layout: layoutAt(viewport), shown };
    const at = cursor ?? pointed;
    if (chosen !== undefined) drawBand(surface, "row", chosen, theme().chosen);
    if (at?.row !== undefined) drawBand(surface, "row", at.row, theme().active);
    if (at?.column !== undefined) drawBand(surface, "column", at.column, theme().active);
    if (at?.row !== undefined && at.column !== undefined) drawFrame(surface, { row: at.row, column: at.column });
  }

  const hit = (event: MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return hitMatrix(layoutAt(viewport), event.clientX - box.left, event.clientY - box.top);
  };
  const pointAt = (at: PointedCell | undefined) => {
    if (at?.row === pointed?.row && at?.column === pointed?.column && !cursor) return;
    [pointed, cursor] = [at, undefined];
    remark();
    point(at);
  };
  const standOn = (cell: Cell | undefined) => {
    cursor = cell;
    if (cell) {
      const revealed = revealCell(layoutAt(viewport), viewport, cell);
      if (revealed.x !== viewport.x || revealed.y !== viewport.y) move(revealed);
    }
    remark();
    point(cell);
  };
  const zoomBy = (factor: number, atX = size().width / 2, atY = size().height / 2) => move(zoomMatrix(layoutAt, viewport, factor, atX, atY));

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoomBy(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 500)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return pointAt(hit(event));
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    // A hand that trembles while it clicks does not drag.
    if (!drag.moved && Math.hypot(dx, dy) < 4) return undefined;
    drag = { x: event.clientX, y: event.clientY, moved: true };
    return move({ ...viewport, x: viewport.x - dx, y: viewport.y - dy });
  });
  canvas.addEventListener("pointerup", (event) => {
    const at = drag && !drag.moved ? hit(event) : undefined;
    drag = undefined;
    if (at) choose(at);
  });
  canvas.addEventListener("pointercancel", () => (drag = undefined));
  canvas.addEventListener("pointerleave", () => pointAt(undefined));
  canvas.addEventListener("blur", () => cursor && standOn(undefined));
  canvas.addEventListener("keydown", (event) => {
    const step = arrows[event.key];
    if (step && shown) {
      const by = event.shiftKey ? 10 : 1;
      const from = cursor ?? { row: (chosen ?? 0) - step[0], column: -step[1] };
      const within = (at: number, count: number) => Math.min(count - 1, Math.max(0, at));
      standOn({ row: within(from.row + by * step[0], shown.rows.length), column: within(from.column + by * step[1], shown.columns.length) });
    } else if ((event.key === "Home" || event.key === "End") && cursor && shown) standOn({ row: cursor.row, column: event.key === "Home" ? 0 : shown.columns.length - 1 });
    else if ((event.key === "Enter" || event.key === " ") && cursor) choose(cursor);
    else if (event.key === "+" || event.key === "=") zoomBy(1.25);
    else if (event.key === "-") zoomBy(0.8);
    else if (event.key === "0") move(wholeMatrix);
    else if (event.key === "Escape" && cursor) standOn(undefined);
    else return;
    event.preventDefault();
  });
  // At once: a resized canvas is empty until it is drawn.
  new ResizeObserver(() => {
    drawCells();
    drawMarks();
  }).observe(element);
  onThemeChange(redraw);

  return {
    element, canvas,
    update: (next, nextColors, nextChosen) => {
      if (next === shown && nextColors === colors && nextChosen === chosen) return;
      const isSame = next?.rows.length === shown?.rows.length && next?.columns.length === shown?.columns.length;
      const needsCells = next !== shown || nextColors !== colors;
      if (!isSame) [viewport, cursor, pointed] = [wholeMatrix, undefined, undefined];
      [shown, colors, chosen] = [next, nextColors, nextChosen];
      if (needsCells) redraw();
      else remark();
      if (!isSame) changed();
    },
    mark: (cell) => {
      if (cell?.row === pointed?.row && cell?.column === pointed?.column) return;
      pointed = cell;
      remark();
    },
    fit: () => move(wholeMatrix),
    isZoomed: () => viewport.zoom > 1.001,
  };
}

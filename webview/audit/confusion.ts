/** @file The confusion matrix as it is shown: which classes, their cells, and where keys lead. Pure. */
import { confusionClasses } from "../../src/drawing/audit/confusionClasses.js";
import type { AuditSummary, ConfusionCell } from "../../src/protocol/audit.js";

/** A class of the matrix. */
export interface ConfusionClass {
  readonly index: number;
  readonly label: string;
  /** Images with this label. */
  readonly images: number;
  /** Mistakes from this class or into it. */
  readonly mistakes: number;
}

export interface Confusion {
  readonly classes: readonly ConfusionClass[];
  /** Cells that are not empty, by `row * classes.length + column`: rows are labels, columns answers. */
  readonly cells: ReadonlyMap<number, ConfusionCell>;
  /** How many classes have images or answers, and how many mistakes there are; here, and of those shown. */
  readonly allClasses: number;
  readonly allMistakes: number;
  readonly mistakes: number;
}

/** Of more classes than this the most confused ones are shown first. */
export const fewClasses = 24;
/** As many as stand in half a window without scrolling. */
const mostConfused = 18;

/** The matrix of an audit: all classes with images or answers in the model's order, or those of the largest confusions, as in reports; always in the model's order. */
export function confusionOf({ classes, confusion }: Pick<AuditSummary, "classes" | "confusion">, isShort: boolean): Confusion {
  const mistakes = new Map<number, number>();
  let allMistakes = 0;
  for (const { label, predicted, images } of confusion) {
    if (label === predicted || label < 0) continue;
    allMistakes += images;
    for (const index of [label, predicted]) mistakes.set(index, (mistakes.get(index) ?? 0) + images);
  }
  const all: ConfusionClass[] = classes.filter(({ images, predicted }) => images > 0 || predicted > 0)
    .map(({ index, label, images }) => ({ index, label, images, mistakes: mistakes.get(index) ?? 0 }));
  const largest = isShort && all.length > fewClasses ? new Set(confusionClasses(confusion.filter(({ label }) => label >= 0), mostConfused)) : undefined;
  const shown = largest ? all.filter(({ index }) => largest.has(index)) : all;
  const at = new Map(shown.map(({ index }, i) => [index, i]));
  const cells = new Map<number, ConfusionCell>();
  let shownMistakes = 0;
  for (const cell of confusion) {
    const [row, column] = [at.get(cell.label), at.get(cell.predicted)];
    if (row === undefined || column === undefined || cell.images === 0) continue;
    cells.set(row * shown.length + column, cell);
    if (row !== column) shownMistakes += cell.images;
  }
  return { classes: shown, cells, allClasses: all.length, allMistakes, mistakes: shownMistakes };
}

/** A place in the matrix; -1 is the row or column of names. */
export interface MatrixPlace {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads; `undefined` for a key that leads nowhere. The corner without a name is passed over. */
export function placeAfterKey({ row, column }: MatrixPlace, key: string, count: number, page: number): MatrixPlace | undefined {
  const steps: Readonly<Record<string, MatrixPlace>> = {
    ArrowUp: { row: row - 1, column }, ArrowDown: { row: row + 1, column }, ArrowLeft: { row, column: column - 1 }, ArrowRight: { row, column: column + 1 },
    Home: { row, column: 0 }, End: { row, column: count - 1 }, PageUp: { row: Math.max(0, row - page), column }, PageDown: { row: row + page, column },
  };
  const to = Object.hasOwn(steps, key) ? steps[key] : undefined;
  if (!to || count === 0) return undefined;
  const next = { row: Math.max(-1, Math.min(count - 1, to.row)), column: Math.max(-1, Math.min(count - 1, to.column)) };
  return next.row < 0 && next.column < 0 ? { row, column } : next;
}

/** The rows or columns in sight: from `first` up to, not including, `end`. */
export function linesInSight(count: number, size: number, scroll: number, length: number): { readonly first: number; readonly end: number } {
  return { first: Math.max(0, Math.min(count, Math.floor(scroll / size) - 2)), end: Math.max(0, Math.min(count, Math.ceil((scroll + length) / size) + 2)) };
}

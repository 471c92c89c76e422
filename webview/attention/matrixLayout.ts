/** @file Where the cells of a matrix lie on its stage, zoomed and panned, and which of them is under the pointer. Pure; lengths are CSS pixels. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `zoom` 1 shows the whole matrix; the pan is what has been scrolled away to the left and above. */
export interface MatrixViewport {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export interface MatrixLayout {
  /** Where the first cell begins, beside and below the labels. */
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  /** The size of the part that shows cells. */
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly columns: number;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export const wholeMatrix: MatrixViewport = { zoom: 1, x: 0, y: 0 };
const largestCell = 44;
const largestZoomed = 64;

/** Places a matrix beside its labels. Cells of short texts do not grow beyond what reads well. */
export function layoutMatrix(stage: Size, labels: { readonly left: number; readonly top: number }, [rows, columns]: readonly [number, number], { zoom, x, y }: MatrixViewport): MatrixLayout {
  const [width, height] = [Math.max(1, stage.width - labels.left), Math.max(1, stage.height - labels.top)];
  const fitted = Math.min(largestCell, width / Math.max(1, columns), height / Math.max(1, rows));
  const cell = Math.max(fitted, Math.min(largestZoomed, fitted * zoom));
  // Beside a matrix that is narrower than its stage there is as much room left as right.
  const left = labels.left + Math.max(0, (width - columns * cell) / 2);
  const within = (offset: number, content: number, room: number) => Math.min(Math.max(0, content - room), Math.max(0, offset));
  return { left, top: labels.top, cell, width: Math.min(width, stage.width - left), height, rows, columns, x: within(x, columns * cell, width), y: within(y, rows * cell, height) };
}

/** Zooms so that what is under (`atX`, `atY`) of the stage stays there. */
export function zoomMatrix(layoutAt: (viewport: MatrixViewport) => MatrixLayout, viewport: MatrixViewport, factor: number, atX: number, atY: number): MatrixViewport {
  const before = layoutAt(viewport);
  const fitted = layoutAt(wholeMatrix).cell;
  const zoom = Math.max(1, Math.min(largestZoomed / fitted, (before.cell / fitted) * factor));
  const next = layoutAt({ ...viewport, zoom });
  const ratio = next.cell / before.cell;
  const [dx, dy] = [Math.max(0, atX - before.left), Math.max(0, atY - before.top)];
  const { x, y } = layoutAt({ zoom, x: (before.x + dx) * ratio - Math.max(0, atX - next.left), y: (before.y + dy) * ratio - Math.max(0, atY - next.top) });
  return { zoom, x, y };
}

/** Scrolls as little as brings a cell into view. */
export function revealCell({ cell, width, height, x, y }: MatrixLayout, viewport: MatrixViewport, { row, column }: Cell): MatrixViewport {
  const shift = (at: number, offset: number, room: number) => (at < offset ? at : at + cell > offset + room ? at + cell - room : offset);
  return { ...viewport, x: shift(column * cell, x, width), y: shift(row * cell, y, height) };
}

/** What is under a point of the stage: a cell, or the label of a row or a column. */
export function hitMatrix({ left, top, cell, width, height, x, y, rows, columns }: MatrixLayout, atX: number, atY: number): { readonly row: number | undefined; readonly column: number | undefined } | undefined {
  const index = (at: number, start: number, room: number, offset: number, count: number) => {
    if (at < start || at >= start + room) return undefined;
    const found = Math.floor((at - start + offset) / cell);
    return found < count ? found : undefined;
  };
  const [row, column] = [index(atY, top, height, y, rows), index(atX, left, width, x, columns)];
  if (row !== undefined && (column !== undefined || atX < left)) return { row, column };
  return column !== undefined && atY < top ? { row, column } : undefined;
}

/** Labels that lie `every` apart do not touch. */
export function labelStep(cell: number, lineHeight: number): number {
  return Math.max(1, Math.ceil(lineHeight / cell));
}

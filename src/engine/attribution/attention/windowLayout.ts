/** @file How the windows of an attention lie on the image, told from where their queries come from. */
import type { TokenPlaces } from "./tokenPlaces.js";

/** One layer's tokens on the image. */
export interface TokenLayout {
  /** Tokens before the patches: class, distillation and register tokens. */
  readonly prefix: number;
  /** Rows by columns of one window, behind the prefix; `undefined` where tokens do not stand row by row. */
  readonly grid: readonly [rows: number, columns: number] | undefined;
  /** How windows lie beside each other, rows by columns, for layers with several. */
  readonly windowGrid: readonly [rows: number, columns: number] | undefined;
}

/** The layout of `windows` windows of `queries` queries. */
export function tokenLayout({ cells, grid: [rows, columns] }: TokenPlaces, windows: number, queries: number): TokenLayout {
  const unknown: TokenLayout = { prefix: 0, grid: undefined, windowGrid: undefined };
  if (windows === 1) {
    const prefix = cells.findIndex((cell) => cell >= 0);
    const isInOrder = prefix >= 0 && queries - prefix === rows * columns && cells.subarray(prefix).every((cell, i) => cell === i);
    return isInOrder ? { prefix, grid: [rows, columns], windowGrid: undefined } : unknown;
  }
  for (let height = 1; height <= queries; height++) {
    const width = queries / height;
    const [down, across] = [Math.ceil(rows / height), Math.ceil(columns / width)];
    if (Number.isInteger(width) && down * across === windows && areTiles(cells, [rows, columns], [height, width], [down, across])) return { prefix: 0, grid: [height, width], windowGrid: [down, across] };
  }
  return unknown;
}

/** Whether windows of that size tile the image row by row: from its corner, or moved over a grid that wraps around (the cyclic shift of Swin). */
function areTiles(cells: Int32Array, [rows, columns]: readonly [number, number], [height, width]: readonly [number, number], [down, across]: readonly [number, number]): boolean {
  // Cells that pad the grid to whole windows take part in the shift.
  const [tall, wide] = [down * height, across * width];
  const placeOf = (i: number): readonly [number, number] => {
    const [window, token] = [Math.floor(i / (height * width)), i % (height * width)];
    return [Math.floor(window / across) * height + Math.floor(token / width), (window % across) * width + (token % width)];
  };
  const first = cells.findIndex((cell) => cell >= 0);
  if (first < 0) return false;
  const [y, x] = placeOf(first);
  const shift = [(Math.floor(cells[first]! / columns) - y + tall) % tall, ((cells[first]! % columns) - x + wide) % wide] as const;
  return cells.every((cell, i) => {
    const [down0, right0] = placeOf(i);
    const [row, column] = [(down0 + shift[0]) % tall, (right0 + shift[1]) % wide];
    return cell === (row < rows && column < columns ? row * columns + column : -1);
  });
}

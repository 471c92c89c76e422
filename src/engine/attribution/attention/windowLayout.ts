/** @file How the windows of an attention lie on the image, told from where their queries come from. */
import type { TokenPlaces } from "./tokenPlaces.js";

/** One layer's tokens on the image. */
export interface TokenLayout {
  /** Tokens before the patches: class, distillation and register tokens. */
  readonly prefix: number;
  /** Rows by columns of one window, behind the prefix; `undefined` where tokens do not stand row by row. */
  readonly grid: readonly [rows: number, columns: number] | undefined;
  /** For layers with several windows. */
  readonly windows?: {
    /** How windows lie beside each other, rows by columns. */
    readonly grid: readonly [rows: number, columns: number];
    /** By how many patches they lie moved down and to the right, over an image that wraps around: the cyclic shift of Swin. */
    readonly shift: readonly [rows: number, columns: number];
    /** Patches of the whole image, which windows may reach beyond. */
    readonly image: readonly [rows: number, columns: number];
  };
}

/** The layout of so many windows of so many queries. */
export function tokenLayout({ cells, grid }: TokenPlaces, windows: number, queries: number): TokenLayout {
  const unknown: TokenLayout = { prefix: 0, grid: undefined };
  const [rows, columns] = grid;
  if (windows === 1) {
    const prefix = cells.findIndex((cell) => cell >= 0);
    const isInOrder = prefix >= 0 && queries - prefix === rows * columns && cells.subarray(prefix).every((cell, i) => cell === i);
    return isInOrder ? { prefix, grid } : unknown;
  }
  for (let height = 1; height <= queries; height++) {
    const width = queries / height;
    const many = [Math.ceil(rows / height), Math.ceil(columns / width)] as const;
    const shift = Number.isInteger(width) && many[0] * many[1] === windows ? shiftOf(cells, grid, [height, width], many) : undefined;
    if (shift) return { prefix: 0, grid: [height, width], windows: { grid: many, shift, image: grid } };
  }
  return unknown;
}

/** By how much windows of that size that tile the image row by row are moved over a grid that wraps around, or stand at its corner; `undefined` where they do not tile it. */
function shiftOf(cells: Int32Array, [rows, columns]: readonly [number, number], [height, width]: readonly [number, number], [down, across]: readonly [number, number]): readonly [number, number] | undefined {
  // Cells that pad the grid to whole windows take part in the shift.
  const [tall, wide] = [down * height, across * width];
  const placeOf = (i: number): readonly [number, number] => {
    const [window, token] = [Math.floor(i / (height * width)), i % (height * width)];
    return [Math.floor(window / across) * height + Math.floor(token / width), (window % across) * width + (token % width)];
  };
  const first = cells.findIndex((cell) => cell >= 0);
  if (first < 0) return undefined;
  const [top, left] = placeOf(first);
  const shift = [(Math.floor(cells[first]! / columns) - top + tall) % tall, ((cells[first]! % columns) - left + wide) % wide] as const;
  const isTile = cells.every((cell, i) => {
    const place = placeOf(i);
    const [row, column] = [(place[0] + shift[0]) % tall, (place[1] + shift[1]) % wide];
    return cell === (row < rows && column < columns ? row * columns + column : -1);
  });
  return isTile ? shift : undefined;
}

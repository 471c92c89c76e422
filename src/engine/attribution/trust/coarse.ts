/** @file Maps compared on a grid so coarse that places count, and not the texture of single pixels. */
import { rangeOf } from "../maps.js";
import type { PlainTensor } from "../parameters.js";
import { rankCorrelation } from "./rankCorrelation.js";

/** Cells per side of the grid that maps are compared on, at most. */
const mostCells = 14;

/** The grid that a raw map is compared on: 14 x 14, or its own where that is coarser. `size` is the model input's height and width. */
export function comparisonGrid({ shape }: Pick<PlainTensor, "shape">, size: readonly [number, number]): readonly [rows: number, columns: number] {
  const [rows, columns] = shape.length === 2 ? (shape as readonly [number, number]) : size;
  return [Math.min(mostCells, rows, size[0]), Math.min(mostCells, columns, size[1])];
}

/** Fewer cells than this rank by chance: of 16, unrelated maps stay under 0.5 in 19 of 20 cases (2 / sqrt(15)), and of 4 anything happens. */
export function isTooCoarse([rows, columns]: readonly [number, number]): boolean {
  return rows * columns < 16;
}

/** The mean over each cell of a coarser grid, `[h, w]` to `[rows, columns]`; pixels that a border cuts count by their share. */
export function averageTo({ shape, data }: PlainTensor, [rows, columns]: readonly [number, number]): Float64Array {
  const [height, width] = [shape[0]!, shape[1]!];
  const [down, across] = [shares(height, rows), shares(width, columns)];
  const result = new Float64Array(rows * columns);
  for (const { cell: row, pixel: y, share: high } of down) {
    for (const { cell: column, pixel: x, share: wide } of across) result[row * columns + column]! += data[y * width + x]! * high * wide;
  }
  return result;
}

/** Which pixels lie in which cell of one axis, and what share of the cell each covers. Whole numbers up to the last division, so that no border is cut twice. */
function shares(pixels: number, cells: number): { readonly cell: number; readonly pixel: number; readonly share: number }[] {
  return Array.from({ length: cells }, (_, cell) => {
    const [from, to] = [cell * pixels, (cell + 1) * pixels];
    const first = Math.floor(from / cells);
    const last = Math.ceil(to / cells);
    return Array.from({ length: last - first }, (__, i) => {
      const start = (first + i) * cells;
      return { cell, pixel: first + i, share: (Math.min(to, start + cells) - Math.max(from, start)) / pixels };
    });
  }).flat();
}

/** Spearman's rank correlation of two drawn maps on a coarse grid; `null` where one of them ranks nothing: the same everywhere, or not numbers. */
export function coarseCorrelation(a: PlainTensor, b: PlainTensor, grid: readonly [number, number]): number | null {
  // Looked for before averaging, which rounds: a constant map must not be ranked by its rounding.
  if ([a, b].some(({ data }) => isConstant(data) || !data.every(Number.isFinite))) return null;
  const correlation = rankCorrelation(averageTo(a, grid), averageTo(b, grid));
  // Rounding may take it a bit beyond its bounds.
  return Number.isNaN(correlation) ? null : Math.max(-1, Math.min(1, correlation));
}

function isConstant(data: Float32Array): boolean {
  const [low, high] = rangeOf(data);
  return low === high;
}

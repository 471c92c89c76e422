/** @file Windows over a grid of tokens: padded to whole ones, shifted around the edges, cut and joined again. */
import { int64 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";

export type Grid = readonly [rows: number, columns: number];

/** How the windows of a layer lie: so many cells to a side, moved down and to the right by `shift`. */
export interface Windows {
  readonly side: number;
  readonly shift: number;
  readonly grid: Grid;
}

export const roundUp = (size: number, step: number): number => Math.ceil(size / step) * step;
const paddedGrid = ({ side, grid }: Windows): Grid => [roundUp(grid[0], side), roundUp(grid[1], side)];

/**
 * Tokens `[batch, cells, width]` mixed window by window. `mix` gets them as `[batch, windows, cells, width]` and, where the windows are shifted, the bias `[1, windows, 1, cells, cells]`
 * that keeps apart what the shift brings together from opposite sides.
 */
export function inWindows(writer: GraphWriter, tokens: string, windows: Windows, width: number, mix: (cells: string, mask: string | undefined) => string): string {
  const { shift, grid: [rows, columns] } = windows;
  const [down, across] = paddedGrid(windows);
  const isPadded = down > rows || across > columns;
  const map = writer.add("Reshape", [tokens, writer.ints([0, rows, columns, width])]);
  const whole = isPadded ? writer.add("Pad", [map, writer.ints([0, 0, 0, 0, 0, down - rows, across - columns, 0]), writer.scalar(0)]) : map;
  const mixed = joined(writer, mix(cut(writer, roll(writer, whole, -shift), windows, width), shift > 0 ? shiftMask(writer, windows) : undefined), windows, width);
  const back = roll(writer, mixed, shift);
  const kept = isPadded ? writer.add("Slice", [back, writer.ints([0, 0]), writer.ints([rows, columns]), writer.ints([1, 2])]) : back;
  return writer.add("Reshape", [kept, writer.ints([0, rows * columns, width])]);
}

/** `torch.roll` of rows and columns, channels last. */
function roll(writer: GraphWriter, x: string, steps: number): string {
  if (steps === 0) return x;
  const part = (value: string, from: number, to: number, axis: number) => writer.add("Slice", [value, writer.ints([from]), writer.ints([to]), writer.ints([axis])]);
  return [1, 2].reduce((value, axis) => writer.add("Concat", [part(value, -steps, Number.MAX_SAFE_INTEGER, axis), part(value, 0, -steps, axis)], { axis }), x);
}

/** `[batch, rows, columns, width]` as `[batch, windows, cells, width]`. */
function cut(writer: GraphWriter, x: string, windows: Windows, width: number): string {
  const { side } = windows;
  const [rows, columns] = paddedGrid(windows);
  const apart = writer.add("Reshape", [x, writer.ints([0, rows / side, side, columns / side, side, width])]);
  return writer.add("Reshape", [writer.add("Transpose", [apart], { perm: [0, 1, 3, 2, 4, 5] }), writer.ints([0, (rows * columns) / side ** 2, side ** 2, width])]);
}

/** The way back from `cut`. */
function joined(writer: GraphWriter, x: string, windows: Windows, width: number): string {
  const { side } = windows;
  const [rows, columns] = paddedGrid(windows);
  const apart = writer.add("Reshape", [x, writer.ints([0, rows / side, columns / side, side, side, width])]);
  return writer.add("Reshape", [writer.add("Transpose", [apart], { perm: [0, 1, 3, 2, 4, 5] }), writer.ints([0, rows, columns, width])]);
}

/** Cells of one window see each other where they are of one region: before the last window, in it, or brought around from the other side. */
function shiftMask(writer: GraphWriter, windows: Windows): string {
  const { side, shift } = windows;
  const [rows, columns] = paddedGrid(windows);
  const regions = (size: number, scale: number) => Array.from({ length: size }, (_, i) => scale * (Number(i >= size - side) + Number(i >= size - shift)));
  const places = [writer.constant("regions", int64([1, rows, 1, 1], regions(rows, 3))), writer.constant("regions", int64([1, 1, columns, 1], regions(columns, 1)))];
  const ofQueries = cut(writer, writer.add("Add", places), windows, 1);
  const isSame = writer.add("Equal", [ofQueries, writer.add("Transpose", [ofQueries], { perm: [0, 1, 3, 2] })]);
  return writer.add("Unsqueeze", [writer.add("Where", [isSame, writer.scalar(0), writer.scalar(-100)]), writer.ints([2])]);
}

/** @file Biases of attention that depend on how far a key lies from a query: rows of a learned table, looked up by the distance of their cells. */
import { int64 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";

type Window = readonly [rows: number, columns: number];

/** A learned table by its name, for windows of that size. With `hasClass` a class token stands before the cells, for which it ends in three more rows: from it to a cell, from a cell to it, from it to itself. */
export function distanceWeights(writer: GraphWriter, name: string, window: Window, heads: number, hasClass = false): string {
  return writer.weight(name, [(2 * window[0] - 1) * (2 * window[1] - 1) + (hasClass ? 3 : 0), heads]);
}

/** Gives the bias `[heads, queries, keys]` that a table of distances means for a window. What tables share is written with the first one, whose size has been checked by then. */
export function relativeBiases(writer: GraphWriter, window: Window, hasClass = false): (table: string) => string {
  let distances: string | undefined;
  return (table) => {
    distances ??= hasClass ? withClass(writer, cellDistances(writer, window), window) : cellDistances(writer, window);
    return writer.add("Transpose", [writer.add("Gather", [table, distances], { axis: 0 })], { perm: [2, 0, 1] });
  };
}

/** The table's row for each query and key, `[cells, cells]`: the difference of their places, which are numbered with rows as far apart as a table's rows are wide. */
function cellDistances(writer: GraphWriter, [rows, columns]: Window): string {
  const pitch = 2 * columns - 1;
  const places = Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns) * pitch + (i % columns));
  const queries = writer.constant("places", int64([rows * columns, 1], places.map((place) => place + (rows - 1) * pitch + columns - 1)));
  return writer.add("Sub", [queries, writer.constant("places", int64([1, rows * columns], places))]);
}

function withClass(writer: GraphWriter, distances: string, [rows, columns]: Window): string {
  const [cells, toCell] = [rows * columns, (2 * rows - 1) * (2 * columns - 1)];
  const toClass = writer.constant("places", int64([cells, 1], Array<number>(cells).fill(toCell + 1)));
  const ofClass = writer.constant("places", int64([1, cells + 1], [toCell + 2, ...Array<number>(cells).fill(toCell)]));
  return writer.add("Concat", [ofClass, writer.add("Concat", [toClass, distances], { axis: 1 })], { axis: 0 });
}

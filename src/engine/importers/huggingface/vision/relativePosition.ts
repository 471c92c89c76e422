/** @file Biases of attention that depend on how far a key lies from a query: rows of a learned table, looked up by the distance of their cells. */
import { int64 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";

type Window = readonly [rows: number, columns: number];

/**
 * Gives the bias `[heads, queries, keys]` of a table by its name in the scope. With `hasClass` a class token stands before the window's cells, for which a table ends in three more rows:
 * from it to a cell, from a cell to it, from it to itself.
 */
export function relativeBiases(writer: GraphWriter, window: Window, heads: number, { hasClass = false }: { readonly hasClass?: boolean } = {}): (table: string) => string {
  const rows = (2 * window[0] - 1) * (2 * window[1] - 1);
  let distances: string | undefined;
  return (table) => {
    // The table is checked first: what the window takes is then in proportion to the file.
    const weight = writer.weight(table, [rows + (hasClass ? 3 : 0), heads]);
    distances ??= hasClass ? withClass(writer, cellDistances(writer, window), window[0] * window[1], rows) : cellDistances(writer, window);
    return writer.add("Transpose", [writer.add("Gather", [weight, distances], { axis: 0 })], { perm: [2, 0, 1] });
  };
}

/** The table's row for each query and key, `[cells, cells]`: the difference of their places, which are numbered with rows as far apart as a table's rows are wide. */
function cellDistances(writer: GraphWriter, [rows, columns]: Window): string {
  const pitch = 2 * columns - 1;
  const places = Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns) * pitch + (i % columns));
  const queries = writer.constant("places", int64([rows * columns, 1], places.map((place) => place + (rows - 1) * pitch + columns - 1)));
  return writer.add("Sub", [queries, writer.constant("places", int64([1, rows * columns], places))]);
}

function withClass(writer: GraphWriter, distances: string, cells: number, toCell: number): string {
  const toClass = writer.constant("places", int64([cells, 1], Array<number>(cells).fill(toCell + 1)));
  const ofClass = writer.constant("places", int64([1, cells + 1], [toCell + 2, ...Array<number>(cells).fill(toCell)]));
  return writer.add("Concat", [ofClass, writer.add("Concat", [toClass, distances], { axis: 1 })], { axis: 0 });
}

/** @file What depends on how far a token is from another: a table with an entry per distance. */
import { int64 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";

/**
 * For every query and key, `entry(query - key)`: int64 `[tokens, tokens]`. Farther than `limit` all are alike.
 * The table is made here and not by the graph, where another rounding of a logarithm would give another bucket.
 */
export function relativePositions(writer: GraphWriter, places: string, limit: number, entry: (distance: number) => number): string {
  const distance = writer.add("Sub", [writer.add("Unsqueeze", [places, writer.ints([1])]), writer.add("Unsqueeze", [places, writer.ints([0])])]);
  const near = writer.add("Clip", [distance, writer.int(-limit), writer.int(limit)]);
  const table = writer.constant("distances", int64([2 * limit + 1], Array.from({ length: 2 * limit + 1 }, (_, i) => entry(i - limit))));
  return writer.add("Gather", [table, writer.add("Add", [near, writer.int(limit)])], { axis: 0 });
}

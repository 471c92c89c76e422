/** @file Holds a rewritten graph against the graph it came from. */
import { expect } from "vitest";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { evaluate64 } from "./smallGraph.js";

/** A check that both graphs have the same outputs, shapes and, within `tolerance` of each value (absolute below 1), elements in the float64 interpreter. */
export function sameWithin(tolerance: number): (rewritten: Graph, graph: Graph, inputs: Parameters<typeof evaluate64>[1]) => void {
  return (rewritten, graph, inputs) => {
    const [actual, expected] = [evaluate64(rewritten, inputs), evaluate64(graph, inputs)];
    expect(rewritten.outputs).toEqual(graph.outputs);
    for (const name of graph.outputs) {
      expect(actual[name]!.shape).toEqual(expected[name]!.shape);
      const wanted = toNumbers(expected[name]!);
      toNumbers(actual[name]!).forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted[i]!))));
    }
  };
}

/** @file Rotary position embedding in plain operators. */
import type { GraphBuilder } from "../../ir/builder.js";

export interface Rotation {
  /** Pairs stand side by side, or half the width apart. */
  readonly isInterleaved: boolean;
  /** How many of a head's elements turn; 0 is all. */
  readonly width: number;
}

/** Turns x `[batch, heads, sequence, size]` by angles whose cosines and sines are `[batch or 1, 1, sequence, width / 2]`. */
export function rotate(graph: GraphBuilder, x: string, cos: string, sin: string, { isInterleaved, width }: Rotation): string {
  const shape = graph.shape(x);
  const size = shape[3]!;
  const turned = width === 0 ? size : width;
  const half = turned / 2;
  const [c, s] = [cos, sin].map((cache) => part(graph, cache, 0, half)) as [string, string];
  const head = part(graph, x, 0, turned);
  const pairs = isInterleaved ? graph.add("Reshape", [head, graph.ints([...shape.slice(0, 3), half, 2])], { allowzero: 1 }) : head;
  const element = (i: number) => isInterleaved ? graph.add("Gather", [pairs, graph.constant({ dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(i)) })], { axis: 4 }) : part(graph, pairs, i * half, (i + 1) * half);
  const [a, b] = [element(0), element(1)];
  const product = (left: string, right: string) => graph.add("Mul", [left, right]);
  const real = graph.add("Sub", [product(c, a), product(s, b)]);
  const imaginary = graph.add("Add", [product(s, a), product(c, b)]);
  const joined = isInterleaved
    ? graph.add("Reshape", [graph.add("Concat", [real, imaginary].map((value) => graph.add("Unsqueeze", [value, graph.ints([4])])), { axis: 4 }), graph.ints([...shape.slice(0, 3), turned])], { allowzero: 1 })
    : graph.add("Concat", [real, imaginary], { axis: 3 });
  return turned === size ? joined : graph.add("Concat", [joined, part(graph, x, turned, size)], { axis: 3 });
}

/** Elements `[from, to)` of the last axis. */
function part(graph: GraphBuilder, value: string, from: number, to: number): string {
  const size = graph.shape(value).at(-1);
  return from === 0 && to === size ? value : graph.add("Slice", [value, graph.ints([from]), graph.ints([to]), graph.ints([-1])]);
}

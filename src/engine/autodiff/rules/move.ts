/** @file Gradient rules of operators that move elements: each sends the cotangent back the way it came. */
import { WhylightError } from "../../errors.js";
import { numberOf, numbersOf, textOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import { normalizeAxis } from "../../ir/shape.js";
import { sliceRange } from "../../ir/shapeRules/move.js";
import { sizeOf } from "../../ir/tensor.js";
import { only, reshape, unaryRule, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";
import { paddedGradient } from "./sample.js";

const reshapeBack: GradientRule = unaryRule((graph, _, dy, x) => reshape(graph, dy, graph.shape(x)));

const transpose: GradientRule = unaryRule((graph, node, dy) => {
  const perm = numbersOf(node, "perm") ?? graph.shape(dy).map((_, i, { length }) => length - 1 - i);
  return graph.add("Transpose", [dy], { perm: perm.map((_, axis) => perm.indexOf(axis)) });
});

/** The part `[from, from + count)` along one axis. */
const part = (graph: GraphBuilder, value: string, axis: number, from: number, count: number) => graph.add("Slice", [value, graph.ints([from]), graph.ints([from + count]), graph.ints([axis])]);

/** Zeros before and after along one axis. */
function padAxis(graph: GraphBuilder, value: string, axis: number, before: number, after: number): string {
  if (before === 0 && after === 0) return value;
  const rank = graph.shape(value).length;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[axis + rank] = after;
  return graph.add("Pad", [value, graph.ints(pads), graph.scalar(0)], { mode: "constant" });
}

const concat: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const axis = normalizeAxis(numberOf(node, "axis", 0), graph.shape(dy).length);
  let from = 0;
  return node.inputs.map((input, i) => {
    const count = graph.shape(input)[axis]!;
    from += count;
    return wanted[i] ? part(graph, dy, axis, from - count, count) : undefined;
  });
};

const split: GradientRule = (graph, node, cotangents) => {
  const parts = node.outputs.map((output, i) => cotangents[i] ?? zeros(graph, graph.shape(output)));
  return [graph.add("Concat", parts, { axis: numberOf(node, "axis", 0) })];
};

const zeros = (graph: GraphBuilder, shape: readonly number[]) => graph.add("Expand", [graph.scalar(0), graph.ints(shape)]);

/** Puts `step - 1` zeros after every element along an axis. */
function interleave(graph: GraphBuilder, value: string, axis: number, step: number): string {
  const shape = graph.shape(value);
  const open = reshape(graph, value, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  return reshape(graph, padAxis(graph, open, axis + 1, 0, step - 1), [...shape.slice(0, axis), shape[axis]! * step, ...shape.slice(axis + 1)]);
}

const slice: GradientRule = (graph, node, cotangents) => {
  const shape = graph.shape(node.inputs[0]!);
  const numbers = (i: number) => (node.inputs[i] ? graph.constantNumbers(node.inputs[i]) : undefined);
  const [starts, ends] = [numbers(1)!, numbers(2)!];
  let dx = only(cotangents);
  starts.forEach((start, i) => {
    const axis = normalizeAxis(numbers(3)?.[i] ?? i, shape.length);
    const step = numbers(4)?.[i] ?? 1;
    const size = shape[axis]!;
    const range = sliceRange(size, start, ends[i]!, step);
    if (range.count === 0) {
      dx = padAxis(graph, dx, axis, 0, size);
      return;
    }
    // A backward slice is a forward one, reversed.
    if (step < 0) dx = graph.add("Slice", [dx, graph.ints([-1]), graph.ints([-(2 ** 31)]), graph.ints([axis]), graph.ints([-1])]);
    const stride = Math.abs(step);
    const first = step < 0 ? range.start - (range.count - 1) * stride : range.start;
    if (stride > 1) dx = interleave(graph, dx, axis, stride);
    const after = size - first - range.count * stride;
    if (after < 0) dx = part(graph, dx, axis, 0, size - first);
    dx = padAxis(graph, dx, axis, first, Math.max(0, after));
  });
  return [dx];
};

/** One position pads; many scatter, adding where an index repeats. */
const gather: GradientRule = (graph, node, cotangents) => {
  const dy = only(cotangents);
  const [x, indices] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const axis = normalizeAxis(numberOf(node, "axis", 0), shape.length);
  const single = graph.constantValue(indices);
  if (single !== undefined) {
    const at = normalizeAxis(single, shape[axis]!);
    return [padAxis(graph, reshape(graph, dy, shape.map((dim, i) => (i === axis ? 1 : dim))), axis, at, shape[axis]! - at - 1)];
  }
  const count = sizeOf(graph.shape(indices));
  const updates = shape.map((dim, i) => (i === axis ? count : dim));
  const column = reshape(graph, indices, shape.map((_, i) => (i === axis ? count : 1)));
  const positions = graph.add("Expand", [column, graph.ints(updates)]);
  return [graph.add("ScatterElements", [zeros(graph, shape), positions, reshape(graph, dy, updates)], { axis, reduction: "add" })];
};

const expand: GradientRule = unaryRule((graph, _, dy, x) => unbroadcast(graph, dy, graph.shape(x)));

const pad: GradientRule = (graph, node, cotangents, wanted) => {
  if (wanted[2]) throw new WhylightError("gradientUndefined", { op: "Pad (value)", node: node.name });
  const shape = graph.shape(node.inputs[0]!);
  const pads = graph.constantNumbers(node.inputs[1]!);
  const axes = node.inputs[3] ? graph.constantNumbers(node.inputs[3]) : shape.map((_, axis) => axis);
  const perAxis = axes.map((axis, i) => ({ axis: normalizeAxis(axis, shape.length), before: pads[i]!, after: pads[i + axes.length]! }));
  const repeated = paddedGradient(graph, node, only(cotangents), shape, perAxis);
  if (repeated !== undefined) return [repeated];
  let dx = only(cotangents);
  perAxis.forEach(({ axis, before, after }) => {
    const size = graph.shape(dx)[axis]!;
    if (before > 0 || after > 0) dx = part(graph, dx, axis, Math.max(0, before), size - Math.max(0, before) - Math.max(0, after));
    dx = padAxis(graph, dx, axis, Math.max(0, -before), Math.max(0, -after));
  });
  return [dx];
};

const tile: GradientRule = unaryRule((graph, node, dy, x) => {
  const shape = graph.shape(x);
  const repeats = graph.constantNumbers(node.inputs[1]!);
  const apart = reshape(graph, dy, shape.flatMap((dim, axis) => [repeats[axis]!, dim]));
  return graph.add("ReduceSum", [apart, graph.ints(shape.map((_, axis) => 2 * axis))], { keepdims: 0 });
});

/** The other operator undoes DCR; CRD is undone by hand, as `SpaceToDepth` has no such mode. */
const depthToSpace: GradientRule = unaryRule((graph, node, dy, x) => {
  const block = numberOf(node, "blocksize", 1);
  if (textOf(node, "mode", "DCR") === "DCR") return graph.add("SpaceToDepth", [dy], { blocksize: block });
  const [n, c, h, w] = graph.shape(x) as [number, number, number, number];
  const open = reshape(graph, dy, [n, c / (block * block), h, block, w, block]);
  return reshape(graph, graph.add("Transpose", [open], { perm: [0, 1, 3, 5, 2, 4] }), [n, c, h, w]);
});

const cumSum: GradientRule = (graph, node, cotangents) => [graph.add("CumSum", [only(cotangents), node.inputs[1]!], { ...node.attributes, reverse: 1 - numberOf(node, "reverse", 0) })];

export const moveRules: GradientRules = {
  Reshape: reshapeBack, Flatten: reshapeBack, Squeeze: reshapeBack, Unsqueeze: reshapeBack, Transpose: transpose, Concat: concat, Split: split, Slice: slice, Gather: gather,
  Expand: expand, Pad: pad, Tile: tile, DepthToSpace: depthToSpace, CumSum: cumSum,
  SpaceToDepth: unaryRule((graph, node, dy) => graph.add("DepthToSpace", [dy], { blocksize: numberOf(node, "blocksize", 1), mode: "DCR" })),
};

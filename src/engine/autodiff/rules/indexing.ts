/** @file Gradient rules of operators that pick or place elements by index: what one gathers, the other scatters. */
import { WhylightError } from "../../errors.js";
import { numberOf, textOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Attributes, Node } from "../../ir/graph.js";
import { normalizeAxis, stridesOf } from "../../ir/shape.js";
import { int64, sizeOf } from "../../ir/tensor.js";
import { only, reshape, unaryRule, type GradientRule, type GradientRules } from "../rule.js";

const filled = (graph: GraphBuilder, value: number, shape: readonly number[]) => graph.add("Expand", [graph.scalar(value), graph.ints(shape)]);

/** A scatter and the gather that reads the same places. */
interface Pair {
  readonly scatter: (graph: GraphBuilder, data: string, updates: string, reduction: string) => string;
  readonly gather: (graph: GraphBuilder, data: string) => string;
}

const elements = (node: Node, indices: string): Pair => {
  const axis: Attributes = { axis: numberOf(node, "axis", 0) };
  return {
    scatter: (graph, data, updates, reduction) => graph.add("ScatterElements", [data, indices, updates], { ...axis, reduction }),
    gather: (graph, data) => graph.add("GatherElements", [data, indices], axis),
  };
};

const tuples = (indices: string): Pair => ({
  scatter: (graph, data, updates, reduction) => graph.add("ScatterND", [data, indices, updates], { reduction }),
  gather: (graph, data) => graph.add("GatherND", [data, indices], { batch_dims: 0 }),
});

const equal = (graph: GraphBuilder, a: string, b: string) => graph.add("Cast", [graph.add("Equal", [a, b])], { to: "float32" });

/** Gradients of a scatter wrt data and updates, per reduction, with the choices of `torch.scatter_reduce`. */
const reductions: Readonly<Record<string, (graph: GraphBuilder, pair: Pair, dy: string, x: string, updates: string, y: string, wanted: readonly boolean[]) => [string | undefined, string | undefined]>> = {
  // Replaced elements pass nothing.
  none: (graph, { scatter, gather }, dy, _, updates, __, [toData, toUpdates]) => [
    toData ? scatter(graph, dy, filled(graph, 0, graph.shape(updates)), "none") : undefined, toUpdates ? gather(graph, dy) : undefined,
  ],
  add: (graph, { gather }, dy, _, __, ___, [toData, toUpdates]) => [toData ? dy : undefined, toUpdates ? gather(graph, dy) : undefined],
  mul: (graph, pair, dy, x, updates, _, [toData, toUpdates]) => [
    toData ? graph.add("Mul", [dy, pair.scatter(graph, filled(graph, 1, graph.shape(x)), updates, "mul")]) : undefined,
    toUpdates ? graph.add("Mul", [pair.gather(graph, dy), otherFactors(graph, pair, x, updates)]) : undefined,
  ],
  max: extremes,
  min: extremes,
};

/** The product of everything that meets an update, itself left out: exact where one of them is zero. */
function otherFactors(graph: GraphBuilder, { scatter, gather }: Pair, x: string, updates: string): string {
  const zero = graph.scalar(0);
  const [zeroX, zeroUpdate] = [x, updates].map((value) => equal(graph, value, zero)) as [string, string];
  const zeros = gather(graph, scatter(graph, zeroX, zeroUpdate, "add"));
  const patched = (value: string, isZero: string) => graph.add("Add", [value, isZero]);
  const product = gather(graph, scatter(graph, patched(x, zeroX), patched(updates, zeroUpdate), "mul"));
  const others = graph.add("Equal", [zeros, zeroUpdate]);
  return graph.add("Where", [others, graph.add("Div", [product, patched(updates, zeroUpdate)]), zero]);
}

/** Everything equal to the extreme shares its cotangent evenly. */
function extremes(graph: GraphBuilder, { scatter, gather }: Pair, dy: string, x: string, updates: string, y: string, [toData, toUpdates]: readonly boolean[]): [string | undefined, string | undefined] {
  const [hitsX, hitsUpdate] = [equal(graph, x, y), equal(graph, updates, gather(graph, y))];
  const share = graph.add("Div", [dy, scatter(graph, hitsX, hitsUpdate, "add")]);
  return [toData ? graph.add("Mul", [share, hitsX]) : undefined, toUpdates ? graph.add("Mul", [gather(graph, share), hitsUpdate]) : undefined];
}

const scatterRule = (pairOf: (node: Node) => Pair): GradientRule => (graph, node, cotangents, wanted) => {
  const reduction = textOf(node, "reduction", "none");
  const rule = reductions[reduction];
  if (rule === undefined) throw new WhylightError("gradientUndefined", { op: `${node.op} (${reduction})`, node: node.name });
  const [x, , updates] = node.inputs as [string, string, string];
  const [dx, dUpdates] = rule(graph, pairOf(node), only(cotangents), x, updates, node.outputs[0]!, [wanted[0]!, wanted[2]!]);
  return [dx, undefined, dUpdates];
};

const gatherElements: GradientRule = (graph, node, cotangents) =>
  [elements(node, node.inputs[1]!).scatter(graph, filled(graph, 0, graph.shape(node.inputs[0]!)), only(cotangents), "add")];

/** Batch dimensions become the leading entries of every index tuple. */
const gatherNd: GradientRule = (graph, node, cotangents) => {
  const [x, indices] = node.inputs as [string, string];
  const batchDims = numberOf(node, "batch_dims", 0);
  const places = graph.shape(indices);
  const batch = Array.from({ length: batchDims }, (_, axis) => {
    const strides = stridesOf(places.slice(0, -1));
    const coordinates = Array.from({ length: sizeOf(places.slice(0, -1)) }, (__, i) => Math.floor(i / strides[axis]!) % places[axis]!);
    return graph.constant(int64([...places.slice(0, -1), 1], coordinates));
  });
  const whole = batchDims === 0 ? indices : graph.add("Concat", [...batch, indices], { axis: -1 });
  return [tuples(whole).scatter(graph, filled(graph, 0, graph.shape(x)), only(cotangents), "add")];
};

/** The values go back where they were found; the indices pass nothing. */
const topK: GradientRule = (graph, node, cotangents) => {
  const [dy] = cotangents;
  if (dy === undefined) return [undefined, undefined];
  const indices = node.outputs[1]!;
  const axis = numberOf(node, "axis", -1);
  return [graph.add("ScatterElements", [filled(graph, 0, graph.shape(node.inputs[0]!)), indices, dy], { axis, reduction: "add" }), undefined];
};

const compress: GradientRule = (graph, node, cotangents) => {
  const shape = graph.shape(node.inputs[0]!);
  const isFlat = node.attributes["axis"] === undefined;
  const whole = isFlat ? [sizeOf(shape)] : shape;
  const axis = isFlat ? 0 : normalizeAxis(numberOf(node, "axis", 0), shape.length);
  const dy = only(cotangents);
  const chosen = graph.constantNumbers(node.inputs[1]!).flatMap((value, i) => (value !== 0 && i < whole[axis]! ? [i] : []));
  const column = graph.constant(int64(whole.map((_, i) => (i === axis ? chosen.length : 1)), chosen));
  const indices = graph.add("Expand", [column, graph.ints(graph.shape(dy))]);
  return [reshape(graph, graph.add("ScatterElements", [filled(graph, 0, whole), indices, dy], { axis, reduction: "add" }), shape)];
};

export const indexingRules: GradientRules = {
  GatherElements: gatherElements, GatherND: gatherNd, TopK: topK, Compress: compress,
  ScatterElements: scatterRule((node) => elements(node, node.inputs[1]!)), ScatterND: scatterRule((node) => tuples(node.inputs[1]!)),
  Trilu: unaryRule((graph, node, dy) => graph.add("Trilu", [dy, ...node.inputs.slice(1)], node.attributes)),
  // Reversing twice restores.
  ReverseSequence: unaryRule((graph, node, dy) => graph.add("ReverseSequence", [dy, node.inputs[1]!], node.attributes)),
};

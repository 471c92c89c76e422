/** @file `GridSample` and `AffineGrid` in plain operators: positions, weights and gathers, so that gradients flow to the input and to the grid. */
import { numberOf, textOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import { stridesOf } from "../../ir/shape.js";
import { sizeOf } from "../../ir/tensor.js";
import type { LoweringRule } from "../lower.js";

/** What one tap of an axis reads: positions as floats inside the axis, and weights, both `[batch, points]`. */
interface AxisTap {
  readonly at: string;
  readonly weight: string | undefined;
}

const a = -0.75;

/** Keys' cubic kernel of the four taps, as polynomials of the fraction t, highest power first. */
const cubicPolynomials = [[a, -2 * a, a, 0], [a + 2, -(a + 3), 0, 1], [-(a + 2), 2 * a + 3, -a, 0], [-a, a, 0, 0]] as const;

export const gridSampleByGather: LoweringRule = (graph, node) => {
  const [x, grid] = node.inputs as [string, string];
  const [mode, padding, isAligned] = [textOf(node, "mode", "linear"), textOf(node, "padding_mode", "zeros"), numberOf(node, "align_corners", 0) === 1];
  const [batch, channels, ...spatial] = graph.shape(x) as [number, number, ...number[]];
  const out = graph.shape(grid).slice(1, -1);
  const points = sizeOf(out);
  const reshape = (value: string, shape: readonly number[]) => graph.add("Reshape", [value, graph.ints(shape)], { allowzero: 1 });
  const flatGrid = reshape(grid, [batch, points, spatial.length]);
  const perAxis = spatial.map((size, axis) => {
    // The last grid axis counts x before y.
    const i = spatial.length - 1 - axis;
    const coordinate = reshape(graph.add("Slice", [flatGrid, graph.ints([i]), graph.ints([i + 1]), graph.ints([2])]), [batch, points]);
    return axisTaps(graph, coordinate, size, mode, padding, isAligned);
  });
  const planes = reshape(x, [batch, channels, sizeOf(spatial)]);
  const combined = perAxis.reduce<readonly AxisTap[]>((taps, axis, i) => (i === 0 ? axis : taps.flatMap((tap) => axis.map((next) => join(graph, tap, next, spatial[i]!)))), []);
  const terms = combined.map(({ at, weight }) => {
    const index = graph.add("Expand", [reshape(graph.add("Cast", [at], { to: "int64" }), [batch, 1, points]), graph.ints([batch, channels, points])]);
    const values = graph.add("GatherElements", [planes, index], { axis: 2 });
    return weight === undefined ? values : graph.add("Mul", [values, reshape(weight, [batch, 1, points])]);
  });
  return [reshape(terms.reduce((sum, term) => graph.add("Add", [sum, term])), [batch, channels, ...out])];
};

/** A tap of two axes: row-major positions and the product of the weights. */
function join(graph: GraphBuilder, outer: AxisTap, inner: AxisTap, size: number): AxisTap {
  const at = graph.add("Add", [graph.add("Mul", [outer.at, graph.scalar(size)]), inner.at]);
  const weight = outer.weight && inner.weight ? graph.add("Mul", [outer.weight, inner.weight]) : (outer.weight ?? inner.weight);
  return { at, weight };
}

function axisTaps(graph: GraphBuilder, coordinate: string, size: number, mode: string, padding: string, isAligned: boolean): AxisTap[] {
  const scaled = (value: string, factor: number, shift: number) => graph.add("Add", [graph.add("Mul", [value, graph.scalar(factor)]), graph.scalar(shift)]);
  const clamp = (value: string) => graph.add("Clip", [value, graph.scalar(0), graph.scalar(size - 1)]);
  const [low, high] = isAligned ? [0, size - 1] : [-0.5, size - 0.5];
  let x = isAligned ? scaled(coordinate, (size - 1) / 2, (size - 1) / 2) : scaled(coordinate, size / 2, (size - 1) / 2);
  if (mode === "nearest") x = graph.add("Round", [x]);
  if (padding === "border" && mode !== "cubic") x = clamp(x);
  if (padding === "reflection") x = reflect(graph, x, low, high);
  /** Where a tap reads, and what is left of its weight: nothing where zeros are read. */
  const tap = (position: string, weight: string | undefined): AxisTap => {
    const at = clamp(padding === "reflection" && mode !== "nearest" ? graph.add("Floor", [reflect(graph, position, low, high)]) : mode === "nearest" ? graph.add("Floor", [position]) : position);
    if (padding !== "zeros") return { at, weight };
    const isInside = graph.add("Equal", [position, at]);
    return { at, weight: graph.add("Where", [isInside, weight ?? graph.scalar(1), graph.scalar(0)]) };
  };
  if (mode === "nearest") return [tap(x, undefined)];
  const floor = graph.add("Floor", [x]);
  const t = graph.add("Sub", [x, floor]);
  const shifted = (by: number) => (by === 0 ? floor : graph.add("Add", [floor, graph.scalar(by)]));
  if (mode === "linear") return [tap(floor, graph.add("Sub", [graph.scalar(1), t])), tap(shifted(1), t)];
  const weights = cubicPolynomials.map(([c3, c2, c1, c0]) => scaled(graph.add("Mul", [scaled(graph.add("Mul", [scaled(t, c3, c2), t]), 1, c1), t]), 1, c0));
  return weights.map((weight, i) => tap(shifted(i - 1), weight));
}

/** Folds values back into [low, high] as mirrors at both ends do. */
function reflect(graph: GraphBuilder, value: string, low: number, high: number): string {
  const range = high - low;
  if (range === 0) return graph.add("Mul", [value, graph.scalar(0)]);
  const from = graph.add("Abs", [graph.add("Sub", [value, graph.scalar(low)])]);
  const turns = graph.add("Floor", [graph.add("Div", [from, graph.scalar(2 * range)])]);
  const within = graph.add("Sub", [from, graph.add("Mul", [turns, graph.scalar(2 * range)])]);
  const fold = graph.add("Sub", [graph.scalar(range), graph.add("Abs", [graph.add("Sub", [within, graph.scalar(range)])])]);
  return graph.add("Add", [fold, graph.scalar(low)]);
}

/** Each place of the output as `[x, y, 1]` in [-1, 1], times the transposed matrices. */
export const affineGrid: LoweringRule = (graph, node) => {
  const [batch, , ...spatial] = graph.constantNumbers(node.inputs[1]!);
  const isAligned = numberOf(node, "align_corners", 0) === 1;
  const place = (i: number, size: number) => (isAligned ? (size === 1 ? 0 : (2 * i) / (size - 1) - 1) : (2 * i + 1) / size - 1);
  const width = spatial.length + 1;
  const points = sizeOf(spatial);
  const strides = stridesOf(spatial);
  const data = Float32Array.from({ length: points * width }, (_, at) => {
    // The last axis counts x before y.
    const axis = spatial.length - 1 - (at % width);
    return axis < 0 ? 1 : place(Math.floor(Math.floor(at / width) / strides[axis]!) % spatial[axis]!, spatial[axis]!);
  });
  const base = graph.constant({ dtype: "float32", shape: [points, width], data });
  const grid = graph.add("MatMul", [base, graph.add("Transpose", [node.inputs[0]!], { perm: [0, 2, 1] })]);
  return [graph.add("Reshape", [grid, graph.ints([batch!, ...spatial, spatial.length])], { allowzero: 1 })];
};

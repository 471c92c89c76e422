/** @file Lowering rules for graphics cards, whose shading language promises less than ONNX asks for. */
import type { GraphBuilder } from "../ir/builder.js";
import { sliceRange } from "../ir/shapeRules/move.js";
import { numberOf } from "../ir/attributes.js";
import { normalizeAxis } from "../ir/shape.js";
import { einsumByMatMul, einsumWithoutEllipsis, withFullAxes } from "./einsumByMatMul.js";
import type { LoweringRule } from "./lower.js";
import { convTransposeByConv } from "./lowerings.js";

/** Pi in two parts: the first has so few digits that its small multiples are exact. */
const [piHigh, piLow] = [3.140625, Math.PI - 3.140625];

/** Taylor's coefficients of `sin(r) / r` in `r * r`, which leave 1e-9 at `r = pi / 2`. */
const sineSeries = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800];

/** `sin(x + phase * pi)` for a phase of 0 or 0.5: what is left of x after whole multiples of pi goes through a polynomial. */
function sine(graph: GraphBuilder, x: string, phase: 0 | 0.5): string {
  const op = (name: string, ...inputs: (string | number)[]) => graph.add(name, inputs.map((input) => (typeof input === "number" ? graph.scalar(input) : input)));
  const turns = op("Round", op("Add", op("Mul", x, 1 / Math.PI), phase));
  const reach = phase === 0 ? turns : op("Sub", turns, phase);
  const rest = op("Sub", op("Sub", x, op("Mul", reach, piHigh)), op("Mul", reach, piLow));
  const square = op("Mul", rest, rest);
  const [last, ...others] = [...sineSeries].reverse() as [number, ...number[]];
  const series = others.reduce<string | number>((sum, coefficient) => op("Add", op("Mul", square, sum), coefficient), last);
  const isOdd = op("Sub", turns, op("Mul", op("Floor", op("Mul", turns, 0.5)), 2));
  return op("Mul", op("Mul", rest, series), op("Sub", 1, op("Mul", isOdd, 2)));
}

const onFloat32 = (rule: (graph: GraphBuilder, x: string) => string): LoweringRule => (graph, node) => {
  const x = node.inputs[0]!;
  return graph.type(x).dtype === "float32" ? [rule(graph, x)] : undefined;
};

/** Negative steps by `Gather`: ONNX Runtime's WebGPU kernel gets those wrong. */
const backwardsByGather: LoweringRule = (graph, node) => {
  const [x, starts, ends, axes, steps] = node.inputs as [string, string, string, string | undefined, string | undefined];
  if (!steps || graph.constantNumbers(steps).every((step) => step > 0)) return undefined;
  const shape = graph.shape(x);
  const [from, to, by] = [starts, ends, steps].map((value) => graph.constantNumbers(value)) as [readonly number[], readonly number[], readonly number[]];
  const along = axes ? graph.constantNumbers(axes) : from.map((_, i) => i);
  return [along.reduce((value, axis, i) => {
    const at = normalizeAxis(axis, shape.length);
    const { start, count } = sliceRange(shape[at]!, from[i]!, to[i]!, by[i]!);
    return graph.add("Gather", [value, graph.ints(Array.from({ length: count }, (_, k) => start + k * by[i]!))], { axis: at });
  }, x)];
};

/** WGSL's own sine and cosine may be wrong by 2^-11. */
export const preciseTrigonometry: Readonly<Record<string, LoweringRule>> = {
  Sin: onFloat32((graph, x) => sine(graph, x, 0)),
  Cos: onFloat32((graph, x) => sine(graph, x, 0.5)),
  // The arc cosine is allowed, and has, a larger error than the arc sine.
  Acos: onFloat32((graph, x) => graph.add("Sub", [graph.scalar(Math.PI / 2), graph.add("Asin", [x])])),
  Tan: onFloat32((graph, x) => graph.add("Div", [sine(graph, x, 0), sine(graph, x, 0.5)])),
};

/** WGSL's `pow` promises nothing of negative numbers; those have no real power but for whole exponents. */
const powerOfNegatives: LoweringRule = (graph, { inputs, attributes }) => {
  const [x, exponent] = inputs as [string, string];
  if (graph.type(x).dtype !== "float32" || graph.type(exponent).dtype !== "float32") return undefined;
  const known = graph.constantValue(exponent);
  if (known !== undefined && Number.isInteger(known)) return undefined;
  const isNegative = graph.add("Less", [x, graph.scalar(0)]);
  const isUndefined = known === undefined ? graph.add("And", [isNegative, graph.add("Not", [graph.add("Equal", [graph.add("Floor", [exponent]), exponent])])]) : isNegative;
  return [graph.add("Where", [isUndefined, graph.scalar(NaN), graph.add("Pow", [x, exponent], attributes)])];
};

/** ONNX Runtime's WebGPU kernel does not stretch what is broadcast. */
const einsum: LoweringRule = (graph, node, context) => {
  const full = withFullAxes(graph, node);
  return (graph.type(node.inputs[0]!).dtype === "float32" ? einsumByMatMul(graph, full, context) : undefined) ?? einsumWithoutEllipsis(graph, full, context) ?? [graph.add("Einsum", full.inputs, node.attributes)];
};

/** A reduction as a sum between two functions of one value. */
const aroundSum = (before: (graph: GraphBuilder, x: string) => string, after = (_: GraphBuilder, sum: string) => sum): LoweringRule => (graph, { inputs, attributes }) => {
  const [x, ...axes] = inputs as [string, ...string[]];
  return graph.type(x).dtype === "float32" ? [after(graph, graph.add("ReduceSum", [before(graph, x), ...axes], attributes))] : undefined;
};
const square = (graph: GraphBuilder, x: string) => graph.add("Mul", [x, x]);

/** Over no axes at all ONNX Runtime's WebGPU kernels return what they were given, without the absolute value, square or logarithm. */
const reductions: Readonly<Record<string, LoweringRule>> = {
  ReduceL1: aroundSum((graph, x) => graph.add("Abs", [x])),
  ReduceL2: aroundSum(square, (graph, sum) => graph.add("Sqrt", [sum])),
  ReduceSumSquare: aroundSum(square),
  ReduceLogSum: aroundSum((_, x) => x, (graph, sum) => graph.add("Log", [sum])),
};

/** ONNX Runtime's WebGPU kernel is wrong for groups that make one channel of several: a second channel of zeros is made, and dropped. */
const pairsOfChannels: LoweringRule = (graph, node) => {
  const [x, w, bias] = node.inputs as [string, string, string | undefined];
  const [channels, each, ...kernel] = graph.shape(w) as [number, number, ...number[]];
  const groups = numberOf(node, "group", 1);
  if (groups === 1 || each !== 1 || channels === groups) return undefined;
  const paired = graph.add("Pad", [w, graph.ints([0, 1]), "", graph.ints([1])]);
  const both = graph.add("ConvTranspose", [x, paired], node.attributes);
  const y = graph.add("Slice", [both, graph.ints([0]), graph.ints([2 * groups]), graph.ints([1]), graph.ints([2])]);
  return [bias ? graph.add("Add", [y, graph.add("Reshape", [bias, graph.ints([1, groups, ...kernel.map(() => 1)])])]) : y];
};

/** For ONNX Runtime's WebGPU provider. */
export const ortWebgpuRules: Readonly<Record<string, LoweringRule>> = {
  ConvTranspose: (...of) => convTransposeByConv(...of) ?? pairsOfChannels(...of),
  ...preciseTrigonometry, Slice: backwardsByGather, Pow: powerOfNegatives, Einsum: einsum, ...reductions,
};

/** @file Which layout each rank-4 value is stored in: convolutions want channels last, and the rest follows where it can. */
import { numberOf, numbersOf } from "../../engine/ir/attributes.js";
import type { Node } from "../../engine/ir/graph.js";
import { normalizeAxis } from "../../engine/ir/shape.js";

/** `nchw` is ONNX's own order; `nhwc` keeps channels last. Values of other ranks are always `nchw`. */
export type Layout = "nchw" | "nhwc";

/** A node's surroundings as the rules see them. */
export interface LayoutQuery {
  readonly node: Node;
  /** ONNX shapes of the inputs; `undefined` where one is absent. */
  readonly shapes: readonly (readonly number[] | undefined)[];
  /** How each input is stored; `undefined` for constants, which come in any layout, and where an input is absent. */
  readonly stored: readonly (Layout | undefined)[];
  readonly outputShapes: readonly (readonly number[])[];
  /** The elements of a constant input. */
  numbers(input: number): readonly number[] | undefined;
}

/** The layout a node gets its rank-4 inputs in, and the one its rank-4 outputs have. */
export interface LayoutChoice {
  readonly inputs: Layout;
  readonly outputs: Layout;
}

type LayoutRule = (query: LayoutQuery) => LayoutChoice;

const channelsLast: LayoutChoice = { inputs: "nhwc", outputs: "nhwc" };
const rowMajor: LayoutChoice = { inputs: "nchw", outputs: "nchw" };

/** `toStored[i]` is the ONNX axis at stored position i of a channels-last tensor. */
export const toStored = [0, 2, 3, 1] as const;
/** `toLogical[i]` is the stored position of ONNX axis i of a channels-last tensor. */
export const toLogical = [0, 3, 1, 2] as const;

/** Windows over two spatial axes; over one axis the lowering adds the other. */
const spatial: LayoutRule = ({ shapes }) => (shapes[0]?.length === 4 ? channelsLast : rowMajor);

/** Element-wise: channels last as soon as one operand is. */
const follow: LayoutRule = ({ shapes, stored, outputShapes }) => {
  const fits = outputShapes[0]!.length === 4 && shapes.every((shape) => shape === undefined || shape.length <= 4);
  return fits && stored.includes("nhwc") ? channelsLast : rowMajor;
};

/** Along axes of the first input, which are renumbered. */
const along: LayoutRule = ({ stored }) => (stored.includes("nhwc") ? channelsLast : rowMajor);

/** A reduction that drops axes keeps ONNX's order only if channels and a spatial axis do not both stay. */
const reduce: LayoutRule = (query) => {
  const { node, shapes } = query;
  if (numberOf(node, "keepdims", 1) === 1 || shapes[0]?.length !== 4) return along(query);
  const attribute = numbersOf(node, "axes") ?? (node.op.startsWith("Arg") ? [numberOf(node, "axis", 0)] : query.numbers(1));
  const dropped = (attribute ?? [0, 1, 2, 3]).map((axis) => normalizeAxis(axis, 4));
  const keepsOrder = dropped.includes(1) || (dropped.includes(2) && dropped.includes(3));
  return keepsOrder ? { ...along(query), outputs: "nchw" } : rowMajor;
};

/** A transposition that only undoes or makes the stored order costs nothing. */
const transpose: LayoutRule = ({ node, shapes, stored }) => {
  const perm = numbersOf(node, "perm");
  if (shapes[0]?.length !== 4 || perm === undefined) return rowMajor;
  if (stored[0] === "nhwc") return { inputs: "nhwc", outputs: "nchw" };
  return perm.every((axis, i) => axis === toLogical[i]) ? { inputs: "nchw", outputs: "nhwc" } : rowMajor;
};

/** Spreading one value per channel over an image: what follows is most often a convolution's gradient. */
const expand: LayoutRule = (query) => {
  const { shapes, outputShapes } = query;
  const perChannel = shapes[0]?.length === 4 && shapes[0][2] === 1 && shapes[0][3] === 1;
  return perChannel && outputShapes[0]!.length === 4 ? channelsLast : follow(query);
};

const named = (names: readonly string[], rule: LayoutRule) => Object.fromEntries(names.map((name) => [name, rule]));

/** Operator to rule; what is not listed works on ONNX's order. */
const layoutRules: Readonly<Record<string, LayoutRule>> = {
  ...named(["Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPoolGrad", "BatchNormalization", "InstanceNormalization", "LRN"], spatial),
  ...named([
    "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu",
    "Clip", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Where", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual",
    "And", "Or", "Xor", "Not", "Cast", "Identity", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "IsNaN",
  ], follow),
  ...named(["Concat", "Split", "Slice", "Pad", "Softmax", "LogSoftmax", "CumSum"], along),
  ...named([
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ArgMax", "ArgMin",
  ], reduce),
  Transpose: transpose,
  Expand: expand,
};

/** The layouts a node works in. */
export function chooseLayout(query: LayoutQuery): LayoutChoice {
  return (layoutRules[query.node.op] ?? (() => rowMajor))(query);
}

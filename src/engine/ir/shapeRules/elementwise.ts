/** @file Shape rules of element-wise operators: the input's shape, or what the operands broadcast to. */
import { numberOf, textOf } from "../attributes.js";
import { arithmeticOps, comparisonOps, predicateOps, unaryOps } from "../ops.js";
import { broadcastShapes, formatShape, normalizeAxis, type Shape } from "../shape.js";
import type { DType } from "../tensor.js";
import { quantizeShapes } from "./quantize.js";
import { one, type ShapeContext, type ShapeRule } from "./rule.js";

const same: ShapeRule = ({ dtype, shape }) => one(dtype(0), shape(0));

/** The shape all the given inputs broadcast to. */
function broadcastAll(context: ShapeContext, inputs: readonly number[]): Shape | undefined {
  let result: Shape = [];
  for (const i of inputs) {
    const next = context.shape(i);
    if (next === undefined) return undefined;
    const joined = broadcastShapes(result, next);
    if (joined === undefined) throw context.mismatch(`${formatShape(result)} and ${formatShape(next)} do not broadcast`);
    result = joined;
  }
  return result;
}

const arithmetic: ShapeRule = (context) => one(context.dtype(0), broadcastAll(context, [0, 1]));
const comparison: ShapeRule = (context) => one("bool", broadcastAll(context, [0, 1]));
const variadic: ShapeRule = (context) => one(context.dtype(0), broadcastAll(context, context.node.inputs.map((_, i) => i)));

/** Mean and inverse standard deviation keep the normalised axes as 1. */
const layerNormalization: ShapeRule = ({ node, dtype, shape }) => {
  const x = shape(0);
  const first = x && normalizeAxis(numberOf(node, "axis", -1), x.length);
  const kept = x?.map((dim, axis) => (axis < first! ? dim : 1));
  return [{ dtype: dtype(0), shape: x }, { dtype: "float32" as const, shape: kept }, { dtype: "float32" as const, shape: kept }].slice(0, node.outputs.length);
};

const table = (names: readonly string[], rule: ShapeRule) => Object.fromEntries(names.map((name) => [name, rule]));

export const elementwiseShapes: Readonly<Record<string, ShapeRule>> = {
  ...table(unaryOps, same),
  ...table(arithmeticOps, arithmetic),
  ...table(comparisonOps, comparison),
  ...table(["Min", "Max", "Sum", "Mean"], variadic),
  ...table(predicateOps, ({ shape }) => one("bool", shape(0))),
  ...quantizeShapes,
  CastLike: ({ dtype, shape }) => one(dtype(1), shape(0)),
  Clip: same,
  PRelu: arithmetic,
  Cast: ({ node, shape }) => one(textOf(node, "to", "float32") as DType, shape(0)),
  Where: (context) => one(context.dtype(1), broadcastAll(context, [0, 1, 2])),
  BatchNormalization: same,
  InstanceNormalization: same,
  LayerNormalization: layerNormalization,
  RMSNormalization: same,
  LpNormalization: same,
  MeanVarianceNormalization: same,
  Hardmax: same,
  GroupNormalization: same,
  LRN: same,
  Softmax: same,
  LogSoftmax: same,
  CumSum: same,
  ScatterElements: same,
  MaxPoolGrad: ({ dtype, shape }) => one(dtype(2), shape(0)),
};

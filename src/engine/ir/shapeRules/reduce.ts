/** @file Shape rules of reductions. */
import { numberOf } from "../attributes.js";
import { reduceOps } from "../ops.js";
import { normalizeAxis, type Shape } from "../shape.js";
import { one, type ShapeRule } from "./rule.js";

/** The shape after reducing `axes`, which stay as 1 or go. */
function reduced(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const gone = new Set(axes.map((axis) => normalizeAxis(axis, shape.length)));
  return shape.map((dim, axis) => (gone.has(axis) ? 1 : dim)).filter((_, axis) => keep || !gone.has(axis));
}

const reduce: ShapeRule = ({ node, dtype, shape, has, constant }) => {
  const x = shape(0);
  const keep = numberOf(node, "keepdims", 1) === 1;
  const axes = has(1) ? constant(1) : [];
  if (x === undefined || axes === undefined) return one(dtype(0), undefined);
  if (axes.length === 0) return one(dtype(0), numberOf(node, "noop_with_empty_axes", 0) === 1 ? x : reduced(x, x.map((_, axis) => axis), keep));
  return one(dtype(0), reduced(x, axes, keep));
};

const argReduce: ShapeRule = ({ node, shape }) => {
  const x = shape(0);
  return one("int64", x && reduced(x, [numberOf(node, "axis", 0)], numberOf(node, "keepdims", 1) === 1));
};

export const reduceShapes: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(reduceOps.map((op) => [op, reduce])),
  ArgMax: argReduce,
  ArgMin: argReduce,
};

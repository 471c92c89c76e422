/** @file Shape rules of operators that pick or place elements by index. */
import { numberOf, textOf } from "../attributes.js";
import { formatShape, isConcrete, normalizeAxis } from "../shape.js";
import { sizeOf, type DType } from "../tensor.js";
import { one, type ShapeRule } from "./rule.js";

const gatherElements: ShapeRule = ({ dtype, shape, mismatch }) => {
  const [x, indices] = [shape(0), shape(1)];
  if (x !== undefined && indices !== undefined && x.length !== indices.length) throw mismatch(`data ${formatShape(x)}, indices ${formatShape(indices)}`);
  return one(dtype(0), indices);
};

const gatherNd: ShapeRule = ({ node, dtype, shape, mismatch }) => {
  const [x, indices] = [shape(0), shape(1)];
  if (x === undefined || indices === undefined) return one(dtype(0), undefined);
  const depth = indices.at(-1);
  if (typeof depth !== "number") return one(dtype(0), undefined);
  const taken = numberOf(node, "batch_dims", 0) + depth;
  if (taken > x.length) throw mismatch(`data ${formatShape(x)}, indices ${formatShape(indices)}`);
  return one(dtype(0), [...indices.slice(0, -1), ...x.slice(taken)]);
};

/** The extent along the axis is a symbol of its own until the condition is known. */
const compress: ShapeRule = ({ node, dtype, shape, constant }) => {
  const [x, condition] = [shape(0), constant(1)];
  const flat = node.attributes["axis"] === undefined;
  if (x === undefined) return one(dtype(0), undefined);
  const axis = normalizeAxis(numberOf(node, "axis", 0), x.length);
  const size = flat ? (isConcrete(x) ? sizeOf(x) : undefined) : x[axis];
  const count = condition === undefined ? `${node.name}:count` : condition.slice(0, typeof size === "number" ? size : undefined).filter((value) => value !== 0).length;
  return one(dtype(0), flat ? [count] : x.map((dim, i) => (i === axis ? count : dim)));
};

const nonZero: ShapeRule = ({ node, shape, constant }) => {
  const [x, elements] = [shape(0), constant(0)];
  return one("int64", x && [x.length === 0 ? 1 : x.length, elements === undefined ? `${node.name}:count` : elements.filter((value) => value !== 0).length]);
};

const topK: ShapeRule = ({ node, dtype, shape, constant, mismatch }) => {
  const [x, k] = [shape(0), constant(1)?.[0]];
  const axis = x && normalizeAxis(numberOf(node, "axis", -1), x.length);
  const size = x?.[axis!];
  if (typeof size === "number" && k !== undefined && k > size) throw mismatch(`k ${k} of ${formatShape(x)}`);
  const shapeOut = x?.map((dim, i) => (i === axis ? (k ?? `${node.name}:k`) : dim));
  return [{ dtype: dtype(0), shape: shapeOut }, { dtype: "int64" as const, shape: shapeOut }].slice(0, node.outputs.length);
};

const same: ShapeRule = ({ dtype, shape }) => one(dtype(0), shape(0));

const centerCropPad: ShapeRule = ({ node, dtype, shape, dims }) => {
  const [x, target] = [shape(0), dims(1)];
  if (x === undefined || target === undefined) return one(dtype(0), undefined);
  const axes = (node.attributes["axes"] as readonly number[] | undefined)?.map((axis) => normalizeAxis(axis, x.length)) ?? x.map((_, axis) => axis);
  return one(dtype(0), x.map((dim, axis) => target[axes.indexOf(axis)] ?? dim));
};

export const indexingShapes: Readonly<Record<string, ShapeRule>> = {
  GatherElements: gatherElements, GatherND: gatherNd, ScatterND: same, Trilu: same, ReverseSequence: same, Compress: compress, NonZero: nonZero, TopK: topK, CenterCropPad: centerCropPad,
  EyeLike: ({ node, dtype, shape }) => one(textOf(node, "dtype", dtype(0)) as DType, shape(0)),
};

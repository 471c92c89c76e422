/** @file Shape rules of operators that move elements without computing: reshape, transpose, slice, gather and their kin. */
import { numberOf, numbersOf, tensorOf } from "../attributes.js";
import { broadcastShapes, formatShape, isConcrete, normalizeAxis, type Dim, type Shape } from "../shape.js";
import { sizeOf } from "../tensor.js";
import { mapDim, one, type ShapeContext, type ShapeRule } from "./rule.js";

/** A size as part of a product: sums in parentheses. */
const factor = (dim: Dim): Dim => (typeof dim === "string" && /[+-]/.test(dim.replace(/\([^()]*\)/g, "")) ? `(${dim})` : dim);
const product = (shape: Shape): Dim => (isConcrete(shape) ? sizeOf(shape) : shape.length === 1 ? shape[0]! : shape.map(factor).join("*"));

/** Sizes that follow from the data, where their number does not: each is a symbol of its own. */
const openSizes = ({ node }: ShapeContext, count: Dim | undefined): Dim[] | undefined => (typeof count === "number" ? Array.from({ length: count }, (_, i) => `${node.name}_${i}`) : undefined);

const reshape: ShapeRule = (context) => {
  const [x, target] = [context.shape(0), context.dims(1)];
  if (target === undefined) return one(context.dtype(0), openSizes(context, context.shape(1)?.[0]));
  const copyZero = numberOf(context.node, "allowzero", 0) === 0;
  const dims: Dim[] = target.map((dim, i) => (dim === 0 && copyZero ? (x?.[i] ?? -1) : dim));
  const free = dims.indexOf(-1);
  if (free >= 0) {
    if (x === undefined) return one(context.dtype(0), dims.map((dim, i) => (i === free ? `${context.node.name}_${i}` : dim)));
    // Symbols that stand on both sides cancel, so that a symbolic batch survives a Flatten-like reshape.
    const rest = [...x];
    const fixed = dims.filter((dim, i) => i !== free && (typeof dim === "number" || rest.indexOf(dim) < 0 || (rest.splice(rest.indexOf(dim), 1), false)));
    if (isConcrete(rest) && isConcrete(fixed)) {
      const size = sizeOf(rest) / sizeOf(fixed);
      if (!Number.isInteger(size)) throw context.mismatch(`${formatShape(x)} to ${formatShape(target)}`);
      dims[free] = size;
    } else if (isConcrete(fixed) && sizeOf(rest.filter((dim) => typeof dim === "number")) === sizeOf(fixed)) {
      dims[free] = product(rest.filter((dim) => typeof dim === "string"));
    } else dims[free] = `${factor(product(rest))}/${factor(product(fixed))}`;
  }
  if (x !== undefined && isConcrete(x) && isConcrete(dims) && sizeOf(x) !== sizeOf(dims)) throw context.mismatch(`${formatShape(x)} to ${formatShape(target)}`);
  return one(context.dtype(0), dims);
};

const flatten: ShapeRule = ({ node, dtype, shape }) => {
  const x = shape(0);
  if (x === undefined) return one(dtype(0), undefined);
  const axis = normalizeAxis(numberOf(node, "axis", 1), x.length);
  return one(dtype(0), [product(x.slice(0, axis)), product(x.slice(axis))]);
};

const transpose: ShapeRule = ({ node, dtype, shape, mismatch }) => {
  const x = shape(0);
  const perm = numbersOf(node, "perm") ?? x?.map((_, i) => x.length - 1 - i);
  if (x !== undefined && perm?.length !== x.length) throw mismatch(`perm [${perm?.join(", ")}] for ${formatShape(x)}`);
  return one(dtype(0), x && perm!.map((axis) => x[axis]!));
};

const squeeze: ShapeRule = ({ dtype, shape, has, constant }) => {
  const [x, axes] = [shape(0), has(1) ? constant(1) : []];
  if (x === undefined || axes === undefined) return one(dtype(0), undefined);
  const gone = new Set(axes.map((axis) => normalizeAxis(axis, x.length)));
  return one(dtype(0), x.filter((dim, axis) => (axes.length === 0 ? dim !== 1 : !gone.has(axis))));
};

const unsqueeze: ShapeRule = ({ dtype, shape, constant }) => {
  const [x, axes] = [shape(0), constant(1)];
  if (x === undefined || axes === undefined) return one(dtype(0), undefined);
  const rank = x.length + axes.length;
  const fresh = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  let next = 0;
  return one(dtype(0), Array.from({ length: rank }, (_, axis) => (fresh.has(axis) ? 1 : x[next++]!)));
};

const concat: ShapeRule = ({ node, dtype, shape, mismatch }) => {
  const shapes = node.inputs.map((_, i) => shape(i));
  const first = shapes[0];
  if (first === undefined || shapes.includes(undefined)) return one(dtype(0), undefined);
  const axis = normalizeAxis(numberOf(node, "axis", 0), first.length);
  if (shapes.some((s) => s!.length !== first.length)) throw mismatch(shapes.map((s) => formatShape(s)).join(" and "));
  const along = shapes.map((s) => s![axis]!);
  const total: Dim = isConcrete(along) ? (along as readonly number[]).reduce((a, b) => a + b, 0) : along.join("+");
  return one(dtype(0), first.map((dim, i) => (i === axis ? total : (shapes.find((s) => typeof s![i] === "number")?.[i] ?? dim))));
};

const split: ShapeRule = ({ node, dtype, shape, has, constant }) => {
  const x = shape(0);
  const count = numberOf(node, "num_outputs", node.outputs.length);
  const sizes = has(1) ? constant(1) : undefined;
  if (x === undefined || (has(1) && sizes === undefined)) return node.outputs.map(() => ({ dtype: dtype(0), shape: undefined }));
  const axis = normalizeAxis(numberOf(node, "axis", 0), x.length);
  const chunk = (size: number, i: number) => { const each = Math.ceil(size / count); return Math.max(0, Math.min(each, size - i * each)); };
  return node.outputs.map((_, i) => ({ dtype: dtype(0), shape: x.map((dim, d) => (d !== axis ? dim : (sizes?.[i] ?? mapDim(dim, (size) => chunk(size, i), (s) => `${s}/${count}`)))) }));
};

/** Start, end and step of a slice along one axis of the given size, clamped as ONNX says. */
export function sliceRange(size: number, start: number, end: number, step: number): { start: number; count: number } {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const [from, to] = step > 0 ? [clamp(start, 0, size), clamp(end, 0, size)] : [clamp(start, 0, size - 1), clamp(end, -1, size - 1)];
  return { start: from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

const slice: ShapeRule = ({ node, dtype, shape, has, constant, dims: known }) => {
  const [x, starts, ends] = [shape(0), known(1), known(2)];
  const count = starts?.length ?? ends?.length ?? shape(1)?.[0];
  const axes = has(3) ? constant(3) : typeof count === "number" ? Array.from({ length: count }, (_, i) => i) : undefined;
  const steps = has(4) ? constant(4) : axes?.map(() => 1);
  if (x === undefined || !axes || !steps) return one(dtype(0), undefined);
  const dims = [...x];
  axes.forEach((rawAxis, i) => {
    const axis = normalizeAxis(rawAxis, x.length);
    const [start, end] = [starts?.[i], ends?.[i]];
    // Bounds that follow from the data leave the size open.
    if (start === undefined || end === undefined) dims[axis] = `${node.name}_${axis}`;
    else if (typeof start === "string" || typeof end === "string") dims[axis] = start === 0 && end === x[axis] && steps[i] === 1 ? x[axis] : `${x[axis]}[${start}:${end}:${steps[i]}]`;
    else {
      dims[axis] = mapDim(x[axis]!, (size) => sliceRange(size, start, end, steps[i]!).count,
        (s) => (start === 0 && end >= 2 ** 31 - 1 && steps[i] === 1 ? s : `${s}[${start}:${end}:${steps[i]}]`));
    }
  });
  return one(dtype(0), dims);
};

const gather: ShapeRule = ({ node, dtype, shape }) => {
  const [x, indices] = [shape(0), shape(1)];
  if (x === undefined || indices === undefined) return one(dtype(0), undefined);
  const axis = normalizeAxis(numberOf(node, "axis", 0), x.length);
  return one(dtype(0), [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)]);
};

const expand: ShapeRule = (context) => {
  const { dtype, shape, dims, mismatch } = context;
  const [x, target] = [shape(0), dims(1) ?? openSizes(context, shape(1)?.[0])];
  if (x === undefined || target === undefined) return one(dtype(0), undefined);
  const joined = broadcastShapes(x, target);
  if (joined === undefined) throw mismatch(`${formatShape(x)} to ${formatShape(target)}`);
  return one(dtype(0), joined);
};

const pad: ShapeRule = ({ dtype, shape, has, constant }) => {
  const [x, pads] = [shape(0), constant(1)];
  if (x === undefined || pads === undefined) return one(dtype(0), undefined);
  const axes = has(3) ? constant(3) : x.map((_, i) => i);
  if (axes === undefined) return one(dtype(0), undefined);
  const dims = [...x];
  axes.forEach((rawAxis, i) => {
    const axis = normalizeAxis(rawAxis, x.length);
    const extra = pads[i]! + pads[i + axes.length]!;
    dims[axis] = mapDim(x[axis]!, (size) => size + extra, (s) => (extra === 0 ? s : `${s}+${extra}`));
  });
  return one(dtype(0), dims);
};

const tile: ShapeRule = (context) => {
  const { dtype, shape, constant } = context;
  const [x, repeats] = [shape(0), constant(1)];
  return one(dtype(0), repeats === undefined ? openSizes(context, x?.length) : x?.map((dim, i) => mapDim(dim, (size) => size * repeats[i]!, (s) => (repeats[i] === 1 ? s : `${s}*${repeats[i]}`))));
};

const range: ShapeRule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => context.dims(i)?.[0]);
  const isKnown = typeof start === "number" && typeof limit === "number" && typeof delta === "number";
  if (isKnown) return one(context.dtype(0), [Math.max(0, Math.ceil((limit - start) / delta))]);
  return one(context.dtype(0), start === 0 && delta === 1 && limit !== undefined ? [limit] : openSizes(context, 1));
};

const oneHot: ShapeRule = ({ node, dtype, shape, constant }) => {
  const [indices, depth] = [shape(0), constant(1)?.[0]];
  if (indices === undefined || depth === undefined) return one(dtype(2), undefined);
  const axis = normalizeAxis(numberOf(node, "axis", -1), indices.length + 1);
  return one(dtype(2), [...indices.slice(0, axis), depth, ...indices.slice(axis)]);
};

const blocks = (toSpace: boolean): ShapeRule => ({ node, dtype, shape }) => {
  const x = shape(0);
  const size = numberOf(node, "blocksize", 1);
  const times = (dim: Dim, factor: number) => mapDim(dim, (value) => value * factor, (s) => `${s}*${factor}`);
  return one(dtype(0), x && [x[0]!, times(x[1]!, toSpace ? 1 / (size * size) : size * size), ...x.slice(2).map((dim) => times(dim, toSpace ? size : 1 / size))]);
};

export const moveShapes: Readonly<Record<string, ShapeRule>> = {
  Reshape: reshape, Flatten: flatten, Transpose: transpose, Squeeze: squeeze, Unsqueeze: unsqueeze, Concat: concat, Split: split, Slice: slice, Gather: gather,
  Expand: expand, Pad: pad, Tile: tile, Range: range, OneHot: oneHot, DepthToSpace: blocks(true), SpaceToDepth: blocks(false),
  Shape: ({ node, shape }) => {
    const x = shape(0);
    const bound = (value: number) => Math.min(Math.max(normalizeAxis(value, x!.length), 0), x!.length);
    return one("int64", x && [Math.max(0, bound(numberOf(node, "end", x.length)) - bound(numberOf(node, "start", 0)))]);
  },
  Size: () => one("int64", []),
  ConstantOfShape: (context) => one(tensorOf(context.node, "value")?.dtype ?? "float32", context.dims(0) ?? openSizes(context, context.shape(0)?.[0])),
};

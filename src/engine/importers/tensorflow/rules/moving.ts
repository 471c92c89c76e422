/** @file Operators that move elements without computing: shapes, slices, joining and taking apart. */
import type { Held } from "../../channels.js";
import { float32, type Tensor } from "../../../ir/tensor.js";
import { table, type Rule, type RuleContext, type RuleTable } from "./rule.js";

/** "To the end" of a slice, and before the beginning of one that runs backwards. */
const end = 2 ** 31 - 1;

const reshape: Rule = (context) => context.done("Reshape", [context.last(0), context.index(1)], { allowzero: 0 });

const squeeze: Rule = (context) => {
  const rank = context.rank(0);
  const named = context.ints("squeeze_dims");
  const axes = (named.length > 0 ? named : context.shape(0).flatMap((dim, axis) => (dim === 1 ? [axis] : []))).map((axis) => context.axisOf(axis, rank, false));
  if (axes.length === 0) return context.held(0);
  // An image that goes as a whole leaves batch and channels, whichever way they stood.
  const { value, first } = context.held(0);
  const isImage = first && axes.length === rank - 2 && axes.every((axis) => axis > 0 && axis < rank - 1);
  return isImage ? context.done("Squeeze", [value, context.writer.ints(axes.map((axis) => axis + 1))]) : context.done("Squeeze", [context.last(0), context.writer.ints(axes)]);
};

const expandDims: Rule = (context) => {
  const axis = context.axisOf(context.fixed(1, "axis")[0]!, context.rank(0) + 1, false);
  return context.done("Unsqueeze", [context.last(0), context.writer.ints([axis])]);
};

/** A value held channels first needs one turn, or none where the model turns to the same order. */
const transpose: Rule = (context) => {
  const perm = context.fixed(1, "order of axes");
  const { value, first } = context.held(0);
  const rank = context.rank(0);
  if (perm.length !== rank) context.refuse("its order of axes does not fit");
  const turned = perm.map((axis) => context.axisOf(axis, rank, first));
  return turned.every((axis, i) => axis === i) ? { value, first: false } : context.done("Transpose", [value], { perm: turned });
};

/** `operands` are inputs that are joined along `axis`: channels first where any of them is held so. */
function join(context: RuleContext, operands: readonly number[], axis: number): Held {
  const rank = Math.max(...operands.map((i) => context.rank(i)));
  const first = operands.some((i) => context.held(i).first);
  return { value: context.done("Concat", operands.map((i) => (first ? context.first(i) : context.last(i))), { axis: context.axisOf(axis, rank, first) }), first };
}

/** Larger identity matrices are refused. */
const largestDiagonal = 1024;

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

const pack: Rule = (context) => {
  const axis = context.int("axis", 0);
  const at = context.axisOf(axis, context.rank(0) + 1, false);
  const opened = context.inputs.map((_, i) => context.add("Unsqueeze", [context.last(i), context.writer.ints([at])]));
  return context.done("Concat", opened, { axis: at });
};

const unpack: Rule = (context) => {
  const axis = context.axisOf(context.int("axis", 0), context.rank(0), false);
  const size = context.shape(0)[axis];
  const count = context.count(context.int("num", typeof size === "number" ? size : 0));
  const parts = context.writer.addMany("Split", [context.last(0)], { axis, num_outputs: count }, count);
  return parts.map((part) => context.done("Squeeze", [part, context.writer.ints([axis])]));
};

function split(context: RuleContext, i: number, axis: number, count: number, sizes?: readonly number[]): readonly Held[] {
  const { value, first } = context.held(i);
  const at = context.axisOf(axis, context.rank(i), first);
  const inputs = sizes ? [value, context.writer.ints(sizes)] : [value];
  return context.writer.addMany("Split", inputs, { axis: at, ...(sizes ? {} : { num_outputs: count }) }, context.count(count), "").map((part) => ({ value: part, first }));
}

const splitSizes: Rule = (context) => {
  const sizes = [...context.fixed(1, "list of sizes")];
  const axis = context.fixed(2, "axis")[0]!;
  const open = sizes.indexOf(-1);
  const whole = context.shape(0).at(axis);
  if (open >= 0) sizes[open] = typeof whole === "number" ? whole - sizes.reduce((sum, size) => sum + Math.max(0, size), 0) : context.refuse("a size of it depends on the input");
  return split(context, 0, axis, sizes.length, sizes);
};

/** Paddings `[[before, after], ...]`, one row per axis; axes that are not padded are left out. What pads height and width goes into a convolution as a rule, and is held as one wants it. */
const pad = (mode: (context: RuleContext) => string): Rule => (context) => {
  const rows = context.fixed(1, "padding");
  const rank = context.rank(0);
  const padded = upTo(rank).filter((axis) => rows[2 * axis] !== 0 || rows[2 * axis + 1] !== 0);
  if (padded.length === 0) return context.held(0);
  const first = context.held(0).first || (rank === 4 && padded.every((axis) => axis === 1 || axis === 2));
  const value = first ? context.first(0) : context.last(0);
  const pads = context.writer.ints([...padded.map((axis) => rows[2 * axis]!), ...padded.map((axis) => rows[2 * axis + 1]!)]);
  const axes = context.writer.ints(padded.map((axis) => context.axisOf(axis, rank, first)));
  const filler = context.inputs.length > 2 ? context.last(2) : "";
  return { value: context.done("Pad", [value, pads, filler, axes], { mode: mode(context) }), first };
};

/** Begin and size per axis; -1 takes what is left. */
const slice: Rule = (context) => {
  const { value, first } = context.held(0);
  const rank = context.rank(0);
  const [begins, sizes, fixed] = [context.elements(1), context.dims(2), context.elements(2)];
  const entries = upTo(rank).map((axis) => {
    const [from, size] = [begins?.[axis] ?? pick(context, 1, axis), fixed?.[axis] ?? (sizes?.[axis] === -1 ? -1 : pick(context, 2, axis))];
    if (size === -1) return { from, to: end };
    if (typeof from === "number" && typeof size === "number") return { from, to: from + size };
    return { from, to: from === 0 ? size : context.add("Add", [from, size].map((each) => (typeof each === "number" ? context.writer.ints([each]) : each))) };
  });
  const axes = upTo(rank).map((axis) => context.axisOf(axis, rank, first));
  return { value: context.done("Slice", [value, joined(context, entries.map(({ from }) => from)), joined(context, entries.map(({ to }) => to)), context.writer.ints(axes)]), first };
};

/** NumPy's slicing, with a bit per entry for what it means: open ends, new axes, axes that go, the axes an ellipsis stands for. */
const stridedSlice: Rule = (context) => {
  const [begins, ends, strides] = [context.elements(1), context.elements(2), context.fixed(3, "list of steps")];
  const has = (mask: string, i: number) => (context.int(mask, 0) & (1 << i)) !== 0;
  const rank = context.rank(0);
  const entries = upTo(strides.length);
  const taken = entries.filter((i) => !has("new_axis_mask", i) && !has("ellipsis_mask", i)).length;
  const cut: { readonly axis: number; readonly from: number | string; readonly to: number | string; readonly step: number }[] = [];
  const [gone, fresh]: number[][] = [[], []];
  let [axis, position] = [0, 0];
  for (const i of entries) {
    if (has("ellipsis_mask", i)) {
      const covered = rank - taken;
      axis += covered;
      position += covered;
    } else if (has("new_axis_mask", i)) fresh!.push(position++);
    else {
      const step = strides[i]!;
      const at = (list: readonly number[] | undefined, input: number) => list?.[i] ?? pick(context, input, i);
      const from = at(begins, 1);
      if (has("shrink_axis_mask", i)) {
        cut.push({ axis, from, to: typeof from === "string" ? context.add("Add", [from, context.writer.ints([1])]) : from === -1 ? end : from + 1, step: 1 });
        gone!.push(axis);
      } else {
        const isWhole = has("begin_mask", i) && has("end_mask", i) && step === 1;
        if (!isWhole) cut.push({ axis, from: has("begin_mask", i) ? (step > 0 ? 0 : end) : from, to: has("end_mask", i) ? (step > 0 ? end : -end) : at(ends, 2), step });
        position++;
      }
      axis++;
    }
  }
  const { value, first } = context.held(0);
  const stays = first && gone!.length === 0 && fresh!.length === 0;
  let x = stays ? value : context.last(0);
  if (cut.length > 0) {
    const bound = (which: "from" | "to") => joined(context, cut.map((each) => each[which]));
    x = context.add("Slice", [x, bound("from"), bound("to"), context.writer.ints(cut.map((each) => context.axisOf(each.axis, rank, stays))), context.writer.ints(cut.map(({ step }) => step))]);
  }
  if (gone!.length > 0) x = context.add("Squeeze", [x, context.writer.ints(gone!)]);
  if (fresh!.length > 0) x = context.add("Unsqueeze", [x, context.writer.ints(fresh!)]);
  return { value: x, first: stays };
};

/** One entry of a list that depends on the input, as a list of one. */
const pick = (context: RuleContext, input: number, i: number): string => context.add("Slice", [context.index(input), context.writer.ints([i]), context.writer.ints([i + 1])]);

function joined(context: RuleContext, entries: readonly (number | string)[]): string {
  if (entries.every((entry) => typeof entry === "number")) return context.writer.ints(entries as readonly number[]);
  return context.add("Concat", entries.map((entry) => (typeof entry === "number" ? context.writer.ints([entry]) : entry)), { axis: 0 });
}

/** The model's own order of axes, without turning the value. */
const shape: Rule = (context) => {
  const { value, first } = context.held(0);
  const rank = context.rank(0);
  const own = context.add("Shape", [value]);
  const ordered = first ? context.add("Gather", [own, context.writer.ints(upTo(rank).map((axis) => context.axisOf(axis, rank, true)))]) : own;
  const to = context.typeNamed("out_type", "int32");
  return to === "int64" ? ordered : context.done("Cast", [ordered], { to });
};

const oneHot: Rule = (context) => {
  const values = context.add("Concat", [3, 2].map((i) => context.add("Unsqueeze", [context.last(i), context.writer.ints([0])])), { axis: 0 });
  return context.done("OneHot", [context.last(0), context.index(1), values], { axis: context.int("axis", -1) });
};

const reverse: Rule = (context) => {
  const { value, first } = context.held(0);
  const axes = context.fixed(1, "list of axes").map((axis) => context.axisOf(axis, context.rank(0), first));
  const all = (entry: number) => context.writer.ints(axes.map(() => entry));
  return axes.length === 0 ? context.held(0) : { value: context.done("Slice", [value, all(-1), all(-end), context.writer.ints(axes), all(-1)]), first };
};

/** Keeps so many diagonals on either side; -1 means all of them. */
const bandPart: Rule = (context) => {
  const [lower, upper] = [context.fixed(1, "number of diagonals")[0]!, context.fixed(2, "number of diagonals")[0]!];
  let x = context.last(0);
  if (lower >= 0) x = context.add("Trilu", [x, context.writer.int(-lower)], { upper: 1 });
  return upper >= 0 ? context.add("Trilu", [x, context.writer.int(upper)], { upper: 0 }) : x;
};

/** Vectors as the diagonals of square matrices; other diagonals and sizes are not known. */
const diagonal: Rule = (context) => {
  const size = context.shape(0).at(-1);
  const isMain = [1, 2, 3].every((i) => [0, -1, size].includes(context.elements(i)?.[0] ?? 0)) && (context.elements(1)?.[0] ?? 0) === 0;
  if (typeof size !== "number" || !isMain || size > largestDiagonal) return context.refuse("it is no square matrix of a fixed size with a main diagonal");
  const identity = float32([size, size], Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)));
  const dtype = context.dtype(0);
  const ones = dtype === "float32" ? context.constant(identity) : context.add("Cast", [context.constant(identity)], { to: dtype });
  return context.done("Mul", [context.add("Unsqueeze", [context.last(0), context.writer.ints([-1])]), ones]);
};

/** How old graphs dilate: pixels that lie a block apart become images of their own. Paddings or crops follow the block's shape. */
const spaceToBatch: Rule = (context) => {
  const [block, pads] = [context.fixed(1, "block"), context.fixed(2, "padding")];
  const rank = context.rank(0);
  const n = block.length;
  const padded = context.add("Pad", [context.last(0), context.writer.ints([0, ...block.map((_, i) => pads[2 * i]!), ...Array<number>(rank - n).fill(0), ...block.map((_, i) => pads[2 * i + 1]!), ...Array<number>(rank - n - 1).fill(0)])], { mode: "constant" });
  const sizes = context.writer.shapeOfValue(padded)!;
  const rest = sizes.slice(n + 1).map((size) => (typeof size === "number" ? size : context.refuse("a size of it depends on the input")));
  const inner = block.map((size, i) => { const whole = sizes[i + 1]; return typeof whole === "number" ? whole / size : context.refuse("a size of it depends on the input"); });
  const apart = context.add("Reshape", [padded, context.writer.ints([-1, ...inner.flatMap((size, i) => [size, block[i]!]), ...rest])]);
  const turned = context.add("Transpose", [apart], { perm: [...block.map((_, i) => 2 * i + 2), 0, ...block.map((_, i) => 2 * i + 1), ...rest.map((_, i) => 2 * n + 1 + i)] });
  return context.done("Reshape", [turned, context.writer.ints([-1, ...inner, ...rest])]);
};

const batchToSpace: Rule = (context) => {
  const [block, crops] = [context.fixed(1, "block"), context.fixed(2, "crop")];
  const n = block.length;
  const sizes = context.shape(0).slice(1).map((size) => (typeof size === "number" ? size : context.refuse("a size of it depends on the input")));
  const rest = sizes.slice(n);
  const apart = context.add("Reshape", [context.last(0), context.writer.ints([...block, -1, ...sizes])]);
  const turned = context.add("Transpose", [apart], { perm: [n, ...block.flatMap((_, i) => [n + 1 + i, i]), ...rest.map((_, i) => 2 * n + 1 + i)] });
  const whole = block.map((size, i) => size * sizes[i]!);
  const together = context.add("Reshape", [turned, context.writer.ints([-1, ...whole, ...rest])]);
  if (crops.every((crop) => crop === 0)) return together;
  const bounds = [block.map((_, i) => crops[2 * i]!), whole.map((size, i) => size - crops[2 * i + 1]!), block.map((_, i) => i + 1)];
  return context.done("Slice", [together, ...bounds.map((list) => context.writer.ints(list))]);
};

const integers = (shape: readonly number[], values: readonly number[]): Tensor => ({ dtype: "int32", shape, data: Int32Array.from(values) });

export const movingRules: RuleTable = {
  Reshape: reshape, Squeeze: squeeze, ExpandDims: expandDims, Transpose: transpose,
  ConcatV2: (context) => join(context, upTo(context.inputs.length - 1), context.fixed(context.inputs.length - 1, "axis")[0]!),
  Concat: (context) => join(context, upTo(context.inputs.length).slice(1), context.fixed(0, "axis")[0]!),
  Pack: pack, Unpack: unpack,
  Split: (context) => split(context, 1, context.fixed(0, "axis")[0]!, context.int("num_split", 1)),
  SplitV: splitSizes,
  ...table(["Pad", "PadV2"], pad(() => "constant")),
  MirrorPad: pad((context) => (context.text("mode", "REFLECT") === "SYMMETRIC" ? context.refuse("it repeats the edge when it mirrors") : "reflect")),
  Slice: slice, StridedSlice: stridedSlice,
  Tile: (context) => context.done("Tile", [context.last(0), context.index(1)]),
  Shape: shape,
  ShapeN: (context) => context.inputs.map((_, i) => context.add("Cast", [context.add("Shape", [context.last(i)])], { to: context.typeNamed("out_type", "int32") })),
  Size: (context) => context.done("Cast", [context.add("Size", [context.held(0).value])], { to: context.typeNamed("out_type", "int32") }),
  Rank: (context) => context.constant(integers([], [context.rank(0)])),
  Fill: (context) => context.done("Expand", [context.last(1), context.index(0)]),
  BroadcastTo: (context) => context.done("Expand", [context.last(0), context.index(1)]),
  Range: (context) => context.done("Range", [0, 1, 2].map((i) => context.last(i))),
  OneHot: oneHot, ReverseV2: reverse, MatrixBandPart: bandPart, ...table(["MatrixDiag", "MatrixDiagV2", "MatrixDiagV3"], diagonal),
  SpaceToBatchND: spaceToBatch, BatchToSpaceND: batchToSpace,
  Where: (context) => context.done("Transpose", [context.add("NonZero", [context.last(0)])], { perm: [1, 0] }),
  InvertPermutation: (context) => {
    const order = context.fixed(0, "order of axes");
    return context.constant(integers([order.length], order.map((_, i) => order.indexOf(i))));
  },
};

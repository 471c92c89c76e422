/** @file Random forms of the operators that pick, place and resample elements, for their gradient rules. */
import { float32, int64, sizeOf } from "../../../src/engine/ir/tensor.js";
import { gradientCases, ints, single, type Draw, type MakeCase } from "./gradientCases.js";
import { distinct, smooth } from "./numbers.js";
import { nodeGraph } from "./smallGraph.js";

/** Indices into an axis of this size, some counted from the end. */
const anyIndex = (draw: Draw, size: number) => draw.int(-size, size - 1);

const gatherElements: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.int(0, shape.length - 1);
  const places = shape.map((dim, i) => (i === axis ? draw.int(1, 4) : draw.int(1, dim)));
  const indices = int64(places, Array.from({ length: sizeOf(places) }, () => anyIndex(draw, shape[axis]!)));
  const x = smooth(shape, draw.seed());
  return single(nodeGraph("GatherElements", [x], { axis: draw.of([axis, axis - shape.length]) }, [indices]), x);
};

const gatherNd: MakeCase = (draw) => {
  const shape = draw.shape(2, 4, 3);
  const batch_dims = draw.int(0, 1);
  const depth = draw.int(1, shape.length - batch_dims);
  const places = [...shape.slice(0, batch_dims), ...draw.shape(1, 2, 3), depth];
  const indices = int64(places, Array.from({ length: sizeOf(places) }, (_, i) => anyIndex(draw, shape[batch_dims + (i % depth)]!)));
  const x = smooth(shape, draw.seed());
  return single(nodeGraph("GatherND", [x], { batch_dims }, [indices]), x);
};

const reductions = ["none", "add", "mul", "max", "min"] as const;

/** Values of data and updates that nowhere tie, or are near zero where a product makes that a singular point of nothing. */
const scattered = (draw: Draw, reduction: string, shape: readonly number[], phase: number) =>
  reduction === "max" || reduction === "min" ? distinct(shape, draw.seed(), phase) : smooth(shape, draw.seed(), -2, 2, [0], 0.2);

const scatterElements: MakeCase = (draw) => {
  const [rows, columns] = [draw.int(1, 3), draw.int(2, 4)];
  const reduction = draw.of(reductions);
  const count = draw.int(1, reduction === "none" ? columns : 5);
  // What overwrites must not meet itself: the result would be a matter of luck.
  const index = (i: number) => (reduction === "none" ? (i % count) - draw.of([0, columns]) : anyIndex(draw, columns));
  const indices = int64([rows, count], Array.from({ length: rows * count }, (_, i) => index(i)));
  const tensors = [scattered(draw, reduction, [rows, columns], 0), indices, scattered(draw, reduction, [rows, count], 0.25)];
  return { graph: nodeGraph("ScatterElements", tensors, { axis: 1, reduction }), tensors, wrt: [0, 2] };
};

const scatterNd: MakeCase = (draw) => {
  const shape = draw.shape(2, 3, 3);
  const reduction = draw.of(reductions);
  const depth = draw.int(1, shape.length);
  const slots = sizeOf(shape.slice(0, depth));
  const count = draw.int(1, reduction === "none" ? slots : 4);
  const first = draw.int(0, slots - 1);
  const tuple = (slot: number) => shape.slice(0, depth).map((dim, axis) => Math.floor(slot / sizeOf(shape.slice(axis + 1, depth))) % dim);
  const indices = int64([count, depth], Array.from({ length: count }, (_, i) => tuple(reduction === "none" ? (first + i) % slots : draw.int(0, slots - 1))).flat());
  const tensors = [scattered(draw, reduction, shape, 0), indices, scattered(draw, reduction, [count, ...shape.slice(depth)], 0.25)];
  return { graph: nodeGraph("ScatterND", tensors, { reduction }), tensors, wrt: [0, 2] };
};

const topK: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.int(-shape.length, shape.length - 1);
  const x = distinct(shape, draw.seed());
  const graph = nodeGraph("TopK", [x], { axis, largest: draw.flag(), sorted: 1 }, [ints([draw.int(1, shape.at(axis)!)])], 2);
  return single({ ...graph, outputs: graph.outputs.slice(0, 1) }, x);
};

const compress: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.of([undefined, draw.int(-shape.length, shape.length - 1)]);
  const size = axis === undefined ? sizeOf(shape) : shape.at(axis)!;
  const condition = Uint8Array.from({ length: draw.int(1, size) }, () => draw.flag());
  const x = smooth(shape, draw.seed());
  return single(nodeGraph("Compress", [x], axis === undefined ? {} : { axis }, [{ dtype: "bool", shape: [condition.length], data: condition }]), x);
};

const trilu: MakeCase = (draw) => {
  const x = smooth([...draw.shape(0, 1), ...draw.shape(2, 2)], draw.seed());
  return single(nodeGraph("Trilu", [x], { upper: draw.flag() }, draw.flag() ? [int64([], [draw.int(-3, 3)])] : []), x);
};

const reverseSequence: MakeCase = (draw) => {
  const [time, batch] = [draw.int(1, 4), draw.int(1, 3)];
  const isTimeFirst = draw.flag() === 1;
  const x = smooth([...(isTimeFirst ? [time, batch] : [batch, time]), 2], draw.seed());
  return single(nodeGraph("ReverseSequence", [x], { time_axis: isTimeFirst ? 0 : 1, batch_axis: isTimeFirst ? 1 : 0 }, [ints(Array.from({ length: batch }, () => draw.int(1, time)))]), x);
};

const transformations = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"] as const;

/** Every mode and every map of coordinates, by scales or sizes, whole factors and others. */
const resize: MakeCase = (draw) => {
  const spatial = draw.shape(1, 2, 5);
  const mode = draw.of(["nearest", "linear", "cubic"]);
  const coordinate_transformation_mode = draw.of(transformations);
  const isByScale = draw.flag() === 1;
  const antialias = mode === "nearest" ? 0 : draw.flag();
  const x = smooth([1, 2, ...spatial], draw.seed());
  const rank = spatial.length + 2;
  const roi = coordinate_transformation_mode === "tf_crop_and_resize" ? float32([2 * rank], [0, 0, ...spatial.map(() => 0.1), 1, 1, ...spatial.map(() => draw.of([0.9, 1.2]))]) : undefined;
  const wanted = isByScale ? [undefined, float32([rank], [1, 1, ...spatial.map(() => draw.of([0.6, 1, 1.5, 2, 3]))])] : [undefined, undefined, ints([1, 2, ...spatial.map(() => draw.int(1, 7))])];
  const attributes = {
    mode, coordinate_transformation_mode, antialias, nearest_mode: draw.of(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]), exclude_outside: mode === "cubic" ? draw.flag() : 0,
    cubic_coeff_a: draw.of([-0.75, -0.5]), keep_aspect_ratio_policy: isByScale || draw.flag() ? "stretch" : draw.of(["not_larger", "not_smaller"]),
  };
  return single(nodeGraph("Resize", [x], attributes, [roi, ...wanted.slice(1)]), x);
};

/** By the input's own elements, further than it is long too. */
const repeatingPad: MakeCase = (draw) => {
  const shape = draw.shape(1, 2).map((dim) => dim + 1);
  const x = smooth(shape, draw.seed());
  const pads = [...shape, ...shape].map((dim) => draw.int(-1, draw.of([2, dim + 2])));
  return single(nodeGraph("Pad", [x], { mode: draw.of(["edge", "reflect", "wrap"]) }, [ints(pads)]), x);
};

export const movingCases: Readonly<Record<string, MakeCase>> = {
  GatherElements: gatherElements, GatherND: gatherNd, ScatterElements: scatterElements, ScatterND: scatterNd, TopK: topK, Compress: compress, Trilu: trilu, ReverseSequence: reverseSequence, Resize: resize,
  Pad: (draw) => (draw.flag() ? gradientCases["Pad"]! : repeatingPad)(draw),
};

/** @file For every operator with a gradient rule: random forms of it, with inputs away from its kinks. */
import fc, { type GeneratorValue } from "fast-check";
import type { Attributes, Graph } from "../../../src/engine/ir/graph.js";
import { float32, int64, sizeOf, type Tensor } from "../../../src/engine/ir/tensor.js";
import { distinct, smooth } from "./numbers.js";
import { nodeGraph, window } from "./smallGraph.js";

/** A graph, its inputs and the indices of those to differentiate. */
export interface GradientCase {
  readonly graph: Graph;
  readonly tensors: readonly Tensor[];
  readonly wrt: readonly number[];
}

/** Draws what a case leaves open; failing draws shrink. */
export class Draw {
  readonly #gen: GeneratorValue;
  constructor(gen: GeneratorValue) {
    this.#gen = gen;
  }
  int(min: number, max: number): number { return this.#gen(fc.integer, { min, max }); }
  flag(): number { return this.int(0, 1); }
  of<Value>(values: readonly Value[]): Value { return values[this.int(0, values.length - 1)]!; }
  seed(): number { return this.int(1, 100_000); }
  shape(minRank: number, maxRank: number, largest = 4): number[] { return Array.from({ length: this.int(minRank, maxRank) }, () => this.int(1, largest)); }
  /** Two shapes that broadcast, in either direction. */
  broadcastPair(): [number[], number[]] {
    const whole = this.shape(1, 4);
    const stretched = () => whole.map((dim) => (this.int(0, 2) === 0 ? 1 : dim)).slice(this.of([0, 0, this.int(0, whole.length)]));
    return [stretched(), stretched()];
  }
}

export type MakeCase = (draw: Draw) => GradientCase;

export const single = (graph: Graph, ...tensors: readonly Tensor[]): GradientCase => ({ graph, tensors, wrt: [0] });

interface Range { readonly low?: number; readonly high?: number; readonly kinks?: readonly number[]; readonly attributes?: (draw: Draw) => Attributes }

export const unary = (op: string, { low = -2, high = 2, kinks = [], attributes = () => ({}) }: Range = {}): MakeCase => (draw) => {
  const x = smooth(draw.shape(0, 4), draw.seed(), low, high, kinks);
  return single(nodeGraph(op, [x], attributes(draw)), x);
};

export const binary = (op: string, range: (i: number) => readonly [number, number] = () => [-2, 2]): MakeCase => (draw) => {
  const tensors = draw.broadcastPair().map((shape, i) => smooth(shape, draw.seed(), ...range(i)));
  return { graph: nodeGraph(op, tensors), tensors, wrt: [0, 1] };
};

const variadic = (op: string): MakeCase => (draw) => {
  const shapes = [...draw.broadcastPair(), []].slice(0, draw.int(1, 3));
  const tensors = shapes.map((shape, i) => distinct(shape, draw.seed(), i / 3));
  return { graph: nodeGraph(op, tensors), tensors, wrt: tensors.map((_, i) => i) };
};

export const ints = (values: readonly number[]) => int64([values.length], values);

/** Random axes of a shape, some counted from the end. */
const someAxes = (draw: Draw, rank: number) => Array.from({ length: rank }, (_, axis) => axis).filter(() => draw.flag()).map((axis) => (draw.flag() ? axis - rank : axis));

export const reduction = (op: string, low = -2): MakeCase => (draw) => {
  const shape = draw.shape(1, 4);
  const x = op === "ReduceMax" || op === "ReduceMin" ? distinct(shape, draw.seed()) : smooth(shape, draw.seed(), low, 2, [0], 0.05);
  const axes = someAxes(draw, shape.length);
  return single(nodeGraph(op, [x], { keepdims: draw.flag(), ...(draw.flag() ? { noop_with_empty_axes: 1 } : {}) }, axes.length === 0 && draw.flag() ? [] : [ints(axes)]), x);
};

/** A window that fits: strides, dilations and uneven pads at random. */
export function drawWindow(draw: Draw, rank: number, most = { stride: 3, dilation: 2 }) {
  const each = (f: () => number) => Array.from({ length: rank }, f);
  const kernel = each(() => draw.int(1, 3));
  const dilations = each(() => draw.int(1, most.dilation));
  const pads = [...kernel, ...kernel].map((size) => draw.int(0, size - 1));
  const strides = each(() => draw.int(1, most.stride));
  const spatial = kernel.map((size, i) => dilations[i]! * (size - 1) + 1 + draw.int(0, rank === 3 ? 2 : 4));
  return { kernel, spatial, attributes: window(kernel, { strides, dilations, pads }) };
}

const convolution: MakeCase = (draw) => {
  const { kernel, spatial, attributes } = drawWindow(draw, draw.int(1, 3));
  const [group, inner, outer] = [draw.int(1, 3), draw.int(1, 2), draw.int(1, 2)];
  const x = smooth([draw.int(1, 2), group * inner, ...spatial], draw.seed());
  const w = smooth([group * outer, inner, ...kernel], draw.seed());
  const bias = draw.flag() ? [smooth([group * outer], draw.seed())] : [];
  return single(nodeGraph("Conv", [x], { ...attributes, group }, [w, ...bias]), x);
};

const transposedConvolution: MakeCase = (draw) => {
  const { kernel, attributes } = drawWindow(draw, draw.int(1, 3));
  const strides = attributes["strides"] as number[];
  const [group, inner, outer] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 2)];
  const x = smooth([1, group * inner, ...kernel.map(() => draw.int(2, 4))], draw.seed());
  const w = smooth([group * inner, outer, ...kernel], draw.seed());
  const output_padding = strides.map((stride) => draw.int(0, stride - 1));
  return single(nodeGraph("ConvTranspose", [x], { ...attributes, group, output_padding }, [w]), x);
};

const pool = (op: "MaxPool" | "AveragePool"): MakeCase => (draw) => {
  const { spatial, attributes } = drawWindow(draw, draw.int(1, 3), { stride: 3, dilation: 2 });
  const shape = [draw.int(1, 2), draw.int(1, 2), ...spatial];
  const x = op === "MaxPool" ? distinct(shape, draw.seed()) : smooth(shape, draw.seed());
  return single(nodeGraph(op, [x], { ...attributes, ceil_mode: draw.flag(), ...(op === "AveragePool" ? { count_include_pad: draw.flag() } : {}) }), x);
};

const matMul: MakeCase = (draw) => {
  const [rows, inner, columns] = [draw.int(1, 3), draw.int(1, 4), draw.int(1, 3)];
  const [a, b] = draw.flag() ? [[], []] : draw.broadcastPair();
  const shapes = draw.of([[[...a, rows, inner], [...b, inner, columns]], [[inner], [...b, inner, columns]], [[...a, rows, inner], [inner]], [[inner], [inner]]]);
  const tensors = shapes.map((shape) => smooth(shape, draw.seed()));
  return { graph: nodeGraph("MatMul", tensors), tensors, wrt: [0, 1] };
};

const gemm: MakeCase = (draw) => {
  const [rows, inner, columns] = [draw.int(1, 3), draw.int(1, 4), draw.int(1, 3)];
  const [transA, transB] = [draw.flag(), draw.flag()];
  const c = draw.of([undefined, [columns], [rows, 1], [rows, columns], []]);
  const shapes = [transA ? [inner, rows] : [rows, inner], transB ? [columns, inner] : [inner, columns], ...(c ? [c] : [])];
  const tensors = shapes.map((shape) => smooth(shape, draw.seed()));
  return { graph: nodeGraph("Gemm", tensors, { transA, transB, alpha: 0.5, beta: 1.5 }), tensors, wrt: tensors.map((_, i) => i) };
};

/** Normalisations whose parameters have the given shapes. */
export const normalization = (op: string, form: (draw: Draw) => { shape: number[]; parameters: readonly (readonly number[])[]; attributes: Attributes }): MakeCase => (draw) => {
  const { shape, parameters, attributes } = form(draw);
  const x = smooth(shape, draw.seed());
  return single(nodeGraph(op, [x], attributes, parameters.map((size) => smooth(size, draw.seed(), 0.5, 2))), x);
};

export const alongAxis = (op: string): MakeCase => (draw) => {
  const shape = draw.shape(1, 4);
  const x = smooth(shape, draw.seed());
  return single(nodeGraph(op, [x], { axis: draw.int(-shape.length, shape.length - 1) }), x);
};

/** Steps of either sign, bounds in and out of range. */
const slice: MakeCase = (draw) => {
  const shape = draw.shape(1, 3, 6);
  const axes = shape.map((_, axis) => axis).filter((axis) => axis === 0 || draw.flag());
  const x = smooth(shape, draw.seed());
  const numbers = (f: (axis: number) => number) => ints(axes.map(f));
  return single(nodeGraph("Slice", [x], {}, [numbers((axis) => draw.int(-shape[axis]! - 2, shape[axis]! + 1)), numbers((axis) => draw.int(-shape[axis]! - 2, shape[axis]! + 1)), ints(axes), numbers(() => draw.of([1, 2, 3, -1, -2, -3]))]), x);
};

const gather: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.int(0, shape.length - 1);
  const places = draw.of([[], [1], [4], [2, 3], [0]]);
  const indices = int64(places, Array.from({ length: sizeOf(places) }, () => draw.int(-shape[axis]!, shape[axis]! - 1)));
  const x = smooth(shape, draw.seed());
  return single(nodeGraph("Gather", [x], { axis }, [indices]), x);
};

const split: MakeCase = (draw) => {
  const sizes = Array.from({ length: draw.int(1, 3) }, () => draw.int(1, 3));
  const x = smooth([draw.int(1, 3), sizes.reduce((a, b) => a + b, 0), 2], draw.seed());
  const graph = nodeGraph("Split", [x], { axis: draw.of([1, -2]) }, [ints(sizes)], sizes.length);
  // Only one part reaches the output: the others pass nothing.
  return single({ ...graph, outputs: [draw.of(graph.outputs)] }, x);
};

const concat: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.int(-shape.length, shape.length - 1);
  const tensors = Array.from({ length: draw.int(1, 3) }, () => smooth(shape.map((dim, i) => (i === (axis + shape.length) % shape.length ? draw.int(0, 3) : dim)), draw.seed()));
  return { graph: nodeGraph("Concat", tensors, { axis }), tensors, wrt: tensors.map((_, i) => i) };
};

/** Adds and crops. */
const pad: MakeCase = (draw) => {
  const shape = draw.shape(1, 3).map((dim) => dim + 2);
  const x = smooth(shape, draw.seed());
  const axes = draw.flag() ? shape.map((_, axis) => axis) : someAxes(draw, shape.length);
  const pads = [...axes, ...axes].map(() => draw.int(-1, 2));
  return single(nodeGraph("Pad", [x], {}, [ints(pads), float32([], [3]), ints(axes)]), x);
};

export const reshaping = (op: string, form: (draw: Draw, shape: number[]) => { attributes?: Attributes; constants?: readonly Tensor[]; shape?: number[] }): MakeCase => (draw) => {
  const drawn = draw.shape(1, 4);
  const { attributes = {}, constants = [], shape = drawn } = form(draw, drawn);
  const x = smooth(shape, draw.seed());
  return single(nodeGraph(op, [x], attributes, constants), x);
};

const where: MakeCase = (draw) => {
  const [a, b] = draw.broadcastPair();
  const condition: Tensor = { dtype: "bool", shape: a, data: Uint8Array.from({ length: sizeOf(a) }, () => draw.flag()) };
  const tensors = [condition, smooth(b, draw.seed()), smooth(a, draw.seed())];
  return { graph: nodeGraph("Where", tensors), tensors, wrt: [1, 2] };
};

const clip: MakeCase = (draw) => {
  const x = smooth(draw.shape(0, 3), draw.seed(), -2, 8, [-1, 0, 3, 6]);
  const [low, high] = draw.of([[0, 6], [-1, 3], [undefined, 3], [-1, undefined], [undefined, undefined]] as const).map((bound) => bound === undefined ? undefined : float32([], [bound]));
  return single(nodeGraph("Clip", [x], {}, [low, high]), x);
};

const prelu: MakeCase = (draw) => {
  const shape = draw.shape(1, 4);
  const tensors = [smooth(shape, draw.seed(), -2, 2, [0]), smooth(shape.map((dim) => (draw.flag() ? 1 : dim)), draw.seed())];
  return { graph: nodeGraph("PRelu", tensors), tensors, wrt: [0, 1] };
};

export const image = (draw: Draw) => [draw.int(1, 2), draw.int(1, 3), draw.int(1, 4), draw.int(2, 4)];
const block = (draw: Draw) => [draw.int(1, 2), draw.int(1, 2), draw.int(1, 3), draw.int(1, 3)] as const;

/** Operator name to its random forms. */
export const gradientCases: Readonly<Record<string, MakeCase>> = {
  ...Object.fromEntries(["Identity", "Neg", "Exp", "Erf", "Tanh", "Sigmoid", "Sin", "Cos", "Mish", "Softplus"].map((op) => [op, unary(op)])),
  ...Object.fromEntries(["Abs", "Relu", "Softsign"].map((op) => [op, unary(op, { kinks: [0] })])),
  Log: unary("Log", { low: 0.2 }), Sqrt: unary("Sqrt", { low: 0.2 }), Reciprocal: unary("Reciprocal", { kinks: [0], low: 0.3 }), Cast: unary("Cast", { attributes: () => ({ to: "float64" }) }),
  LeakyRelu: unary("LeakyRelu", { kinks: [0], attributes: (draw) => draw.of([{}, { alpha: 0.25 }, { alpha: -0.5 }]) }),
  Elu: unary("Elu", { kinks: [0], attributes: (draw) => draw.of([{}, { alpha: 0.5 }]) }),
  Selu: unary("Selu", { kinks: [0], attributes: (draw) => draw.of([{}, { alpha: 1.5, gamma: 0.75 }]) }),
  HardSigmoid: unary("HardSigmoid", { low: -4, high: 4, kinks: [-2.5, 2.5, -2, 2], attributes: (draw) => draw.of([{}, { alpha: 0.25, beta: 0.5 }]) }),
  HardSwish: unary("HardSwish", { low: -5, high: 5, kinks: [-3, 3] }),
  Gelu: unary("Gelu", { low: -4, high: 4, attributes: (draw) => draw.of([{}, { approximate: "none" }, { approximate: "tanh" }]) }),
  Add: binary("Add"), Sub: binary("Sub"), Mul: binary("Mul"), Div: binary("Div", (i) => (i === 1 ? [0.5, 2] : [-2, 2])), Pow: binary("Pow", (i) => (i === 0 ? [0.4, 2] : [-2, 3])),
  ...Object.fromEntries(["Max", "Min", "Sum", "Mean"].map((op) => [op, variadic(op)])),
  Clip: clip, PRelu: prelu, Where: where, MatMul: matMul, Gemm: gemm, Conv: convolution, ConvTranspose: transposedConvolution, MaxPool: pool("MaxPool"), AveragePool: pool("AveragePool"),
  GlobalAveragePool: reshaping("GlobalAveragePool", (draw) => ({ shape: image(draw) })),
  GlobalMaxPool: (draw) => { const x = distinct(image(draw), draw.seed()); return single(nodeGraph("GlobalMaxPool", [x]), x); },
  BatchNormalization: normalization("BatchNormalization", (draw) => { const shape = image(draw).slice(0, draw.int(2, 4)); return { shape, parameters: [[shape[1]!], [shape[1]!], [shape[1]!], [shape[1]!]], attributes: draw.of([{}, { epsilon: 0.01 }]) }; }),
  InstanceNormalization: normalization("InstanceNormalization", (draw) => { const shape = image(draw); return { shape, parameters: [[shape[1]!], [shape[1]!]], attributes: { epsilon: 0.01 } }; }),
  LayerNormalization: normalization("LayerNormalization", (draw) => {
    const shape = [...draw.shape(1, 2), draw.int(2, 4), draw.int(2, 4)];
    const axis = draw.of([-1, -2, shape.length - 1]);
    const scale = shape.slice(axis < 0 ? axis : axis - shape.length);
    return { shape, parameters: draw.flag() ? [scale, scale] : [scale], attributes: { axis, epsilon: 0.01 } };
  }),
  GroupNormalization: normalization("GroupNormalization", (draw) => { const [groups, each] = [draw.int(1, 3), draw.int(1, 2)]; const size = draw.of([groups, groups * each]); return { shape: [draw.int(1, 2), groups * each, 2, 3], parameters: [[size], [size]], attributes: { num_groups: groups, epsilon: 0.01 } }; }),
  Softmax: alongAxis("Softmax"), LogSoftmax: alongAxis("LogSoftmax"),
  ...Object.fromEntries(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"].map((op) => [op, reduction(op)])),
  Reshape: reshaping("Reshape", (draw, shape) => ({ constants: [ints(draw.of([[-1], [...shape, 1], [0, -1], [1, -1]]))] })),
  Flatten: reshaping("Flatten", (draw, shape) => ({ attributes: { axis: draw.int(-shape.length, shape.length) } })),
  Squeeze: reshaping("Squeeze", (draw, shape) => ({ shape: [1, ...shape, 1], constants: draw.of([[], [ints([0])], [ints([-1, 0])]]) })),
  Unsqueeze: reshaping("Unsqueeze", (draw) => ({ constants: [ints(draw.of([[0], [-1], [0, -1], [1]]))] })),
  Transpose: reshaping("Transpose", (draw, shape) => ({ attributes: draw.of([{}, { perm: shape.map((_, axis) => (axis + 1) % shape.length) }]) })),
  Expand: reshaping("Expand", (draw, shape) => ({ shape: shape.map((dim) => (draw.flag() ? 1 : dim)), constants: [ints([draw.int(1, 2), ...shape])] })),
  Tile: reshaping("Tile", (draw, shape) => ({ constants: [ints(shape.map(() => draw.int(1, 3)))] })),
  DepthToSpace: reshaping("DepthToSpace", (draw) => { const [n, c, h, w] = block(draw); return { shape: [n, c * 4, h, w], attributes: { blocksize: 2, mode: draw.of(["DCR", "CRD"]) } }; }),
  SpaceToDepth: reshaping("SpaceToDepth", (draw) => { const [n, c, h, w] = block(draw); return { shape: [n, c, h * 2, w * 2], attributes: { blocksize: 2 } }; }),
  CumSum: reshaping("CumSum", (draw, shape) => ({ attributes: { exclusive: draw.flag(), reverse: draw.flag() }, constants: [int64([], [draw.int(-shape.length, shape.length - 1)])] })),
  Concat: concat, Split: split, Slice: slice, Gather: gather, Pad: pad,
};

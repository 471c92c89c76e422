/** @file Kernels of the interpreter against values worked by hand. */
import { describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/engine/ir/graph.js";
import { float32, int64, type Tensor } from "../../../src/engine/ir/tensor.js";
import { erf } from "../../../src/engine/reference/kernels/elementwise.js";
import { float64 } from "./numbers.js";
import { compute, window } from "./smallGraph.js";

const vector = (...values: number[]) => float64([values.length], values);
const ints = (...values: number[]) => int64([values.length], values);
/** 1, 2, 3, ... in this shape. */
const counting = (...shape: number[]) => float64(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1));
const values = (op: string, inputs: readonly Tensor[], attributes: Attributes = {}, constants: readonly (Tensor | undefined)[] = []) => compute(op, inputs, attributes, constants).values;
const close = (actual: readonly number[], expected: readonly number[], digits = 12) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
};

describe("element-wise", () => {
  // From the Taylor series summed with 50 digits.
  it.each([
    [0, 0], [0.1, 0.112462916018284892], [0.5, 0.520499877813046538], [1, 0.842700792949714869], [1.5, 0.966105146475310727], [2, 0.995322265018952734],
    [2.4, 0.999311486103354921], [2.5, 0.999593047982555041], [3, 0.999977909503001415], [4, 0.999999984582742100], [7, 1],
  ])("erf(%d) to 1e-14", (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThanOrEqual(1e-14);
    expect(erf(-x)).toBe(-erf(x));
  });

  it("rounds halves to even", () => expect(values("Round", [vector(-2.5, -1.5, 0.5, 1.5, 2.5, 2.4, -3.6, 0.49999999999999994)])).toEqual([-2, -2, 0, 2, 2, 2, -4, 0]));

  it("divides integers towards zero and floats exactly", () => {
    expect(values("Div", [ints(7, -7, 7, -6), ints(2, 2, -2, 3)])).toEqual([3, -3, -3, -2]);
    expect(values("Div", [vector(7, -7), vector(2, 4)])).toEqual([3.5, -1.75]);
  });

  it("takes the remainder's sign from the divisor, or with fmod from the dividend", () => {
    expect(values("Mod", [ints(5, -5, 5, -5), ints(3, 3, -3, -3)])).toEqual([2, 1, -1, -2]);
    expect(values("Mod", [vector(5.5, -5.5), vector(3, 3)], { fmod: 1 })).toEqual([2.5, -2.5]);
  });

  it("broadcasts in both directions", () => {
    const { shape, values: sums } = compute("Add", [float64([2, 1], [10, 20]), vector(1, 2, 3)]);
    expect([shape, sums]).toEqual([[2, 3], [11, 12, 13, 21, 22, 23]]);
    expect(values("Mean", [vector(1, 2), float64([2, 1], [3, 5])])).toEqual([2, 2.5, 3, 3.5]);
    expect(values("Max", [vector(1, 5), vector(2, 3), float64([], [2.5])])).toEqual([2.5, 5]);
  });

  it("knows the activations", () => {
    close(values("Gelu", [vector(1, -2)]), [0.8413447460685429, -0.04550026389635842]);
    close(values("Gelu", [vector(1)], { approximate: "tanh" }), [0.8411919906082768]);
    close(values("Mish", [vector(1)]), [0.8650983882673103]);
    close(values("Selu", [vector(1, -1)]), [1.0507009873554805, -1.1113307378125627]);
    expect(values("HardSwish", [vector(-4, -3, 0, 1.5, 3, 4)])).toEqual([-0, -0, 0, 1.125, 3, 4]);
    expect(values("HardSigmoid", [vector(-5, 0, 1, 5)])).toEqual([0, 0.5, 0.7, 1]);
    expect(values("Softsign", [vector(-1, 3)])).toEqual([-0.5, 0.75]);
    expect(values("Softplus", [vector(1000, -1000)])).toEqual([1000, 0]);
    expect(values("Sigmoid", [vector(-1000, 0, 1000)])).toEqual([0, 0.5, 1]);
  });

  it("clips with either bound left out", () => {
    expect(values("Clip", [vector(-2, 0, 2)], {}, [undefined, float32([], [1])])).toEqual([-2, 0, 1]);
    expect(values("Clip", [vector(-2, 0, 2)], {}, [float32([], [-1])])).toEqual([-1, 0, 2]);
  });

  it("casts towards zero, and anything but zero to true", () => {
    expect(values("Cast", [vector(-1.7, 1.7)], { to: "int32" })).toEqual([-1, 1]);
    expect(values("Cast", [vector(-0.5, 0, 3)], { to: "bool" })).toEqual([1, 0, 1]);
  });
});

describe("products", () => {
  it("MatMul broadcasts its batch axes and takes vectors", () => {
    const { shape, values: product } = compute("MatMul", [counting(2, 1, 1, 2), float64([2, 2, 1], [1, 10, 100, 1000])]);
    expect([shape, product]).toEqual([[2, 2, 1, 1], [21, 2100, 43, 4300]]);
    expect(compute("MatMul", [vector(1, 2), float64([2, 3], [1, 2, 3, 4, 5, 6])])).toMatchObject({ shape: [3], values: [9, 12, 15] });
    expect(compute("MatMul", [vector(1, 2), vector(3, 4)])).toMatchObject({ shape: [], values: [11] });
  });

  it("Gemm transposes, scales and adds", () => {
    const [a, b] = [float64([2, 3], [1, 2, 3, 4, 5, 6]), float64([3, 2], [1, 0, 0, 1, 1, 1])];
    expect(values("Gemm", [a, b, float64([1], [10])], { alpha: 2, beta: 0.5 })).toEqual([13, 15, 25, 27]);
    const [transposedA, transposedB] = [float64([3, 2], [1, 4, 2, 5, 3, 6]), float64([2, 3], [1, 0, 1, 0, 1, 1])];
    expect(values("Gemm", [transposedA, transposedB, float64([2, 1], [10, 20])], { transA: 1, transB: 1 })).toEqual([14, 15, 30, 31]);
  });
});

describe("windows", () => {
  const ones = (...shape: number[]) => float64(shape, new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1));

  it("Conv correlates, it does not flip", () => expect(values("Conv", [float64([1, 1, 1, 3], [1, 2, 3]), float64([1, 1, 1, 2], [10, 1])], { ...window([1, 2]), group: 1 })).toEqual([12, 23]));

  it("Conv with asymmetric pads and strides", () => {
    const x = counting(1, 1, 3, 3);
    expect(compute("Conv", [x, ones(1, 1, 2, 2)], { ...window([2, 2], { strides: [2, 1], pads: [1, 0, 0, 1] }), group: 1 })).toMatchObject({ shape: [1, 1, 2, 3], values: [3, 5, 3, 24, 28, 15] });
  });

  it("Conv with dilation", () => {
    expect(values("Conv", [counting(1, 1, 3, 3), ones(1, 1, 2, 2)], { ...window([2, 2], { dilations: [2, 2] }), group: 1 })).toEqual([1 + 3 + 7 + 9]);
  });

  it("Conv in groups, with a bias", () => {
    const weights = float64([4, 1, 1, 1], [1, 10, 100, 1000]);
    expect(values("Conv", [float64([1, 2, 1, 1], [1, 2]), weights, vector(0.5, 0, 0, 0)], { ...window([1, 1]), group: 2 })).toEqual([1.5, 10, 200, 2000]);
  });

  it("ConvTranspose with stride, pads and output_padding", () => {
    const x = float64([1, 1, 1, 2], [1, 10]);
    const w = float64([1, 1, 1, 3], [1, 2, 3]);
    expect(values("ConvTranspose", [x, w], { ...window([1, 3], { strides: [1, 2] }), group: 1 })).toEqual([1, 2, 13, 20, 30]);
    expect(values("ConvTranspose", [x, w], { ...window([1, 3], { strides: [1, 2], pads: [0, 1, 0, 1] }), group: 1 })).toEqual([2, 13, 20]);
    expect(values("ConvTranspose", [x, w], { ...window([1, 3], { strides: [1, 2], pads: [0, 1, 0, 1] }), group: 1, output_padding: [0, 1] })).toEqual([2, 13, 20, 30]);
    expect(values("ConvTranspose", [x, w], { ...window([1, 3], { strides: [1, 2] }), group: 1, output_padding: [0, 1] })).toEqual([1, 2, 13, 20, 30, 0]);
  });

  it("ConvTranspose in groups", () => {
    const w = float64([2, 2, 1, 1], [1, 10, 100, 1000]);
    expect(values("ConvTranspose", [float64([1, 2, 1, 1], [3, 5]), w], { ...window([1, 1]), group: 2 })).toEqual([3, 30, 500, 5000]);
  });

  it("MaxPool gives the first of equal maxima, with its place in the whole tensor", () => {
    const x = float64([1, 2, 2, 2], [5, 5, 1, 5, 0, 7, 7, 0]);
    expect(compute("MaxPool", [x], window([2, 2]), [], 2).all).toEqual([[5, 7], [0, 5]]);
  });

  it("MaxPool ignores padding, even where all is negative", () => expect(values("MaxPool", [float64([1, 1, 2], [-3, -1])], window([3], { pads: [1, 1] }))).toEqual([-1, -1]));

  it("AveragePool leaves padding out or counts it", () => {
    const x = float64([1, 1, 3], [3, 6, 9]);
    expect(values("AveragePool", [x], window([3], { pads: [1, 1] }))).toEqual([4.5, 6, 7.5]);
    expect(values("AveragePool", [x], { ...window([3], { pads: [1, 1] }), count_include_pad: 1 })).toEqual([3, 6, 5]);
  });

  // As PyTorch and ONNX Runtime count: the last window's cells up to the end of the padding, not past it.
  it("ceil_mode keeps a last window that reaches past the padding, and drops one that would start there", () => {
    const x = counting(1, 1, 6);
    const ceil = { ceil_mode: 1 };
    expect(values("MaxPool", [x], { ...window([3], { strides: [2] }), ...ceil })).toEqual([3, 5, 6]);
    expect(values("AveragePool", [x], { ...window([3], { strides: [2] }), ...ceil })).toEqual([2, 4, 5.5]);
    expect(values("AveragePool", [x], { ...window([3], { strides: [2] }), ...ceil, count_include_pad: 1 })).toEqual([2, 4, 5.5]);
    expect(values("AveragePool", [x], { ...window([3], { strides: [2], pads: [1, 1] }), ...ceil, count_include_pad: 1 })).toEqual([1, 3, 5, 3]);
    expect(values("MaxPool", [counting(1, 1, 5)], { ...window([1], { strides: [3] }), ...ceil })).toEqual([1, 4]);
  });

  it("pools globally", () => {
    expect(compute("GlobalAveragePool", [counting(1, 2, 2, 2)])).toMatchObject({ shape: [1, 2, 1, 1], values: [2.5, 6.5] });
    expect(values("GlobalMaxPool", [counting(1, 2, 2, 2)])).toEqual([4, 8]);
  });
});

describe("normalisation", () => {
  it("LayerNormalization over the last axes", () => {
    const inverse = 1 / Math.sqrt(0.25 + 1e-5);
    close(values("LayerNormalization", [counting(2, 2), vector(1, 2), vector(0, 10)]), [-0.5 * inverse, inverse + 10, -0.5 * inverse, inverse + 10]);
    close(values("LayerNormalization", [counting(1, 2, 2), float64([2, 2], [1, 1, 1, 1])], { axis: -2, epsilon: 0 }), [-1.5, -0.5, 0.5, 1.5].map((value) => value / Math.sqrt(1.25)));
  });

  it("BatchNormalization, InstanceNormalization and GroupNormalization", () => {
    close(values("BatchNormalization", [float64([1, 2, 1, 1], [3, 4]), vector(2, 1), vector(1, 0), vector(1, 4), vector(4, 1)], { epsilon: 0 }), [3, 0]);
    close(values("InstanceNormalization", [float64([1, 2, 2], [1, 3, 10, 30]), vector(1, 2), vector(0, 5)], { epsilon: 0 }), [-1, 1, 3, 7]);
    const grouped = float64([1, 4, 1], [1, 3, 10, 30]);
    close(values("GroupNormalization", [grouped, vector(1, 2, 3, 4), vector(0, 0, 0, 1)], { num_groups: 2, epsilon: 0 }), [-1, 2, -3, 5]);
    close(values("GroupNormalization", [grouped, vector(1, 2), vector(0, 7)], { num_groups: 2, epsilon: 0 }), [-1, 1, 5, 9]);
  });

  it("LRN sums squares of neighbouring channels", () => {
    const x = float64([1, 3, 1, 1], [1, 2, 3]);
    close(values("LRN", [x], { size: 3, alpha: 3, beta: 1, bias: 1 }), [1 / 6, 2 / 15, 3 / 14]);
    close(values("LRN", [x], { size: 2, alpha: 2, beta: 1, bias: 1 }), [1 / 6, 2 / 14, 3 / 10]);
  });

  it("Softmax along any axis, whatever the size of the scores", () => {
    close(values("Softmax", [float64([2, 2], [1000, 0, 1000, Math.log(3)])], { axis: 0 }), [0.5, 0.25, 0.5, 0.75]);
    close(values("LogSoftmax", [float64([1, 2], [-1000, 0])]), [-1000, 0]);
  });
});

describe("reductions", () => {
  const x = float64([2, 3], [1, -2, 3, 4, 5, -6]);
  it.each([
    ["ReduceSum", [2, 3]], ["ReduceMean", [2 / 3, 1]], ["ReduceMax", [3, 5]], ["ReduceMin", [-2, -6]], ["ReduceProd", [-6, -120]], ["ReduceL1", [6, 15]],
    ["ReduceL2", [Math.sqrt(14), Math.sqrt(77)]], ["ReduceSumSquare", [14, 77]], ["ReduceLogSumExp", [Math.log(Math.E + Math.exp(-2) + Math.exp(3)), Math.log(Math.exp(4) + Math.exp(5) + Math.exp(-6))]],
  ])("%s", (op, expected) => {
    close(values(op, [x], { keepdims: 0 }, [ints(-1)]), expected);
    expect(compute(op, [x], { keepdims: 1 }, [ints(-1)]).shape).toEqual([2, 1]);
    expect(compute(op, [x]).shape).toEqual([1, 1]);
  });

  it("over no axes do to each element what they do to one", () => {
    expect(values("ReduceSumSquare", [vector(-2, 3)], { noop_with_empty_axes: 1 })).toEqual([4, 9]);
    expect(values("ReduceL1", [vector(-2, 3)], { noop_with_empty_axes: 1 })).toEqual([2, 3]);
    expect(values("ReduceSum", [vector(-2, 3)], { noop_with_empty_axes: 1 })).toEqual([-2, 3]);
  });

  it("ArgMax takes the first of equals, or the last", () => {
    expect(values("ArgMax", [float64([1, 4], [1, 3, 3, 2])], { axis: 1, keepdims: 0 })).toEqual([1]);
    expect(values("ArgMax", [float64([1, 4], [1, 3, 3, 2])], { axis: -1, select_last_index: 1 })).toEqual([2]);
    expect(values("ArgMin", [float64([2, 2], [1, 5, 0, 9])], { axis: 0, keepdims: 0 })).toEqual([1, 0]);
  });

  it("CumSum forwards, backwards, exclusive", () => {
    const sums = (attributes: Attributes) => values("CumSum", [vector(1, 2, 3)], attributes, [int64([], [0])]);
    expect([sums({}), sums({ reverse: 1 }), sums({ exclusive: 1 }), sums({ exclusive: 1, reverse: 1 })]).toEqual([[1, 3, 6], [6, 5, 3], [0, 1, 3], [5, 3, 0]]);
    expect(values("CumSum", [counting(2, 2)], {}, [int64([], [0])])).toEqual([1, 2, 4, 6]);
  });
});

describe("moves", () => {
  it("Gather counts negative indices from the end and keeps the indices' shape", () => {
    expect(compute("Gather", [counting(3, 2), int64([1, 2], [-1, 0])], { axis: 0 })).toMatchObject({ shape: [1, 2, 2], values: [5, 6, 1, 2] });
    expect(compute("Gather", [counting(2, 3), int64([], [-2])], { axis: 1 })).toMatchObject({ shape: [2], values: [2, 5] });
  });

  it.each([
    [[0], [3], [1], [1, 2, 3]], [[-3], [-1], [1], [3, 4]], [[1], [100], [2], [2, 4]], [[-1], [-100], [-1], [5, 4, 3, 2, 1]], [[3], [0], [-2], [4, 2]], [[100], [-100], [-3], [5, 2]], [[3], [1], [1], []],
  ])("Slice %o:%o:%o", (start, end, step, expected) => expect(values("Slice", [counting(5)], {}, [ints(...start), ints(...end), ints(0), ints(...step)])).toEqual(expected));

  it("Slice of chosen axes", () => expect(values("Slice", [counting(2, 3)], {}, [ints(1), ints(3), ints(-1)])).toEqual([2, 3, 5, 6]));

  it("Pad in every mode", () => {
    const pad = (mode: string, ...pads: number[]) => values("Pad", [vector(1, 2, 3)], { mode }, [ints(...pads), float32([], [9])]);
    expect(pad("constant", 1, 2)).toEqual([9, 1, 2, 3, 9, 9]);
    expect(pad("edge", 2, 1)).toEqual([1, 1, 1, 2, 3, 3]);
    expect(pad("reflect", 2, 2)).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(pad("wrap", 2, 1)).toEqual([2, 3, 1, 2, 3, 1]);
    expect(pad("constant", -1, 1)).toEqual([2, 3, 9]);
    expect(values("Pad", [counting(2, 2)], {}, [ints(1, 0), undefined, ints(-1)])).toEqual([0, 1, 2, 0, 3, 4]);
  });

  it("Concat, Split, Tile, Expand, Transpose", () => {
    expect(values("Concat", [counting(2, 1), float64([2, 2], [7, 8, 9, 10])], { axis: 1 })).toEqual([1, 7, 8, 2, 9, 10]);
    expect(compute("Split", [counting(2, 3)], { axis: 1 }, [ints(1, 2)], 2).all).toEqual([[1, 4], [2, 3, 5, 6]]);
    expect(compute("Split", [counting(5)], { num_outputs: 3 }, [], 3).all).toEqual([[1, 2], [3, 4], [5]]);
    expect(values("Tile", [counting(1, 2)], {}, [ints(2, 2)])).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(compute("Expand", [counting(2, 1)], {}, [ints(1, 3)])).toMatchObject({ shape: [2, 3], values: [1, 1, 1, 2, 2, 2] });
    expect(compute("Transpose", [counting(1, 2, 3)], { perm: [2, 0, 1] })).toMatchObject({ shape: [3, 1, 2], values: [1, 4, 2, 5, 3, 6] });
    expect(compute("Transpose", [counting(1, 2, 3)]).shape).toEqual([3, 2, 1]);
  });

  it("ScatterElements replaces or combines", () => {
    const scatter = (reduction: string) => values("ScatterElements", [counting(2, 3), int64([2, 2], [0, -1, 1, 1]), float64([2, 2], [10, 20, 30, 40])], { axis: 1, reduction });
    expect(scatter("add")).toEqual([11, 2, 23, 4, 75, 6]);
    expect(scatter("mul")).toEqual([10, 2, 60, 4, 6000, 6]);
    expect(scatter("max")).toEqual([10, 2, 20, 4, 40, 6]);
    expect(values("ScatterElements", [vector(1, 2, 3), ints(1), vector(9)], { axis: 0 })).toEqual([1, 9, 3]);
  });

  it("OneHot along any axis, out of range all off", () => {
    expect(compute("OneHot", [ints(1, -1, 5)], { axis: -1 }, [int64([], [3]), vector(-1, 2)])).toMatchObject({ shape: [3, 3], values: [-1, 2, -1, -1, -1, 2, -1, -1, -1] });
    expect(compute("OneHot", [ints(1, 0)], { axis: 0 }, [int64([], [3]), vector(0, 1)])).toMatchObject({ shape: [3, 2], values: [0, 1, 1, 0, 0, 0] });
  });

  it("DepthToSpace by depth and by columns, SpaceToDepth back", () => {
    const x = counting(1, 4, 1, 1);
    expect(values("DepthToSpace", [counting(1, 8, 1, 1)], { blocksize: 2 })).toEqual([1, 3, 5, 7, 2, 4, 6, 8]);
    expect(values("DepthToSpace", [counting(1, 8, 1, 1)], { blocksize: 2, mode: "CRD" })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(compute("SpaceToDepth", [float64([1, 1, 2, 2], [1, 2, 3, 4])], { blocksize: 2 })).toMatchObject({ shape: x.shape, values: [1, 2, 3, 4] });
  });

  it("Shape of a part, Size, Range, ConstantOfShape", () => {
    expect(values("Shape", [counting(2, 3, 4)], { start: -2 })).toEqual([3, 4]);
    expect(values("Shape", [counting(2, 3, 4)], { start: -9, end: -1 })).toEqual([2, 3]);
    expect(values("Size", [counting(2, 3)])).toEqual([6]);
    expect(compute("Range", [], {}, [float32([], [1]), float32([], [2]), float32([], [0.25])]).values).toEqual([1, 1.25, 1.5, 1.75]);
    expect(compute("Range", [], {}, [int64([], [5]), int64([], [0]), int64([], [-2])]).values).toEqual([5, 3, 1]);
    expect(compute("ConstantOfShape", [], { value: int64([1], [7]) }, [ints(2)]).values).toEqual([7, 7]);
    expect(compute("ConstantOfShape", [], {}, [ints(2)]).values).toEqual([0, 0]);
  });

  it("Where and the logic of booleans", () => {
    const [p, q] = [{ dtype: "bool" as const, shape: [4], data: Uint8Array.of(0, 0, 1, 1) }, { dtype: "bool" as const, shape: [4], data: Uint8Array.of(0, 1, 0, 1) }];
    expect(values("Where", [p, vector(1, 2, 3, 4), float64([1], [9])])).toEqual([9, 9, 3, 4]);
    expect(["And", "Or", "Xor", "Equal"].map((op) => values(op, [p, q]))).toEqual([[0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 1]]);
    expect(values("Not", [p])).toEqual([1, 1, 0, 0]);
  });
});

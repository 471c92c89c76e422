/** @file One small graph per form of each operator: what every runtime must compute alike. */
import { float32, type Tensor } from "../../../src/engine/ir/tensor.js";
import { between, caseOf, draw, image, ints, plain, window, type OperatorCase } from "./operatorCase.js";
import { manyAxesCases } from "./manyAxesCases.js";
import { spatialCases } from "./spatialCases.js";

const unaryCases = [
  "Abs", "Neg", "Exp", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign", "Sign", "Floor", "Ceil", "Sin", "Cos", "Identity",
].flatMap((op) => [plain(op, op, [draw([3, 7], 5, -3, 3)]), between(op, op)]);

const specialUnaryCases = [
  plain("Log", "Log", [draw([3, 7], 5, 0.1, 3)]),
  plain("Sqrt", "Sqrt", [draw([3, 7], 5, 0.1, 3)]),
  plain("Round to even", "Round", [float32([8], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -3.6])]),
  plain("Sign of zeros", "Sign", [float32([5], [-2, -0, 0, 3, 1e-30])]),
  plain("Gelu tanh", "Gelu", [draw([3, 7], 5, -3, 3)], { approximate: "tanh" }),
  plain("LeakyRelu 0.3", "LeakyRelu", [draw([3, 7], 5)], { alpha: 0.3 }),
  plain("Elu 0.7", "Elu", [draw([3, 7], 5)], { alpha: 0.7 }),
  plain("HardSigmoid alpha beta", "HardSigmoid", [draw([3, 7], 5, -9, 9)], { alpha: 0.15, beta: 0.4 }),
  plain("Clip", "Clip", [draw([3, 7], 5)], {}, [float32([], [-0.5]), float32([], [0.25])]),
  plain("Clip below only", "Clip", [draw([3, 7], 5)], {}, [float32([], [-0.5])]),
  plain("Clip above only", "Clip", [draw([3, 7], 5)], {}, [undefined, float32([], [0.25])]),
  plain("Clip with bounds that are inputs", "Clip", [draw([3, 7], 5), float32([], [-0.1]), float32([], [0.1])]),
  plain("Not", "Not", [{ dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }]),
  plain("Cast to int32", "Cast", [draw([9], 5, -4, 4)], { to: "int32" }),
  plain("Cast to bool", "Cast", [float32([4], [0, 1, -2, 0.5])], { to: "bool" }),
  plain("Cast int64 to float", "Cast", [ints([-3, 0, 7])], { to: "float32" }),
];

const youngerUnaryCases = [
  plain("ReduceLogSum", "ReduceLogSum", [draw([3, 4, 5], 3, 0.1, 2)], { keepdims: 0 }, [ints([1])]),
  ...["Tan", "Atan", "Sinh", "Cosh", "Asinh", "Celu", "ThresholdedRelu", "Swish"].map((op) => plain(op, op, [draw([3, 7], 5, -1.4, 1.4)])),
  ...["Asin", "Acos", "Atanh"].map((op) => plain(op, op, [draw([3, 7], 5, -0.9, 0.9)])), plain("Acosh", "Acosh", [draw([3, 7], 5, 1.1, 4)]),
  plain("Celu 0.5", "Celu", [draw([3, 7], 5, -3, 3)], { alpha: 0.5 }), plain("ThresholdedRelu 0.3", "ThresholdedRelu", [draw([3, 7], 5)], { alpha: 0.3 }),
  plain("IsNaN", "IsNaN", [float32([4], [0, NaN, 1, -Infinity])]), plain("Sin of many turns", "Sin", [draw([64], 5, -60, 60)]), plain("Cos of many turns", "Cos", [draw([64], 5, -60, 60)]),
  between("Celu", "Celu"), between("Atan", "Atan"),
];

const binaryOperands: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["same shapes", [2, 3, 4], [2, 3, 4]], ["a scalar", [2, 3, 4], []], ["a middle axis of 1", [2, 3, 4], [2, 1, 4]], ["both stretched", [2, 1, 4], [3, 1]], ["channels", [2, 3, 4, 5], [3, 1, 1]],
];

const binaryCases = ["Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Mod", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"].flatMap((op) => {
  // Halves make equal elements common.
  const halves = (tensor: Tensor) => float32(tensor.shape, Array.from(tensor.data as Float32Array, (value) => Math.ceil(value * 2) / 2));
  const [low, high] = op === "Pow" || op === "Mod" ? [0.5, 3] : [-2, 2];
  return binaryOperands.map(([name, a, b]) => {
    const operands = [halves(draw(a, 6, low, high)), halves(draw(b, 7, low, high))];
    const isDivision = op === "Div" || op === "Mod";
    return plain(`${op}, ${name}`, op, [operands[0]!, isDivision ? draw(b, 7, 0.6, 2) : operands[1]!], op === "Mod" ? { fmod: 1 } : {});
  });
});

const boolean = (shape: readonly number[], seed: number): Tensor => ({ dtype: "bool", shape, data: Uint8Array.from(draw(shape, seed).data as Float32Array, (value) => (value > 0 ? 1 : 0)) });

const logicCases = [
  ...["And", "Or", "Xor", "Equal"].map((op) => plain(`${op} of booleans`, op, [boolean([2, 5], 8), boolean([2, 5], 9)])),
  plain("And, broadcast", "And", [boolean([2, 1, 3], 8), boolean([4, 1], 9)]),
  plain("Where", "Where", [boolean([2, 3, 4], 8), draw([2, 3, 4], 9), draw([2, 3, 4], 10)]),
  plain("Where of five axes", "Where", [boolean([2, 1, 2, 3, 1], 8), draw([2, 2, 2, 3, 2], 9), draw([], 10)]),
  plain("Where, broadcast", "Where", [boolean([3, 1], 8), draw([2, 1, 4], 9), draw([], 10)]),
  plain("Where hides infinities", "Where", [boolean([6], 8), draw([6], 9), float32([6], [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity])]),
  ...[0.5, 2, 3, -1, 1.7].map((exponent) => plain(`Pow ${exponent}`, "Pow", [draw([3, 4], 5, 0.2, 2)], {}, [float32([], [exponent])])),
  plain("Pow 2 of negatives", "Pow", [draw([3, 4], 5)], {}, [float32([1], [2])]),
  ...[[1, 2], [3, 2], [2, 3, 4], [1]].flatMap((shape) => [0, 1].map((exclusive) => plain(`CumSum from the end of ${shape.join(" x ")}, exclusive ${exclusive}`, "CumSum", [draw(shape, 5)], { exclusive, reverse: 1 }, [ints([shape.length - 1], [])]))),
  plain("Pad of five axes", "Pad", [draw([2, 1, 3, 2, 2], 5)], {}, [ints([0, 1, 0, 2, 1, 0, 0, 1, 0, 1])]),
  ...["ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceSum"].map((op) => plain(`${op} over no axes`, op, [draw([3, 4], 5)], { noop_with_empty_axes: 1 }, [ints([], [0])])),
  plain("ReduceLogSum over no axes", "ReduceLogSum", [draw([3, 4], 5, 0.1, 2)], { noop_with_empty_axes: 1 }, [ints([], [0])]),
  plain("Einsum with an axis of 1 that is stretched", "Einsum", [draw([1, 3], 5), draw([2, 3], 6)], { equation: "...i,...i->...i" }),
  plain("Pow of negatives", "Pow", [float32([6], [-2, -2, -2, -0.5, 0, 3]), float32([6], [3, 0.5, -2, 1.5, 0.5, 0.5])]),
  plain("Pow 1.5 of negatives", "Pow", [float32([3], [-4, 0, 4])], {}, [float32([], [1.5])]),
  plain("Max of three", "Max", [draw([3, 4], 5), draw([4], 6), draw([3, 1], 7)]),
  plain("Max with zero", "Max", [draw([3, 4], 5)], {}, [float32([], [0])]),
  plain("Sum of three", "Sum", [draw([3, 4], 5), draw([4], 6), draw([3, 1], 7)]),
  plain("Mean of two", "Mean", [draw([3, 4], 5), draw([4], 6)]),
  plain("Add of int64", "Add", [ints([1, -2, 3]), ints([10])]),
  plain("Div of int64 goes towards zero", "Div", [ints([7, -7, 6]), ints([2])]),
  plain("PRelu", "PRelu", [image(3), draw([4, 1, 1], 6)]),
  between("Add of channels", "Add", {}, [draw([4, 1, 1], 6)]),
  between("Mul of channels, rank 4", "Mul", {}, [draw([1, 4, 1, 1], 6)]),
  between("Add of rows", "Add", {}, [draw([6], 6)]),
  between("Sub of a matrix", "Sub", {}, [draw([5, 6], 6)]),
  between("Div by a scalar", "Div", {}, [float32([], [3])]),
  between("Clip", "Clip", {}, [float32([], [0]), float32([], [1])]),
  caseOf("a mask from a Relu", [image(1)], (graph, x) => {
    const y = graph.add("Relu", [graph.add("Conv", [x!, graph.constant(draw([4, 4, 1, 1], 2))], window([1, 1]))]);
    return [graph.add("Mul", [graph.add("Sign", [y]), x!]), graph.add("Where", [graph.add("Greater", [y, graph.scalar(0)]), x!, graph.scalar(0)])];
  }),
];

const productCases = [
  ...([[[3, 4], [4, 5]], [[2, 3, 4], [4, 5]], [[2, 3, 4], [2, 4, 5]], [[2, 1, 3, 4], [3, 4, 5]], [[4], [4, 5]], [[3, 4], [4]], [[4], [4]], [[3, 4], [2, 4, 5]], [[2, 3, 4], [1, 4, 5]]] as const)
    .map(([a, b]) => plain(`MatMul [${a.join()}] x [${b.join()}]`, "MatMul", [draw(a, 3), draw(b, 4)])),
  ...[[0, 0], [0, 1], [1, 0], [1, 1]].map(([transA, transB]) =>
    plain(`Gemm ${transA}${transB}`, "Gemm", [draw(transA ? [4, 3] : [3, 4], 3)], { transA: transA!, transB: transB!, alpha: 0.5, beta: 2 }, [draw(transB ? [5, 4] : [4, 5], 4), draw([5], 5)])),
  plain("Gemm without C", "Gemm", [draw([3, 4], 3), draw([4, 5], 4)]),
];

const channels = (seed: number, low = -1, high = 1) => draw([4], seed, low, high);
const normalizeCases = [
  plain("BatchNormalization", "BatchNormalization", [image(3)], { epsilon: 1e-3 }, [channels(4), channels(5), channels(6), channels(7, 0.5, 2)]),
  plain("BatchNormalization of rank 2", "BatchNormalization", [draw([3, 4], 3)], {}, [channels(4), channels(5), channels(6), channels(7, 0.5, 2)]),
  plain("BatchNormalization of rank 3", "BatchNormalization", [draw([3, 4, 5], 3)], {}, [channels(4), channels(5), channels(6), channels(7, 0.5, 2)]),
  plain("LayerNormalization", "LayerNormalization", [draw([2, 3, 6], 3)], { axis: -1 }, [draw([6], 4), draw([6], 5)]),
  plain("LayerNormalization over two axes", "LayerNormalization", [draw([2, 3, 6], 3)], { axis: 1, epsilon: 1e-3 }, [draw([3, 6], 4)]),
  plain("InstanceNormalization", "InstanceNormalization", [image(3)], {}, [channels(4), channels(5)]),
  plain("GroupNormalization", "GroupNormalization", [image(3)], { num_groups: 2 }, [draw([2], 4), draw([2], 5)]),
  plain("LRN", "LRN", [image(3)], { size: 3, alpha: 0.1 }),
  ...[-1, 1, 0].flatMap((axis) => [plain(`Softmax ${axis}`, "Softmax", [draw([3, 4, 5], 3)], { axis }), plain(`LogSoftmax ${axis}`, "LogSoftmax", [draw([3, 4, 5], 3)], { axis })]),
  between("Softmax of channels", "Softmax", { axis: 1 }),
  between("Softmax of rows", "Softmax", { axis: 3 }),
];

const reduceCases = ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"].flatMap((op) => [
  plain(`${op} of the last axis`, op, [draw([3, 4, 5], 3)], { keepdims: 1 }, [ints([-1])]),
  plain(`${op} of two axes, dropped`, op, [draw([3, 4, 5], 3)], { keepdims: 0 }, [ints([0, 2])]),
  plain(`${op} of everything`, op, [draw([3, 4], 3)], { keepdims: 0 }),
  between(`${op} of pixels`, op, { keepdims: 1 }, [ints([2, 3])]),
  between(`${op} of pixels, dropped`, op, { keepdims: 0 }, [ints([2, 3])]),
  between(`${op} of rows, dropped`, op, { keepdims: 0 }, [ints([2])]),
  between(`${op} of channels, dropped`, op, { keepdims: 0 }, [ints([1])]),
]);

const argumentCases = [
  plain("ArgMax", "ArgMax", [draw([3, 4, 5], 3)], { axis: 1, keepdims: 1 }),
  plain("ArgMax dropped", "ArgMax", [draw([3, 4, 5], 3)], { axis: -1, keepdims: 0 }),
  plain("ArgMin", "ArgMin", [draw([3, 4, 5], 3)], { axis: 0, keepdims: 1 }),
  between("ArgMax of channels", "ArgMax", { axis: 1, keepdims: 0 }),
  between("ArgMax of rows", "ArgMax", { axis: 2, keepdims: 0 }),
  ...[[0, 0], [1, 0], [0, 1], [1, 1]].map(([exclusive, reverse]) => plain(`CumSum ${exclusive}${reverse}`, "CumSum", [draw([3, 4], 3)], { exclusive: exclusive!, reverse: reverse! }, [ints([1], [])])),
];

const end = 2 ** 63;
const slices = (starts: readonly number[], ends: readonly number[], axes: readonly number[], steps: readonly number[]) => [ints(starts), ints(ends), ints(axes), ints(steps)];

const moveCases = [
  plain("Reshape", "Reshape", [draw([3, 4, 5], 3)], {}, [ints([5, -1])]), between("Reshape", "Reshape", {}, [ints([2, -1])]),
  plain("Flatten", "Flatten", [draw([3, 4, 5], 3)], { axis: 2 }), between("Flatten", "Flatten", { axis: 1 }),
  ...[[2, 0, 1], [0, 2, 1]].map((perm) => plain(`Transpose ${perm.join()}`, "Transpose", [draw([3, 4, 5], 3)], { perm })),
  plain("Transpose without perm", "Transpose", [draw([3, 4, 5], 3)]),
  ...[[0, 2, 3, 1], [0, 3, 1, 2], [1, 0, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]].flatMap((perm) => [plain(`Transpose ${perm.join()}`, "Transpose", [image(3)], { perm }), between(`Transpose ${perm.join()}`, "Transpose", { perm })]),
  caseOf("Transpose there and back between convolutions", [image(3)], (graph, x) => {
    const filter = graph.constant(draw([4, 4, 1, 1], 4));
    const last = graph.add("Transpose", [graph.add("Conv", [x!, filter], window([1, 1]))], { perm: [0, 2, 3, 1] });
    const first = graph.add("Transpose", [graph.add("Mul", [last, graph.constant(draw([4], 5))])], { perm: [0, 3, 1, 2] });
    return [graph.add("Conv", [first, filter], window([1, 1])), first];
  }),
  plain("Squeeze", "Squeeze", [draw([3, 1, 5, 1], 3)], {}, [ints([1])]), plain("Unsqueeze", "Unsqueeze", [draw([3, 5], 3)], {}, [ints([0, -1])]),
  plain("Concat", "Concat", [draw([3, 2], 3), draw([3, 4], 4), draw([3, 0], 5)], { axis: -1 }),
  ...[1, 2].map((axis) => caseOf(`Concat ${axis} of two layouts`, [image(3)], (graph, x) => [graph.add("Concat", [graph.add("Conv", [x!, graph.constant(draw([4, 4, 1, 1], 4))], window([1, 1])), x!], { axis })])),
  plain("Split", "Split", [draw([3, 7], 3)], { axis: 1 }, [ints([2, 4, 1])], 3),
  between("Slice of channels", "Slice", {}, slices([1], [3], [1], [1])),
  between("Slice of pixels, every second", "Slice", {}, slices([1, 0], [end, end], [2, 3], [2, 2])),
  plain("Slice backwards", "Slice", [draw([7, 5], 3)], {}, slices([-1, 3], [-end, 0], [0, 1], [-2, -1])),
  plain("Slice from the end", "Slice", [draw([7, 5], 3)], {}, slices([-3], [end], [0], [1])),
  plain("Slice to nothing", "Slice", [draw([7, 5], 3)], {}, slices([4], [2], [0], [1])),
  plain("Pad", "Pad", [draw([3, 4], 3)], {}, [ints([1, 0, 2, 3]), float32([], [7])]),
  plain("Pad with axes", "Pad", [draw([3, 4, 5], 3)], {}, [ints([2, 1]), undefined, ints([-1])]),
  plain("Pad that crops", "Pad", [draw([5, 4], 3)], {}, [ints([-1, 2, 1, -1])]),
  between("Pad of pixels", "Pad", {}, [ints([0, 0, 1, 2, 0, 0, 3, 0])]),
  plain("Expand", "Expand", [draw([3, 1], 3)], {}, [ints([2, 1, 4])]), plain("Expand of pixels", "Expand", [draw([2, 4, 1, 1], 3)], {}, [ints([2, 4, 3, 3])]),
  between("Expand by a new axis", "Expand", {}, [ints([3, 1, 1, 1, 1])]),
  plain("Tile", "Tile", [draw([2, 3], 3)], {}, [ints([2, 2])]),
  plain("DepthToSpace DCR", "DepthToSpace", [draw([1, 8, 2, 3], 3)], { blocksize: 2 }), plain("DepthToSpace CRD", "DepthToSpace", [draw([1, 8, 2, 3], 3)], { blocksize: 2, mode: "CRD" }),
  plain("SpaceToDepth", "SpaceToDepth", [draw([1, 2, 4, 6], 3)], { blocksize: 2 }),
];

const indexCases = [
  plain("Gather", "Gather", [draw([4, 5], 3), ints([3, -1, 0, 2], [2, 2])], { axis: 1 }), plain("Gather one", "Gather", [draw([4, 5], 3)], { axis: 0 }, [ints([-2], [])]),
  between("Gather of channels", "Gather", { axis: 1 }, [ints([2, 0])]),
  ...["none", "add"].map((reduction) => plain(`ScatterElements ${reduction}`, "ScatterElements", [draw([3, 5], 3), ints([1, -1, 0, 2, 2, 3], [3, 2]), draw([3, 2], 4)], { axis: 1, reduction })),
  plain("ScatterElements adds twice in one place", "ScatterElements", [draw([3, 2], 3), ints([1, 1, 1, 0], [2, 2]), draw([2, 2], 4)], { axis: 0, reduction: "add" }),
  plain("OneHot", "OneHot", [ints([1, -1, 3])], { axis: -1 }, [ints([4], []), float32([2], [0, 1])]),
  plain("OneHot first", "OneHot", [ints([1, 0, 2, 2], [2, 2])], { axis: 0 }, [ints([3], []), float32([2], [-1, 2])]),
  plain("Shape", "Shape", [draw([2, 3, 4], 3)]), plain("Shape from 1", "Shape", [draw([2, 3, 4], 3)], { start: 1 }),
  plain("Size", "Size", [draw([2, 3, 4], 3)]),
  caseOf("Range and ConstantOfShape", [draw([3], 3)], (graph, x) => [
    graph.add("Add", [x!, graph.add("Range", [graph.scalar(1), graph.scalar(7), graph.scalar(2)])]),
    graph.add("Add", [x!, graph.add("ConstantOfShape", [graph.ints([3])], { value: float32([1], [5]) })]),
  ]),
];

const placeCases = [
  plain("GatherElements", "GatherElements", [draw([3, 5], 3), ints([1, -1, 0, 2, 2, 3], [3, 2])], { axis: 1 }),
  plain("GatherElements of rows", "GatherElements", [draw([3, 4, 2], 3)], { axis: 0 }, [ints([0, 2, 1, 1, -1, 0], [1, 3, 2])]),
  plain("GatherND", "GatherND", [draw([3, 5, 2], 3), ints([1, -1, 0, 2], [2, 2])]), plain("GatherND of rows", "GatherND", [draw([3, 5, 2], 3)], {}, [ints([2, -3], [2, 1])]),
  plain("GatherND with a batch", "GatherND", [draw([2, 3, 4], 3), ints([1, 2], [2, 1])], { batch_dims: 1 }),
  ...["none", "add"].map((reduction) => plain(`ScatterND ${reduction}`, "ScatterND", [draw([4, 3], 3), ints([1, -1], [2, 1]), draw([2, 3], 4)], { reduction })),
  plain("ScatterND adds twice in one place", "ScatterND", [draw([4], 3), ints([1, 1, 0], [3, 1]), draw([3], 4)], { reduction: "add" }),
  ...[[1, 0], [1, -1], [0, 0], [0, 2]].map(([upper, diagonal]) => plain(`Trilu ${upper}, ${diagonal}`, "Trilu", [draw([2, 4, 5], 3)], { upper: upper! }, [ints([diagonal!], [])])),
  plain("Trilu hides infinities", "Trilu", [float32([2, 2], [1, -Infinity, -Infinity, 2])], { upper: 0 }),
  plain("TopK", "TopK", [draw([3, 6], 3)], { axis: -1 }, [ints([2])], 2), plain("TopK of ties", "TopK", [float32([5], [1, 2, 2, 1, 2])], {}, [ints([4])], 2),
  plain("TopK, smallest, of rows", "TopK", [draw([4, 3], 3)], { axis: 0, largest: 0 }, [ints([2])], 2),
];

const composedCases = [
  plain("Einsum", "Einsum", [draw([2, 3, 4], 3), draw([2, 4, 5], 4)], { equation: "bij,bjk->bik" }), plain("Einsum of heads", "Einsum", [draw([2, 3, 4, 2], 3), draw([2, 5, 4, 2], 4)], { equation: "bqhd,bkhd->bhqk" }),
  plain("RMSNormalization", "RMSNormalization", [draw([2, 3, 6], 3)], { axis: -1 }, [draw([6], 4)]), plain("LRN of 4", "LRN", [image(3)], { size: 4, alpha: 0.1 }),
  plain("Resize, nearest", "Resize", [draw([1, 2, 3, 4], 3)], { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }, [undefined, float32([4], [1, 1, 2, 2])]),
  ...["half_pixel", "align_corners"].map((mode) => plain(`Resize, linear, ${mode}`, "Resize", [draw([1, 2, 3, 4], 3)], { mode: "linear", coordinate_transformation_mode: mode }, [undefined, undefined, ints([1, 2, 6, 5])])),
  plain("GridSample", "GridSample", [draw([1, 2, 4, 5], 3), draw([1, 3, 3, 2], 4)], { mode: "linear", padding_mode: "zeros", align_corners: 0 }),
];

/** Every case. */
export const operatorCases: readonly OperatorCase[] = [
  ...unaryCases, ...specialUnaryCases, ...binaryCases, ...logicCases, ...productCases, ...spatialCases, ...normalizeCases, ...reduceCases,
  ...argumentCases, ...moveCases, ...indexCases, ...youngerUnaryCases, ...placeCases, ...composedCases, ...manyAxesCases,
];

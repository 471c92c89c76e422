/** @file Files of the forms that arithmetic, pooling, normalisation, reduction and quantisation have had over the opsets. */
import { toNumbers } from "../../src/engine/ir/tensor.js";
import { smooth } from "../unit/engine/numbers.js";
import { float32Proto, int64Proto, type AttributeValue, type ModelText, type NodeText } from "../unit/engine/onnxBytes.js";

type Text = Omit<ModelText, "opset">;
type Case = readonly [name: string, opset: number, text: Text];

const shape = [2, 4, 6, 5];

const weights = (name: string, dims: readonly number[], low = -1, high = 1) => float32Proto(name, dims, toNumbers(smooth(dims, dims.length + 3, low, high)));
const bytes = (name: string, dims: readonly number[], values: readonly number[], signed = false) => ({ name, dims, dataType: signed ? 3 : 2, rawData: signed ? new Uint8Array(Int8Array.from(values).buffer) : Uint8Array.from(values) });
const many = (count: number, step: number) => Array.from({ length: count }, (_, i) => (i * step) % 251);

/** One operator over x [2, 4, 6, 5]; more inputs are initializers. */
const single = (op: string, attributes: Record<string, AttributeValue> = {}, initializers: readonly object[] = [], outputs: readonly string[] = ["y"], x: readonly number[] = shape): Text => ({
  elementTypes: op === "MaxPool" ? { i: 7 } : {},
  nodes: [{ op, inputs: ["x", ...initializers.map((tensor) => (tensor as { name: string }).name)], outputs, attributes }], inputs: { x }, outputs: Object.fromEntries(outputs.map((name) => [name, undefined])), initializers,
});

/** Several nodes from x to y; `float` outputs are declared as such, others get their element type. */
const chain = (nodes: readonly NodeText[], initializers: readonly object[] = [], outputs: readonly string[] = ["y"], elementTypes: Readonly<Record<string, number>> = {}, x: readonly number[] = shape): Text =>
  ({ nodes, inputs: { x }, outputs: Object.fromEntries(outputs.map((name) => [name, undefined])), initializers, elementTypes });

const node = (op: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeValue> = {}): NodeText => ({ op, inputs, outputs: [output], attributes });

/** An integer operator between casts; 6 is int32, 2 uint8, 7 int64. */
const onIntegers = (type: number, middle: (x: string) => NodeText, initializers: readonly object[]): Text =>
  chain([node("Mul", ["x", "hundred"], "big"), node("Abs", ["big"], "positive"), node("Cast", ["positive"], "i", { to: type }), middle("i"), node("Cast", ["r"], "y", { to: 1 })], [float32Proto("hundred", [], [100]), ...initializers]);

const int32 = (name: string, values: readonly number[]) => ({ name, dims: [values.length], dataType: 6, rawData: new Uint8Array(Int32Array.from(values).buffer) });

const functions: readonly Case[] = [
  ...["Tan", "Asin", "Acos", "Atan"].map((op): Case => [op, 7, single(op)]), ...["Sinh", "Cosh", "Asinh", "Acosh", "Atanh"].map((op): Case => [op, 9, single(op)]),
  ["Celu", 12, single("Celu", { alpha: { float: 2 } })], ["ThresholdedRelu", 10, single("ThresholdedRelu", { alpha: 0.5 })], ["Shrink", 9, single("Shrink", { lambd: { float: 1 }, bias: 0.5 })],
  ["Swish", 24, single("Swish", { alpha: 1.5 })], ["Swish, alpha left out", 24, single("Swish")], ["Softsign", 22, single("Softsign")], ["HardSwish", 22, single("HardSwish")], ["Mish", 22, single("Mish")], ["Gelu", 20, single("Gelu")],
  ["IsNaN", 13, chain([node("Log", ["x"], "l"), node("IsNaN", ["l"], "y")], [], ["y"], { y: 9 })], ["IsInf of one sign", 20, chain([node("Floor", ["x"], "f"), node("Reciprocal", ["f"], "r"), node("Neg", ["r"], "n"), node("IsInf", ["n"], "y", { detect_positive: 0 })], [], ["y"], { y: 9 })],
  ["PRelu", 7, single("PRelu", {}, [weights("s", [4, 1, 1])])], ["PRelu", 16, single("PRelu", {}, [weights("s", [1])])],
  ["Pow with a whole exponent", 15, single("Pow", {}, [int64Proto("e", [], [3])])], ["Mod of C", 13, single("Mod", { fmod: 1 }, [float32Proto("b", [5], [0.7, -0.7, 1, 2, 0.3])])],
  ...(["Max", "Min", "Sum", "Mean"].flatMap((op) => [8, 13].map((opset): Case => [op, opset, single(op, {}, [weights("b", [4, 1, 1]), weights("c", [5])])]))),
  ["CastLike", 15, chain([node("CastLike", ["x", "like"], "i"), node("Cast", ["i"], "y", { to: 1 })], [int64Proto("like", [1], [0])])],
  ...["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op): Case => [op, 18, onIntegers(6, (x) => node(op, [x, "m"], "r"), [int32("m", [3, 5, 100, 255, -1])])]),
  ["BitwiseNot", 18, onIntegers(6, (x) => node("BitwiseNot", [x], "r"), [])],
  ["BitShift to the left", 11, onIntegers(2, (x) => node("BitShift", [x, "m"], "r", { direction: "LEFT" }), [bytes("m", [5], [1, 2, 3, 0, 7])])], ["BitShift to the right", 11, onIntegers(2, (x) => node("BitShift", [x, "m"], "r", { direction: "RIGHT" }), [bytes("m", [5], [1, 2, 3, 0, 7])])],
  ["Mod of integers", 10, onIntegers(7, (x) => node("Mod", [x, "m"], "r"), [int64Proto("m", [5], [3, -3, 7, -7, 10])])], ["Relu of integers", 14, onIntegers(6, (x) => node("Relu", [x], "r"), [])],
  ["Clip of integers", 12, onIntegers(7, (x) => node("Clip", [x, "low", "high"], "r"), [int64Proto("low", [], [20]), int64Proto("high", [], [150])])],
  ["Where of booleans", 16, chain([node("Greater", ["x", "zero"], "g"), node("Not", ["g"], "n"), node("Where", ["g", "n", "g"], "w"), node("Cast", ["w"], "y", { to: 1 })], [float32Proto("zero", [], [0])])],
];

const equations: readonly (readonly [equation: string, x: readonly number[], ...rest: readonly (readonly number[])[]])[] = [
  ["bij,bjk->bik", [2, 3, 4], [2, 4, 5]], ["bhqd,bhkd->bhqk", [1, 2, 3, 4], [1, 2, 5, 4]], ["...ij,...jk->...ik", [2, 3, 4], [4, 5]], ["ii->i", [4, 4]], ["ij->", [3, 4]], ["ij", [3, 4]], ["ba", [3, 4]], ["i,j->ij", [3], [4]],
  ["ij,ij->i", [3, 4], [3, 4]], ["ij,jk,kl->il", [2, 3], [3, 4], [4, 2]], ["...ii->...", [2, 3, 3]], ["...,...->...", [2, 3], [3]], ["nchw,nkc->nkhw", [1, 2, 3, 4], [1, 5, 2]],
];

const pools: readonly Case[] = [
  ["LpPool", 2, single("LpPool", { kernel_shape: [3, 2], strides: [2, 1], p: 3, pads: [1, 0, 0, 1] })], ["LpPool SAME_LOWER", 11, single("LpPool", { kernel_shape: [3, 2], auto_pad: "SAME_LOWER", strides: [2, 2] })],
  ["LpPool dilated", 18, single("LpPool", { kernel_shape: [2, 2], dilations: [2, 1], ceil_mode: 1, strides: [2, 2], p: 1 })], ["GlobalLpPool", 2, single("GlobalLpPool", { p: 3 })], ["GlobalLpPool, p left out", 2, single("GlobalLpPool")],
  ["MaxPool with Indices", 12, single("MaxPool", { kernel_shape: [2, 3], strides: [2, 2], pads: [0, 1, 0, 1] }, [], ["y", "i"])], ["MaxPool with Indices by columns", 12, single("MaxPool", { kernel_shape: [2, 3], strides: [2, 2], storage_order: 1 }, [], ["y", "i"])],
  ["MaxPool dilated, ceil_mode", 12, single("MaxPool", { kernel_shape: [2, 2], dilations: [2, 2], strides: [2, 1], ceil_mode: 1, pads: [1, 0, 0, 1] })], ["MaxPool of one axis", 8, single("MaxPool", { kernel_shape: [3] }, [], ["y"], [2, 3, 7])],
  ["MaxPool of three axes", 12, single("MaxPool", { kernel_shape: [2, 2, 2], strides: [1, 2, 1], ceil_mode: 1 }, [], ["y"], [1, 2, 3, 4, 5])], ["MaxPool of three axes with Indices", 12, single("MaxPool", { kernel_shape: [2, 2, 2], storage_order: 1 }, [], ["y", "i"], [1, 2, 3, 4, 3])],
  ["MaxUnpool", 11, chain([{ op: "MaxPool", inputs: ["x"], outputs: ["p", "i"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }, node("MaxUnpool", ["p", "i"], "y", { kernel_shape: [2, 2], strides: [2, 2] })], [], ["y"], {}, [2, 3, 6, 4])],
  ...[7, 10, 11, 19, 22].map((opset): Case => ["AveragePool", opset, single("AveragePool", { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1], count_include_pad: 1, ...(opset >= 10 ? { ceil_mode: 1 } : {}) })]),
  ["AveragePool of three axes", 11, single("AveragePool", { kernel_shape: [2, 2, 3], pads: [1, 0, 1, 0, 1, 1], count_include_pad: 1 }, [], ["y"], [1, 2, 3, 4, 5])], ["AveragePool of one axis", 11, single("AveragePool", { kernel_shape: [3], strides: [2], ceil_mode: 1, pads: [1, 0] }, [], ["y"], [2, 3, 8])],
  ["GlobalAveragePool of three axes", 1, single("GlobalAveragePool", {}, [], ["y"], [1, 2, 3, 4, 5])], ["GlobalMaxPool of one axis", 1, single("GlobalMaxPool", {}, [], ["y"], [2, 3, 7])],
  ["Conv of three axes", 11, single("Conv", { kernel_shape: [2, 1, 2], strides: [1, 2, 1], pads: [1, 0, 0, 0, 1, 1], dilations: [1, 1, 2], group: 2 }, [weights("w", [4, 1, 2, 1, 2]), weights("b", [4])], ["y"], [1, 2, 3, 4, 5])],
  ["Conv of one axis", 11, single("Conv", { kernel_shape: [3], dilations: [2], pads: [2, 1] }, [weights("w", [3, 2, 3])], ["y"], [2, 2, 8])],
  ["ConvTranspose of three axes", 11, single("ConvTranspose", { kernel_shape: [2, 1, 3], strides: [2, 2, 1], pads: [0, 0, 1, 1, 0, 0], output_padding: [1, 1, 0], group: 2 }, [weights("w", [4, 1, 2, 1, 3])], ["y"], [1, 4, 2, 3, 2])],
  ["ConvTranspose of one axis, dilated", 11, single("ConvTranspose", { kernel_shape: [3], strides: [2], dilations: [2] }, [weights("w", [2, 3, 3]), weights("b", [3])], ["y"], [2, 2, 5])],
];

const normalizations: readonly Case[] = [
  ["RMSNormalization", 23, single("RMSNormalization", { epsilon: 0.01 }, [weights("s", [5])])], ["RMSNormalization over two axes", 23, single("RMSNormalization", { axis: -2 }, [weights("s", [6, 5])])],
  ["LayerNormalization with its statistics", 17, single("LayerNormalization", { axis: 2, epsilon: 0.01 }, [weights("s", [6, 5]), weights("b", [6, 5])], ["y", "mean", "inverse"])], ["LayerNormalization without bias", 17, single("LayerNormalization", {}, [weights("s", [5])])],
  ...[1, 2].flatMap((p) => [1, 22].map((opset): Case => [`LpNormalization, p ${p}`, opset, single("LpNormalization", { p, axis: 1 })])),
  ["MeanVarianceNormalization", 9, single("MeanVarianceNormalization")], ["MeanVarianceNormalization over some axes", 13, single("MeanVarianceNormalization", { axes: [0, 2, 3] })],
  ["LRN", 1, single("LRN", { size: 3, alpha: 0.5, bias: { float: 2 } })], ["InstanceNormalization", 22, single("InstanceNormalization", { epsilon: 0.01 }, [weights("s", [4]), weights("b", [4])])],
  ["InstanceNormalization of one axis", 6, single("InstanceNormalization", {}, [weights("s", [3]), weights("b", [3])], ["y"], [2, 3, 7])], ["BatchNormalization", 15, single("BatchNormalization", { epsilon: 0.01 }, [weights("s", [4]), weights("b", [4]), weights("m", [4]), weights("v", [4], 0.5)])],
  ["BatchNormalization of vectors", 9, single("BatchNormalization", {}, [weights("s", [5]), weights("b", [5]), weights("m", [5]), weights("v", [5], 0.5)], ["y"], [3, 5])], ["GroupNormalization of one axis", 21, single("GroupNormalization", { num_groups: 2 }, [weights("s", [4]), weights("b", [4])], ["y"], [2, 4, 5])],
  ...[1, 11].map((opset): Case => ["Hardmax of old", opset, single("Hardmax", { axis: 2 })]), ["Hardmax", 13, single("Hardmax", { axis: 1 })], ["Hardmax, axis left out", 13, single("Hardmax")],
];

const reductionNames = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"];

const reductions: readonly Case[] = [
  ...reductionNames.flatMap((op): Case[] => [
    [`${op} by attribute`, 11, single(op, { axes: [-1, 1], keepdims: 0 })], [`${op} of everything`, 11, single(op, { keepdims: 0 })], [`${op} by input`, 18, single(op, {}, [int64Proto("axes", [2], [1, -1])])],
    [`${op} of no axes`, 18, single(op, { noop_with_empty_axes: 1 }, [int64Proto("axes", [0], [])])], [`${op} of all axes by an empty input`, 18, single(op, {}, [int64Proto("axes", [0], [])])],
  ]),
  ...["ArgMax", "ArgMin"].flatMap((op) => [0, 1].flatMap((last): Case[] => [
    [`${op}, last ${last}`, 13, chain([node("Round", ["x"], "r"), node(op, ["r"], "y", { axis: 2, select_last_index: last, keepdims: last })], [], ["y"], { y: 7 })],
  ])),
  ...[0, 1].flatMap((exclusive) => [0, 1].map((reverse): Case => [`CumSum ${exclusive}${reverse}`, 11, single("CumSum", { exclusive, reverse }, [int64Proto("axis", [], [-2])])])),
  ...equations.map(([equation, x, ...rest]): Case => [`Einsum ${equation}`, 12, single("Einsum", { equation }, rest.map((dims, i) => weights(`b${i}`, dims)), ["y"], x)]),
];

const uint8Zero = bytes("z", [], [120]);

const quantizations: readonly Case[] = [
  ["QuantizeLinear", 10, chain([node("QuantizeLinear", ["x", "s", "z"], "q"), node("Cast", ["q"], "y", { to: 1 })], [float32Proto("s", [], [0.013]), uint8Zero])],
  ["QuantizeLinear without a zero point", 13, chain([node("Abs", ["x"], "a"), node("QuantizeLinear", ["a", "s"], "q"), node("Cast", ["q"], "y", { to: 1 })], [float32Proto("s", [], [0.013])])],
  ["QuantizeLinear per channel", 13, chain([node("QuantizeLinear", ["x", "s", "z"], "q", { axis: 1 }), node("Cast", ["q"], "y", { to: 1 })], [float32Proto("s", [4], [0.013, 0.02, 0.5, 0.001]), bytes("z", [4], [0, 3, -4, 5], true)])],
  ["QuantizeLinear to int8 by attribute", 21, chain([node("QuantizeLinear", ["x", "s"], "q", { output_dtype: 3 }), node("Cast", ["q"], "y", { to: 1 })], [float32Proto("s", [], [0.013])])],
  ["QuantizeLinear and back per block", 21, chain([node("QuantizeLinear", ["x", "s", "z"], "q", { axis: 2, block_size: 2 }), node("DequantizeLinear", ["q", "s", "z"], "y", { axis: 2, block_size: 2 })], [weights("s", [2, 4, 3, 5], 0.01, 0.05), bytes("z", [2, 4, 3, 5], many(120, 7))])],
  ["DequantizeLinear per channel", 13, chain([node("QuantizeLinear", ["x", "s0", "z0"], "q"), node("DequantizeLinear", ["q", "s", "z"], "y", { axis: -1 })], [float32Proto("s0", [], [0.02]), bytes("z0", [], [0], true), float32Proto("s", [5], [1, 2, 3, 4, 5]), bytes("z", [5], [1, -1, 2, -2, 0], true)])],
  ["DynamicQuantizeLinear", 11, chain([{ op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "scale", "zero"] }, node("DequantizeLinear", ["q", "scale", "zero"], "y")], [], ["y", "scale"])],
  ["MatMulInteger", 11, chain([{ op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "scale", "zero"] }, node("MatMulInteger", ["q", "w", "zero", "wz"], "i"), node("Cast", ["i"], "y", { to: 1 })], [bytes("w", [5, 3], many(15, 37)), bytes("wz", [3], [1, 128, 255])])],
  ["ConvInteger", 11, chain([{ op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "scale", "zero"] }, node("ConvInteger", ["q", "w", "zero", "wz"], "i", { kernel_shape: [3, 3], pads: [1, 1, 0, 0] }), node("Cast", ["i"], "y", { to: 1 })], [bytes("w", [2, 4, 3, 3], many(72, 37)), bytes("wz", [], [100])])],
  ["QLinearMatMul", 10, chain([node("QuantizeLinear", ["x", "s", "z"], "q"), node("QLinearMatMul", ["q", "s", "z", "w", "ws", "wz", "os", "z"], "r"), node("DequantizeLinear", ["r", "os", "z"], "y")], [float32Proto("s", [], [0.02137]), uint8Zero, bytes("w", [5, 3], many(15, 37)), float32Proto("ws", [], [0.01171]), bytes("wz", [], [128]), float32Proto("os", [], [0.07193])])],
  ["QLinearConv", 10, chain([node("QuantizeLinear", ["x", "s", "z"], "q"), node("QLinearConv", ["q", "s", "z", "w", "ws", "wz", "os", "z", "b"], "r", { kernel_shape: [2, 2], strides: [2, 2] }), node("DequantizeLinear", ["r", "os", "z"], "y")], [float32Proto("s", [], [0.02137]), uint8Zero, bytes("w", [3, 4, 2, 2], many(48, 37), true), float32Proto("ws", [3], [0.01171, 0.02311, 0.003037]), bytes("wz", [3], [0, 0, 0], true), float32Proto("os", [], [0.18917]), int32("b", [5, -100, 70])])],
];

const masks: readonly Case[] = [
  ["Dropout with its mask", 13, chain([{ op: "Dropout", inputs: ["x"], outputs: ["y", "m"] }], [], ["y", "m"], { m: 9 })],
  ["Dropout that says it does not train", 13, chain([{ op: "Dropout", inputs: ["x", "ratio", "training"], outputs: ["y"] }], [float32Proto("ratio", [], [0.5]), { name: "training", dims: [], dataType: 9, rawData: Uint8Array.of(0) }])],
];

/** Name, opset of the file, the file. */
export const numericModels: readonly Case[] = [...functions, ...pools, ...normalizations, ...reductions, ...quantizations, ...masks];

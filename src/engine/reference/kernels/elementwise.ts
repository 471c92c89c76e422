/** @file Element-wise kernels: activations, arithmetic, comparison, logic. */
import { numberOf, textOf } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import { isFloat } from "../../ir/tensor.js";
import { broadcastOffsets, ndArray, ndArrayOf, wrapped, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

const bool = (value: boolean) => (value ? 1 : 0);

type Unary = (x: number, node: Node) => number;

/** Abramowitz and Stegun are too coarse for an oracle: a series near 0 and a continued fraction in the tails, both to float64. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / ((a + fraction) * Math.sqrt(Math.PI)));
}

const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp01 = (x: number) => Math.min(1, Math.max(0, x));

/** Halves go to the even neighbour, as ONNX and IEEE say. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

const gelu: Unary = (x, node) => textOf(node, "approximate", "none") === "tanh"
  ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
  : 0.5 * x * (1 + erf(x / Math.SQRT2));

const unary: Readonly<Record<string, Unary>> = {
  Abs: Math.abs, Neg: (x) => -x, Exp: Math.exp, Log: Math.log, Sqrt: Math.sqrt, Reciprocal: (x) => 1 / x, Erf: erf, Tanh: Math.tanh, Sigmoid: sigmoid,
  Relu: (x) => Math.max(0, x),
  LeakyRelu: (x, node) => (x < 0 ? x * numberOf(node, "alpha", 0.01) : x),
  Elu: (x, node) => (x < 0 ? numberOf(node, "alpha", 1) * Math.expm1(x) : x),
  Selu: (x, node) => numberOf(node, "gamma", 1.0507009873554805) * (x > 0 ? x : numberOf(node, "alpha", 1.6732632423543772) * Math.expm1(x)),
  HardSigmoid: (x, node) => clamp01(numberOf(node, "alpha", 0.2) * x + numberOf(node, "beta", 0.5)),
  HardSwish: (x) => x * clamp01(x / 6 + 0.5),
  Gelu: gelu,
  Mish: (x) => x * Math.tanh(softplus(x)),
  Softplus: softplus,
  Softsign: (x) => x / (1 + Math.abs(x)),
  Sign: Math.sign, Floor: Math.floor, Ceil: Math.ceil, Round: roundHalfEven, Sin: Math.sin, Cos: Math.cos, Identity: (x) => x, Not: (x) => (x ? 0 : 1),
  Tan: Math.tan, Asin: Math.asin, Acos: Math.acos, Atan: Math.atan, Sinh: Math.sinh, Cosh: Math.cosh, Asinh: Math.asinh, Acosh: Math.acosh, Atanh: Math.atanh,
  Celu: (x, node) => { const alpha = numberOf(node, "alpha", 1); return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)); },
  ThresholdedRelu: (x, node) => (x > numberOf(node, "alpha", 1) ? x : 0),
  Shrink: (x, node) => {
    const [lambd, bias] = [numberOf(node, "lambd", 0.5), numberOf(node, "bias", 0)];
    return x < -lambd ? x + bias : x > lambd ? x - bias : 0;
  },
  Swish: (x, node) => x * sigmoid(numberOf(node, "alpha", 1) * x),
  BitwiseNot: (x) => -x - 1,
  IsNaN: (x) => bool(Number.isNaN(x)),
  IsInf: (x, node) => bool((x === Infinity && numberOf(node, "detect_positive", 1) === 1) || (x === -Infinity && numberOf(node, "detect_negative", 1) === 1)),
};

type Binary = (a: number, b: number, node: Node) => number;

const binary: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b, Sub: (a, b) => a - b, Mul: (a, b) => a * b, Div: (a, b) => a / b, Pow: Math.pow,
  // fmod follows the sign of the dividend, integer Mod that of the divisor.
  Mod: (a, b, node) => (numberOf(node, "fmod", 0) === 1 ? a % b : a - b * Math.floor(a / b)),
  PRelu: (x, slope) => (x < 0 ? x * slope : x),
  Equal: (a, b) => bool(a === b), Greater: (a, b) => bool(a > b), Less: (a, b) => bool(a < b), GreaterOrEqual: (a, b) => bool(a >= b), LessOrEqual: (a, b) => bool(a <= b),
  And: (a, b) => bool(a !== 0 && b !== 0), Or: (a, b) => bool(a !== 0 || b !== 0), Xor: (a, b) => bool((a !== 0) !== (b !== 0)),
};

const truncated = (array: NdArray) => (isFloat(array.dtype) ? array : ndArray(array.dtype, array.shape, array.data.map(Math.trunc)));

/** Applies `f` to two operands that broadcast to the shape of `result`. */
export function zip(result: NdArray, a: NdArray, b: NdArray, f: (a: number, b: number) => number): NdArray {
  const [atA, atB] = [broadcastOffsets(a.shape, result.shape), broadcastOffsets(b.shape, result.shape)];
  for (let i = 0; i < result.data.length; i++) result.data[i] = f(a.data[atA ? atA[i]! : i]!, b.data[atB ? atB[i]! : i]!);
  return result;
}

const unaryKernel = (f: Unary): Kernel => (node, inputs, types) => {
  const x = required(inputs, 0);
  return [wrapped(ndArray(types[0]!.dtype, x.shape, x.data.map((value) => f(value, node))))];
};

const binaryKernel = (f: Binary): Kernel => (node, inputs, types) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  const result = zip(ndArrayOf(types[0]!), a, b, (x, y) => f(x, y, node));
  // Integer division truncates.
  return [wrapped(node.op === "Div" || node.op === "Pow" ? truncated(result) : result)];
};

const foldKernel = (f: (a: number, b: number) => number, finish: (sum: number, count: number) => number = (sum) => sum): Kernel => (_, inputs, types) => {
  let result = required(inputs, 0);
  for (let i = 1; i < inputs.length; i++) result = zip(ndArrayOf({ dtype: types[0]!.dtype, shape: types[0]!.shape }), result, required(inputs, i), f);
  if (inputs.length === 1) result = ndArray(result.dtype, result.shape, result.data.slice());
  return [ndArray(result.dtype, result.shape, result.data.map((value) => finish(value, inputs.length)))];
};

const cast: Kernel = (_, inputs, types) => {
  const x = required(inputs, 0);
  const to = types[0]!.dtype;
  const convert = to === "bool" ? (value: number) => bool(value !== 0) : isFloat(to) ? (value: number) => value : Math.trunc;
  return [wrapped(ndArray(to, x.shape, x.data.map(convert)))];
};

const clip: Kernel = (_, inputs) => {
  const x = required(inputs, 0);
  const [low, high] = [inputs[1]?.data[0] ?? -Infinity, inputs[2]?.data[0] ?? Infinity];
  return [ndArray(x.dtype, x.shape, x.data.map((value) => Math.min(high, Math.max(low, value))))];
};

const where: Kernel = (_, inputs, types) => {
  const result = ndArrayOf(types[0]!);
  const [condition, a, b] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const [atC, atA, atB] = [condition, a, b].map((operand) => broadcastOffsets(operand.shape, result.shape));
  for (let i = 0; i < result.data.length; i++) {
    result.data[i] = condition.data[atC ? atC[i]! : i] ? a.data[atA ? atA[i]! : i]! : b.data[atB ? atB[i]! : i]!;
  }
  return [result];
};

const bitwise = (f: (a: bigint, b: bigint) => bigint): Kernel => binaryKernel((a, b) => Number(f(BigInt(a), BigInt(b))));

const shift: Kernel = binaryKernel((a, b, node) => (textOf(node, "direction", "LEFT") === "LEFT" ? a * 2 ** b : Math.floor(a / 2 ** b)));

const map = <From, To>(table: Readonly<Record<string, From>>, convert: (from: From) => To) =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, convert(value)]));

export const elementwiseKernels: Readonly<Record<string, Kernel>> = {
  ...map(unary, unaryKernel),
  ...map(binary, binaryKernel),
  Min: foldKernel(Math.min),
  Max: foldKernel(Math.max),
  Sum: foldKernel((a, b) => a + b),
  Mean: foldKernel((a, b) => a + b, (sum, count) => sum / count),
  Cast: cast,
  CastLike: cast,
  BitShift: shift,
  BitwiseAnd: bitwise((a, b) => a & b),
  BitwiseOr: bitwise((a, b) => a | b),
  BitwiseXor: bitwise((a, b) => a ^ b),
  Clip: clip,
  Where: where,
};

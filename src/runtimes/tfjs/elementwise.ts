/** @file Element-wise operators, with the forms that are fast on WASM (its Sign, LeakyRelu and Pow are scalar loops). */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, textOf } from "../../engine/ir/attributes.js";
import { broadcastFull } from "./broadcast.js";
import { toStored } from "./layout.js";
import type { Lowering, Operand, Site } from "./lowering.js";
import { tfType } from "./values.js";

type Tensor = tfc.Tensor;

/** An operand ready to broadcast: in channels-last nodes one of a lower rank gets its axes where they belong. */
function broadcastable(site: Site, i: number): Operand {
  const { tf, layout } = site;
  const shape = site.shape(i);
  if (layout === "nchw" || shape.length === 4 || shape.length === 0) return site.input(i);
  const padded = [...Array<number>(4 - shape.length).fill(1), ...shape];
  return site.derive([i], "nhwc", (x) => tf.transpose(tf.reshape(x, padded), [...toStored]));
}

const unary = (compute: (site: Site) => (x: Tensor) => Tensor): Lowering => (site) => {
  const [x, run] = [site.input(0), compute(site)];
  return () => run(x());
};

const binary = (compute: (site: Site) => (a: Tensor, b: Tensor) => Tensor): Lowering => (site) => {
  const [a, b, run] = [broadcastable(site, 0), broadcastable(site, 1), compute(site)];
  return () => run(a(), b());
};

const variadic = (compute: (site: Site) => (a: Tensor, b: Tensor) => Tensor, finish?: (site: Site) => (x: Tensor) => Tensor): Lowering => (site) => {
  const operands = Array.from({ length: site.count }, (_, i) => broadcastable(site, i));
  const [run, last] = [compute(site), finish?.(site) ?? ((x: Tensor) => x)];
  return () => last(operands.slice(1).reduce((sum, operand) => run(sum, operand()), operands[0]!().clone()));
};

const isInteger = (site: Site) => tfType(site.outputDtype()) === "int32";

/** x where positive, `negative(-x)` subtracted elsewhere; both halves are single fast kernels. */
const split = ({ tf }: Site, x: Tensor, negative: (minusX: Tensor) => Tensor) => tf.sub(tf.relu(x), negative(tf.relu(tf.neg(x))));

const elu = (site: Site, alpha: number, gamma = 1) => (x: Tensor) => {
  const { tf } = site;
  const curve = tf.add(tf.relu(x), tf.mul(alpha, tf.expm1(tf.neg(tf.relu(tf.neg(x))))));
  return gamma === 1 ? curve : tf.mul(gamma, curve);
};

const sign: Lowering = unary(({ tf, kind }) => (kind === "wasm" ? (x) => (x.dtype === "float32" ? tf.sub(tf.step(x), tf.step(tf.neg(x))) : tf.sign(x)) : (x) => tf.sign(x)));

const gelu = unary((site) => {
  const { tf } = site;
  if (textOf(site.node, "approximate", "none") === "tanh") {
    return (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))));
  }
  return (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(Math.SQRT1_2, x))));
});

const clip: Lowering = (site) => {
  const { tf } = site;
  const bound = (i: number) => (site.has(i) ? site.numbers(i)![0]! : undefined);
  const areKnown = [1, 2].every((i) => !site.has(i) || site.isConstant(i));
  const x = site.input(0);
  if (!areKnown || isInteger(site)) {
    const [low, high] = [1, 2].map((i) => (site.has(i) ? site.input(i) : undefined));
    return () => {
      const raised = low === undefined ? x().clone() : tf.maximum(x(), low());
      return high === undefined ? raised : tf.minimum(raised, high());
    };
  }
  const [low, high] = [bound(1), bound(2)];
  if (low === 0 && high === undefined) return () => tf.relu(x());
  if (low !== undefined && high !== undefined && low >= high) return () => tf.fill([...x().shape], high);
  return () => tf.clipByValue(x(), low ?? -Infinity, high ?? Infinity);
};

const pow: Lowering = (site) => {
  const { tf } = site;
  const exponent = site.isConstant(1) && site.shape(1).every((dim) => dim === 1) && site.shape(1).length <= site.shape(0).length ? site.numbers(1)![0]! : undefined;
  const products: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    "-1": (x) => tf.reciprocal(x), "0.5": (x) => tf.sqrt(x), "1": (x) => x.clone(), "2": (x) => tf.square(x), "3": (x) => tf.mul(x, tf.square(x)), "4": (x) => tf.square(tf.square(x)),
  };
  const product = products[String(exponent)];
  return product === undefined || isInteger(site) ? binary(() => (a, b) => tf.pow(a, b))(site) : unary(() => product)(site);
};

/** Integers divide towards zero, as in ONNX. */
const div = binary((site) => (a, b) => (isInteger(site) ? site.tf.cast(site.tf.div(site.tf.cast(a, "float32"), site.tf.cast(b, "float32")), "int32") : site.tf.div(a, b)));

/** Floor modulo, or C's with `fmod`. */
const mod = binary((site) => {
  const { tf, node } = site;
  if (numberOf(node, "fmod", 0) === 0) return (a, b) => tf.mod(a, b);
  return (a, b) => tf.mul(tf.sign(a), tf.mod(tf.abs(a), tf.abs(b)));
});

const max = variadic(({ tf }) => (a, b) => tf.maximum(a, b));
const maximum: Lowering = (site) => {
  const { tf, count } = site;
  const isZero = count === 2 && site.isConstant(1) && site.shape(1).length === 0 && site.outputDtype() === "float32" && site.numbers(1)![0] === 0;
  return isZero ? unary(() => (x) => tf.relu(x))(site) : max(site);
};

const where: Lowering = (site) => {
  const { tf, kind } = site;
  const [condition, a, b] = [0, 1, 2].map((i) => broadcastable(site, i)) as [Operand, Operand, Operand];
  const shape = site.stored(site.outputShape());
  // Select takes operands of one shape only.
  const full = (x: Tensor) => (x.shape.join() === shape.join() ? x : broadcastFull(tf, kind, x, shape));
  return () => tf.where(full(condition()), full(a()), full(b()));
};

/** Comparisons read booleans as 0 and 1. */
const compare = (name: "equal" | "greater" | "less" | "greaterEqual" | "lessEqual") => binary((site) => (a, b) => {
  const comparable = (x: Tensor) => (site.dtype(0) === "bool" ? site.tf.cast(x, "int32") : x);
  return site.tf[name](comparable(a), comparable(b));
});

/** Operators that are one call whatever their attributes. */
const plainUnary = {
  Neg: "neg", Abs: "abs", Exp: "exp", Log: "log", Sqrt: "sqrt", Reciprocal: "reciprocal", Erf: "erf", Tanh: "tanh", Sigmoid: "sigmoid", Relu: "relu", Softplus: "softplus",
  Floor: "floor", Ceil: "ceil", Round: "round", Sin: "sin", Cos: "cos", Not: "logicalNot", Identity: "clone",
  Tan: "tan", Asin: "asin", Acos: "acos", Atan: "atan", Sinh: "sinh", Cosh: "cosh", Asinh: "asinh", Acosh: "acosh", Atanh: "atanh", IsNaN: "isNaN",
} as const;
const plainBinary = { Add: "add", Sub: "sub", Mul: "mul", And: "logicalAnd", Or: "logicalOr", Xor: "logicalXor" } as const;

export const elementwiseLowerings: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(Object.entries(plainUnary).map(([op, name]) => [op, unary(({ tf }) => (x) => tf[name](x))])),
  ...Object.fromEntries(Object.entries(plainBinary).map(([op, name]) => [op, binary(({ tf }) => (a, b) => tf[name](a, b))])),
  Div: div, Pow: pow, Mod: mod, Sign: sign, Gelu: gelu, Clip: clip, Where: where, Max: maximum,
  Min: variadic(({ tf }) => (a, b) => tf.minimum(a, b)),
  Sum: variadic(({ tf }) => (a, b) => tf.add(a, b)),
  Mean: variadic(({ tf }) => (a, b) => tf.add(a, b), ({ tf, count }) => (x) => tf.div(x, count)),
  Equal: compare("equal"), Greater: compare("greater"), Less: compare("less"), GreaterOrEqual: compare("greaterEqual"), LessOrEqual: compare("lessEqual"),
  LeakyRelu: unary((site) => (x) => split(site, x, (minusX) => site.tf.mul(numberOf(site.node, "alpha", 0.01), minusX))),
  PRelu: binary((site) => (x, slope) => split(site, x, (minusX) => site.tf.mul(slope, minusX))),
  Elu: unary((site) => elu(site, numberOf(site.node, "alpha", 1))),
  Selu: unary((site) => elu(site, numberOf(site.node, "alpha", 1.67326319217681884765625), numberOf(site.node, "gamma", 1.05070102214813232421875))),
  HardSigmoid: unary(({ tf, node }) => (x) => tf.clipByValue(tf.add(tf.mul(numberOf(node, "alpha", 0.2), x), numberOf(node, "beta", 0.5)), 0, 1)),
  HardSwish: unary(({ tf }) => (x) => tf.mul(x, tf.clipByValue(tf.add(tf.mul(1 / 6, x), 0.5), 0, 1))),
  Mish: unary(({ tf }) => (x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Softsign: unary(({ tf }) => (x) => tf.div(x, tf.add(1, tf.abs(x)))),
  // The WASM backend casts to booleans by cutting numbers to a byte.
  Cast: unary((site) => (x) => (site.outputDtype() === "bool" && x.dtype !== "bool" ? site.tf.notEqual(x, site.tf.scalar(0, x.dtype)) : site.tf.cast(x, tfType(site.outputDtype())))),
};

/** @file Gradient rules of element-wise operators. */
import { WhylightError } from "../../errors.js";
import { numberOf, textOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { isFloat } from "../../ir/tensor.js";
import { only, unaryRule, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";

/** `dy * f'(x)`, where the derivative is made from x or y. */
const chain = (derivative: (graph: GraphBuilder, x: string, y: string, node: Node) => string): GradientRule =>
  unaryRule((graph, node, dy, x, y) => graph.add("Mul", [dy, derivative(graph, x, y, node)]));

const oneMinus = (graph: GraphBuilder, value: string) => graph.add("Sub", [graph.scalar(1), value]);
const square = (graph: GraphBuilder, value: string) => graph.add("Mul", [value, value]);
const scale = (graph: GraphBuilder, value: string, factor: number) => (factor === 1 ? value : graph.add("Mul", [value, graph.scalar(factor)]));

/** `dy` where the condition holds, else 0. */
const gate = (graph: GraphBuilder, condition: string, dy: string) => graph.add("Where", [condition, dy, graph.scalar(0)]);

/** Density of the standard normal distribution at x. */
const density = (graph: GraphBuilder, x: string) => scale(graph, graph.add("Exp", [scale(graph, square(graph, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));

const geluDerivative = (graph: GraphBuilder, x: string, _: string, node: Node): string => {
  if (textOf(node, "approximate", "none") === "none") {
    const cumulative = scale(graph, graph.add("Add", [graph.add("Erf", [scale(graph, x, Math.SQRT1_2)]), graph.scalar(1)]), 0.5);
    return graph.add("Add", [cumulative, graph.add("Mul", [x, density(graph, x)])]);
  }
  const c = Math.sqrt(2 / Math.PI);
  const inner = graph.add("Mul", [x, graph.add("Add", [graph.scalar(c), scale(graph, square(graph, x), c * 0.044715)])]);
  const t = graph.add("Tanh", [inner]);
  const slope = graph.add("Add", [graph.scalar(c), scale(graph, square(graph, x), 3 * c * 0.044715)]);
  const tail = graph.add("Mul", [graph.add("Mul", [x, slope]), oneMinus(graph, square(graph, t))]);
  return scale(graph, graph.add("Add", [graph.add("Add", [graph.scalar(1), t]), tail]), 0.5);
};

/** Products and quotients: each operand's cotangent summed back to its own shape. */
const binary = (left: (graph: GraphBuilder, dy: string, a: string, b: string, y: string) => string, right: typeof left): GradientRule => (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [a, b] = node.inputs as [string, string];
  const y = node.outputs[0]!;
  return [left, right].map((rule, i) => (wanted[i] ? unbroadcast(graph, rule(graph, dy, a, b, y), graph.shape(node.inputs[i]!)) : undefined));
};

/** `x^0` has no slope, nor has `0^y`, although the formulas would multiply 0 by infinity there. */
const pow = binary(
  (graph, dy, a, b) => {
    const exponent = asFloat(graph, b);
    const slope = graph.add("Mul", [exponent, graph.add("Pow", [a, graph.add("Sub", [exponent, graph.scalar(1)])])]);
    const constant = graph.constantValue(b);
    const dx = graph.add("Mul", [dy, slope]);
    return constant !== undefined && constant !== 0 ? dx : graph.add("Where", [graph.add("Equal", [exponent, graph.scalar(0)]), graph.scalar(0), dx]);
  },
  (graph, dy, a, _, y) => {
    const isZero = graph.add("Equal", [a, graph.scalar(0)]);
    return graph.add("Mul", [dy, graph.add("Mul", [y, graph.add("Log", [graph.add("Where", [isZero, graph.scalar(1), a])])])]);
  },
);

function asFloat(graph: GraphBuilder, value: string): string {
  return isFloat(graph.type(value).dtype) ? value : graph.add("Cast", [value], { to: "float32" });
}

/** The extreme takes the gradient; equal operands share it evenly, as `torch.max(a, b)` does. */
const extreme: GradientRule = (graph, node, cotangents, wanted) => {
  const y = node.outputs[0]!;
  const hits = node.inputs.map((input) => graph.add("Cast", [graph.add("Equal", [input, y])], { to: "float32" }));
  const share = graph.add("Div", [only(cotangents), hits.length === 1 ? hits[0]! : graph.add("Sum", hits)]);
  return node.inputs.map((input, i) => (wanted[i] ? unbroadcast(graph, graph.add("Mul", [share, hits[i]!]), graph.shape(input)) : undefined));
};

const additive = (factor: (node: Node) => number): GradientRule => (graph, node, cotangents, wanted) =>
  node.inputs.map((input, i) => (wanted[i] ? unbroadcast(graph, scale(graph, only(cotangents), factor(node)), graph.shape(input)) : undefined));

/** Inside the bounds, bounds included, as `torch.clamp`; ReLU6 sends 0 at both ends, as `torch.nn.ReLU6` does. */
const clip: GradientRule = (graph, node, cotangents, wanted) => {
  if (wanted[1] || wanted[2]) throw new WhylightError("gradientUndefined", { op: "Clip (bounds)", node: node.name });
  const [x, low, high] = node.inputs as [string, string?, string?];
  const isRelu6 = isConstant(graph, low, 0) && isConstant(graph, high, 6);
  const [above, below] = isRelu6 ? ["Greater", "Less"] : ["GreaterOrEqual", "LessOrEqual"];
  let dx = only(cotangents);
  if (low) dx = gate(graph, graph.add(above!, [x, low]), dx);
  if (high) dx = gate(graph, graph.add(below!, [x, high]), dx);
  return [dx];
};

const isConstant = (graph: GraphBuilder, value: string | undefined, expected: number) => value !== undefined && value !== "" && graph.constantValue(value) === expected;

/** a - b * q, where q is a / b rounded down, or towards zero with `fmod`. */
const mod: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [a, b] = node.inputs as [string, string];
  const whole = () => {
    const q = graph.add("Div", [a, b]);
    const down = graph.add("Floor", [q]);
    return numberOf(node, "fmod", 0) === 0 ? down : graph.add("Where", [graph.add("Less", [q, graph.scalar(0)]), graph.add("Ceil", [q]), down]);
  };
  return [
    wanted[0] ? unbroadcast(graph, dy, graph.shape(a)) : undefined,
    wanted[1] ? unbroadcast(graph, graph.add("Neg", [graph.add("Mul", [dy, whole()])]), graph.shape(b)) : undefined,
  ];
};

const inverseRoot = (graph: GraphBuilder, value: string) => graph.add("Reciprocal", [graph.add("Sqrt", [value])]);

const trigonometryRules: GradientRules = {
  Tan: chain((graph, _, y) => graph.add("Add", [square(graph, y), graph.scalar(1)])),
  Asin: chain((graph, x) => inverseRoot(graph, oneMinus(graph, square(graph, x)))),
  Acos: chain((graph, x) => graph.add("Neg", [inverseRoot(graph, oneMinus(graph, square(graph, x)))])),
  Atan: chain((graph, x) => graph.add("Reciprocal", [graph.add("Add", [square(graph, x), graph.scalar(1)])])),
  Sinh: chain((graph, x) => graph.add("Cosh", [x])),
  Cosh: chain((graph, x) => graph.add("Sinh", [x])),
  Asinh: chain((graph, x) => inverseRoot(graph, graph.add("Add", [square(graph, x), graph.scalar(1)]))),
  Acosh: chain((graph, x) => inverseRoot(graph, graph.add("Sub", [square(graph, x), graph.scalar(1)]))),
  Atanh: chain((graph, x) => graph.add("Reciprocal", [oneMinus(graph, square(graph, x))])),
};

const where: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [condition, a, b] = node.inputs as [string, string, string];
  const zero = graph.scalar(0);
  return [
    undefined,
    wanted[1] ? unbroadcast(graph, graph.add("Where", [condition, dy, zero]), graph.shape(a)) : undefined,
    wanted[2] ? unbroadcast(graph, graph.add("Where", [condition, zero, dy]), graph.shape(b)) : undefined,
  ];
};

const prelu: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [x, slope] = node.inputs as [string, string];
  const positive = graph.add("Greater", [x, graph.scalar(0)]);
  return [
    wanted[0] ? graph.add("Where", [positive, dy, graph.add("Mul", [dy, slope])]) : undefined,
    wanted[1] ? unbroadcast(graph, graph.add("Where", [positive, graph.scalar(0), graph.add("Mul", [dy, x])]), graph.shape(slope)) : undefined,
  ];
};

/** 1 where low < x < high, as a condition. */
const between = (graph: GraphBuilder, x: string, low: number, high: number) => graph.add("And", [graph.add("Greater", [x, graph.scalar(low)]), graph.add("Less", [x, graph.scalar(high)])]);

export const elementwiseRules: GradientRules = {
  Identity: unaryRule((_, __, dy) => dy),
  Neg: unaryRule((graph, _, dy) => graph.add("Neg", [dy])),
  Abs: chain((graph, x) => graph.add("Sign", [x])),
  Exp: chain((_, __, y) => y),
  Log: unaryRule((graph, _, dy, x) => graph.add("Div", [dy, x])),
  Sqrt: unaryRule((graph, _, dy, __, y) => graph.add("Div", [scale(graph, dy, 0.5), y])),
  Reciprocal: chain((graph, _, y) => graph.add("Neg", [square(graph, y)])),
  Erf: chain((graph, x) => scale(graph, graph.add("Exp", [graph.add("Neg", [square(graph, x)])]), 2 / Math.sqrt(Math.PI))),
  Tanh: chain((graph, _, y) => oneMinus(graph, square(graph, y))),
  Sigmoid: chain((graph, _, y) => graph.add("Mul", [y, oneMinus(graph, y)])),
  Sin: chain((graph, x) => graph.add("Cos", [x])),
  Cos: chain((graph, x) => graph.add("Neg", [graph.add("Sin", [x])])),
  // y is not negative, so its sign is the mask, and one element-wise product stays cheap in blocked layouts.
  Relu: chain((graph, _, y) => graph.add("Sign", [y])),
  LeakyRelu: unaryRule((graph, node, dy, x) => graph.add("Where", [graph.add("Greater", [x, graph.scalar(0)]), dy, scale(graph, dy, numberOf(node, "alpha", 0.01))])),
  Elu: unaryRule((graph, node, dy, x, y) => {
    const slope = graph.add("Add", [y, graph.scalar(numberOf(node, "alpha", 1))]);
    return graph.add("Where", [graph.add("Greater", [x, graph.scalar(0)]), dy, graph.add("Mul", [dy, slope])]);
  }),
  Selu: unaryRule((graph, node, dy, x, y) => {
    const [alpha, gamma] = [numberOf(node, "alpha", 1.6732632423543772), numberOf(node, "gamma", 1.0507009873554805)];
    const slope = graph.add("Add", [y, graph.scalar(alpha * gamma)]);
    return graph.add("Where", [graph.add("Greater", [x, graph.scalar(0)]), scale(graph, dy, gamma), graph.add("Mul", [dy, slope])]);
  }),
  HardSigmoid: unaryRule((graph, node, dy, x) => {
    const [alpha, beta] = [numberOf(node, "alpha", 0.2), numberOf(node, "beta", 0.5)];
    return gate(graph, between(graph, x, -beta / alpha, (1 - beta) / alpha), scale(graph, dy, alpha));
  }),
  HardSwish: unaryRule((graph, _, dy, x) => {
    const middle = graph.add("Mul", [dy, graph.add("Add", [scale(graph, x, 1 / 3), graph.scalar(0.5)])]);
    return graph.add("Where", [between(graph, x, -3, 3), middle, gate(graph, graph.add("GreaterOrEqual", [x, graph.scalar(3)]), dy)]);
  }),
  Gelu: chain(geluDerivative),
  Mish: chain((graph, x) => {
    const t = graph.add("Tanh", [graph.add("Softplus", [x])]);
    const tail = graph.add("Mul", [graph.add("Mul", [x, graph.add("Sigmoid", [x])]), oneMinus(graph, square(graph, t))]);
    return graph.add("Add", [t, tail]);
  }),
  Softplus: chain((graph, x) => graph.add("Sigmoid", [x])),
  Softsign: chain((graph, x) => graph.add("Reciprocal", [square(graph, graph.add("Add", [graph.scalar(1), graph.add("Abs", [x])]))])),
  ...trigonometryRules,
  Celu: unaryRule((graph, node, dy, x, y) => {
    const slope = graph.add("Add", [scale(graph, y, 1 / numberOf(node, "alpha", 1)), graph.scalar(1)]);
    return graph.add("Where", [graph.add("Greater", [x, graph.scalar(0)]), dy, graph.add("Mul", [dy, slope])]);
  }),
  ThresholdedRelu: unaryRule((graph, node, dy, x) => gate(graph, graph.add("Greater", [x, graph.scalar(numberOf(node, "alpha", 1))]), dy)),
  Shrink: unaryRule((graph, node, dy, x) => gate(graph, graph.add("Greater", [graph.add("Abs", [x]), graph.scalar(numberOf(node, "lambd", 0.5))]), dy)),
  Swish: chain((graph, x, y, node) => {
    const alpha = numberOf(node, "alpha", 1);
    const s = graph.add("Sigmoid", [scale(graph, x, alpha)]);
    return graph.add("Add", [s, graph.add("Mul", [scale(graph, y, alpha), oneMinus(graph, s)])]);
  }),
  Mod: mod,
  CastLike: (graph, node, cotangents) => [graph.add("Cast", [only(cotangents)], { to: graph.type(node.inputs[0]!).dtype }), undefined],
  Add: additive(() => 1),
  Sum: additive(() => 1),
  Mean: additive((node) => 1 / node.inputs.length),
  Sub: binary((_, dy) => dy, (graph, dy) => graph.add("Neg", [dy])),
  Mul: binary((graph, dy, _, b) => graph.add("Mul", [dy, b]), (graph, dy, a) => graph.add("Mul", [dy, a])),
  Div: binary((graph, dy, _, b) => graph.add("Div", [dy, b]), (graph, dy, _, b, y) => graph.add("Neg", [graph.add("Div", [graph.add("Mul", [dy, y]), b])])),
  Pow: pow,
  Max: extreme,
  Min: extreme,
  PRelu: prelu,
  Clip: clip,
  Where: where,
  // Integers that carry a gradient have it in float32.
  Cast: unaryRule((graph, _, dy, x) => (isFloat(graph.type(x).dtype) ? graph.add("Cast", [dy], { to: graph.type(x).dtype }) : dy)),
};

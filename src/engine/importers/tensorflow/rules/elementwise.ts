/** @file Element-wise operators: they go along with however their operands are held. */
import type { Attributes } from "../../../ir/graph.js";
import { isFloat } from "../../../ir/tensor.js";
import type { Held } from "../../channels.js";
import { table, type Rule, type RuleContext, type RuleTable } from "./rule.js";

/** The value itself: nothing is written. */
const same: Rule = (context) => context.held(0);

const unary = (op: string, attributes: Attributes = {}): Rule => (context) => ({ value: context.done(op, [context.held(0).value], attributes), first: context.held(0).first });

/** Several nodes over one operand. */
const steps = (write: (context: RuleContext, x: string) => string): Rule => (context) => ({ value: write(context, context.held(0).value), first: context.held(0).first });

const binary = (op: string, attributes: Attributes = {}): Rule => pair((context, a, b) => context.done(op, [a, b], attributes));

/** Several nodes over two operands that broadcast. */
function pair(write: (context: RuleContext, a: string, b: string) => string): Rule {
  return (context) => {
    const { values, first } = context.aligned([0, 1]);
    return { value: write(context, values[0]!, values[1]!), first };
  };
}

const variadic = (op: string): Rule => (context) => {
  const { values, first } = context.aligned(context.inputs.map((_, i) => i));
  return { value: context.done(op, values), first };
};

/** A constant of one element, of the type of input i. */
function scalar(context: RuleContext, value: number, i = 0): string {
  const dtype = context.dtype(i);
  return isFloat(dtype) ? context.writer.scalar(value) : context.add("Cast", [context.writer.scalar(value)], { to: dtype });
}

/** Rounds down, as Python divides: ONNX's `Mod` of integers has the divisor's sign. */
const floorDivide = pair((context, a, b) => (isFloat(context.dtype(0)) ? context.done("Floor", [context.add("Div", [a, b])]) : context.done("Div", [context.add("Sub", [a, context.add("Mod", [a, b])]), b])));
const floorModulo = pair((context, a, b) =>
  (isFloat(context.dtype(0)) ? context.done("Sub", [a, context.add("Mul", [context.add("Floor", [context.add("Div", [a, b])]), b])]) : context.done("Mod", [a, b])));

/** The activations that fused operators name too. `slope` is the value of PReLU's, laid out for `x`. */
export function activate(context: RuleContext, name: string, x: string, slope?: string): string {
  switch (name) {
    case "Relu6": return context.done("Clip", [x, context.writer.scalar(0), context.writer.scalar(6)]);
    case "LeakyRelu": return context.done("LeakyRelu", [x], { alpha: context.float("leakyrelu_alpha", context.float("alpha", 0.2)) });
    case "Prelu": return context.done("PRelu", [x, slope ?? context.refuse("its PReLU has no slopes")]);
    case "GeluExact": return context.done("Gelu", [x], { approximate: "none" });
    case "GeluApproximate": return context.done("Gelu", [x], { approximate: "tanh" });
    case "Relu": case "Elu": case "Selu": case "Sigmoid": case "Tanh": case "Softplus": return context.done(name, [x]);
    default: return context.refuse(`its activation ${name} is not known`);
  }
}

const activation = (name: string): Rule => steps((context, x) => activate(context, name, x));

/** The bias runs along the channels. */
const biasAdd: Rule = (context) => {
  if (!context.isChannelsFirst || context.rank(0) < 3) return binary("Add")(context);
  const axes = Array.from({ length: context.rank(0) - 2 }, (_, i) => i + 1);
  return context.done("Add", [context.last(0), context.add("Unsqueeze", [context.last(1), context.writer.ints(axes)])]);
};

const prelu: Rule = (context) => {
  const { values, first } = context.aligned([0, 1]);
  return { value: context.done("PRelu", values), first };
};

/** The old form picks whole rows where its condition has one axis only. */
const select: Rule = (context) => {
  const [condition, rank] = [context.rank(0), context.rank(1)];
  if (condition !== 1 || rank <= 1 || context.node.op === "SelectV2") return where(context);
  const opened = context.add("Unsqueeze", [context.last(0), context.writer.ints(Array.from({ length: rank - 1 }, (_, i) => i + 1))]);
  return context.done("Where", [opened, context.last(1), context.last(2)]);
};

function where(context: RuleContext): Held {
  const { values, first } = context.aligned([0, 1, 2]);
  return { value: context.done("Where", values), first };
}

const softmax = (op: string): Rule => (context) => {
  const { value, first } = context.held(0);
  return { value: context.done(op, [value], { axis: context.axisOf(-1, context.rank(0), first) }), first };
};

const cast: Rule = (context) => {
  const to = context.typeNamed("DstT", "float32");
  return to === context.dtype(0) ? context.held(0) : unary("Cast", { to })(context);
};

const filledLike = (value: number): Rule => steps((context, x) => context.done("Expand", [scalar(context, value), context.add("Shape", [x])]));

export const elementwiseRules: RuleTable = {
  ...table(["Identity", "Snapshot", "StopGradient", "PreventGradient", "CheckNumerics", "EnsureShape", "PlaceholderWithDefault", "ReadVariableOp"], same),
  IdentityN: (context) => context.inputs,
  ...Object.fromEntries(["Abs", "Neg", "Exp", "Log", "Sqrt", "Erf", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Softsign"].map((op) => [op, unary(op)])),
  ...Object.fromEntries(["Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus"].map((op) => [op, activation(op)])),
  ...table(["Reciprocal", "Inv"], unary("Reciprocal")),
  ...table(["Rint"], unary("Round")),
  LogicalNot: unary("Not"), IsNan: unary("IsNaN"), IsInf: unary("IsInf"),
  IsFinite: steps((context, x) => context.done("Not", [context.add("Or", [context.add("IsNaN", [x]), context.add("IsInf", [x])])])),
  Rsqrt: steps((context, x) => context.done("Reciprocal", [context.add("Sqrt", [x])])),
  Square: steps((context, x) => context.done("Mul", [x, x])),
  Expm1: steps((context, x) => context.done("Sub", [context.add("Exp", [x]), scalar(context, 1)])),
  Log1p: steps((context, x) => context.done("Log", [context.add("Add", [x, scalar(context, 1)])])),
  Erfc: steps((context, x) => context.done("Sub", [scalar(context, 1), context.add("Erf", [x])])),
  ZerosLike: filledLike(0), OnesLike: filledLike(1),
  ClipByValue: (context) => {
    const { value, first } = context.held(0);
    if (context.rank(1) > 0 || context.rank(2) > 0) context.refuse("its bounds are not single numbers");
    return { value: context.done("Clip", [value, context.last(1), context.last(2)]), first };
  },
  Cast: cast,
  ...table(["Add", "AddV2"], binary("Add")),
  Sub: binary("Sub"), Mul: binary("Mul"), Pow: binary("Pow"),
  ...table(["RealDiv", "Div", "TruncateDiv"], binary("Div")),
  MulNoNan: pair((context, a, b) => context.done("Where", [context.add("Equal", [b, scalar(context, 0, 1)]), scalar(context, 0), context.add("Mul", [a, b])])),
  DivNoNan: pair((context, a, b) => context.done("Where", [context.add("Equal", [b, scalar(context, 0, 1)]), scalar(context, 0), context.add("Div", [a, b])])),
  FloorDiv: floorDivide, FloorMod: floorModulo,
  ...table(["Mod", "TruncateMod"], binary("Mod", { fmod: 1 })),
  SquaredDifference: pair((context, a, b) => { const difference = context.add("Sub", [a, b]); return context.done("Mul", [difference, difference]); }),
  Maximum: binary("Max"), Minimum: binary("Min"),
  ...table(["AddN", "AccumulateNV2"], variadic("Sum")),
  Equal: binary("Equal"), NotEqual: pair((context, a, b) => context.done("Not", [context.add("Equal", [a, b])])),
  Greater: binary("Greater"), GreaterEqual: binary("GreaterOrEqual"), Less: binary("Less"), LessEqual: binary("LessOrEqual"),
  LogicalAnd: binary("And"), LogicalOr: binary("Or"), LogicalXor: binary("Xor"),
  BitwiseAnd: binary("BitwiseAnd"), BitwiseOr: binary("BitwiseOr"),
  Select: select, SelectV2: select,
  BiasAdd: biasAdd, BiasAddV1: biasAdd,
  Prelu: prelu,
  Softmax: softmax("Softmax"), LogSoftmax: softmax("LogSoftmax"),
};

/** @file DeepLIFT's rescale rule as gradient rules: slopes become quotients of differences between an image and its baseline (Shrikumar et al., arXiv 1704.02685). */
import type { GraphBuilder } from "../../ir/builder.js";
import { only, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";
import { gradientRules } from "../rules.js";
import { maximumRule } from "./deepLiftPool.js";
import { layerNormalizationByMeans, softmaxByMeans } from "./deepLiftNormalize.js";
import { Halves, least, type BatchAxis, type HalvesOf } from "./halves.js";
import { ordinary } from "./ordinary.js";

export interface DeepLiftOptions {
  /** Where each value of the graph keeps image and baseline. */
  readonly axisOf: BatchAxis;
  /** How a product of two values that both vary is split, see `products`. */
  readonly products: "midpoint" | "gradient";
  /** What max pooling does, see `deepLiftRules`. */
  readonly pool: "rescale" | "gradient";
}

/** Elementwise operators that bend: their slope becomes (f(x) - f(x')) / (x - x'). Neg, Identity and Cast are linear, and steps pass nothing. */
const bending = [
  "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign", "Sin", "Cos",
  "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Celu", "ThresholdedRelu", "Shrink", "Swish", "Clip", "PRelu", "Pow", "Max", "Min",
] as const;

/** `dy * (y - y') / (x - x')`, and the ordinary rule where x and x' are all but equal. With two operands that vary, the ordinary rule. */
const rescale = (op: string, halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  const at = wanted.indexOf(true);
  const [x, y] = [node.inputs[at]!, node.outputs[0]!];
  const plain = ordinary(op)(graph, node, cotangents, wanted);
  if (wanted.lastIndexOf(true) !== at || String(graph.shape(x)) !== String(graph.shape(y))) return plain;
  const halves = halvesOf(graph);
  const [dx, dy] = [halves.difference(x), halves.difference(y)];
  const isNear = graph.add("Less", [graph.add("Abs", [dx]), graph.scalar(least)]);
  const slope = graph.add("Div", [dy, graph.add("Where", [isNear, graph.scalar(1), dx])]);
  const scaled = graph.add("Where", [isNear, plain[at]!, graph.add("Mul", [only(cotangents), slope])]);
  return node.inputs.map((_, i) => (i === at ? scaled : undefined));
};

/** The ordinary rule at the mean of image and baseline: exact for whatever is linear in each operand, since ab - a'b' = mean(b) (a - a') + mean(a) (b - b'). */
const bilinear = (op: string, halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  if (wanted.filter(Boolean).length < 2) return ordinary(op)(graph, node, cotangents, wanted);
  const inputs = node.inputs.map((input, i) => (wanted[i] ? halvesOf(graph).mean(input) : input));
  return ordinary(op)(graph, { ...node, inputs }, cotangents, wanted);
};

/** a / b is a product with 1 / b, whose differences are -(b - b') / (b b'). */
const quotient = (halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  if (!wanted[1]) return ordinary("Div")(graph, node, cotangents, wanted);
  const [dy, halves] = [only(cotangents), halvesOf(graph)];
  const [a, b] = node.inputs as [string, string];
  const inverse = graph.add("Reciprocal", [b]);
  const meanInverse = graph.add("Mul", [graph.add("Add", [inverse, halves.swapped(inverse, b)]), graph.scalar(0.5)]);
  const slope = graph.add("Neg", [graph.add("Mul", [inverse, halves.swapped(inverse, b)])]);
  return [
    wanted[0] ? unbroadcast(graph, graph.add("Mul", [dy, meanInverse]), graph.shape(a)) : undefined,
    unbroadcast(graph, graph.add("Mul", [graph.add("Mul", [dy, wanted[0] ? halves.mean(a) : a]), slope]), graph.shape(b)),
  ];
};

/**
 * The table for a graph whose batch is an image and its baseline. The cotangents of both rows are carried, as Captum does; the image's row holds the multipliers.
 * The rescale rule stands at every elementwise operator that bends.
 * `pool`: `rescale` has it at every maximum over places too, and the attributions stay complete; `gradient` sends everything to the image's maximum. Captum's DeepLift means the first and does the
 * second wherever a ReLU module stands before the pooling: its hook on the ReLU's output runs before the one that rescales the pooling's input, and so keeps the pooling's plain gradient.
 * `products`: `midpoint` splits a product of two values that both vary evenly (the Shapley value of two players, as SHAP's DeepExplainer), and so keeps the attributions complete through gates,
 * attention, softmax and layer normalisation; `gradient` is what Captum's DeepLift does there. Everything else is linear, or (other normalisations) keeps its gradient: the completeness gap tells.
 */
export function deepLiftRules({ axisOf, products, pool }: DeepLiftOptions): GradientRules {
  const known = new WeakMap<GraphBuilder, Halves>();
  const halvesOf: HalvesOf = (graph) => {
    const halves = known.get(graph) ?? new Halves(graph, axisOf);
    known.set(graph, halves);
    return halves;
  };
  const table = (names: readonly string[], rule: (op: string) => GradientRule) => Object.fromEntries(names.map((op) => [op, rule(op)]));
  return {
    ...gradientRules,
    ...table(bending, (op) => rescale(op, halvesOf)),
    ...(pool === "rescale" && table(["MaxPool", "GlobalMaxPool", "ReduceMax"], (op) => maximumRule(op, halvesOf))),
    ...(products === "midpoint" && {
      ...table(["Mul", "MatMul", "Gemm", "Einsum"], (op) => bilinear(op, halvesOf)),
      Div: quotient(halvesOf), Softmax: softmaxByMeans(halvesOf), LayerNormalization: layerNormalizationByMeans(halvesOf),
    }),
  };
}

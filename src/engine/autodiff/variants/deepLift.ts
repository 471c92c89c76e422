/** @file DeepLIFT's rescale rule as gradient rules: slopes become quotients of differences between an image and its baseline (Shrikumar et al., arXiv 1704.02685). */
import { only, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";
import { gradientRules } from "../rules.js";
import { instanceNormalizationByMeans, layerNormalizationByMeans, softmaxByMeans } from "./deepLiftNormalize.js";
import { ordinary } from "./ordinary.js";
import { mean, quotientOr, type Other } from "./twin.js";

export interface DeepLiftOptions {
  /** The baseline's value of each of the image's. */
  readonly other: Other;
  /** How a product of two values that both vary is split, see `deepLiftRules`. */
  readonly products: "midpoint" | "gradient";
  /** What max pooling does, see `deepLiftRules`. */
  readonly pool: "rescale" | "gradient";
}

/** Elementwise operators that bend: their slope becomes (f(x) - f(x')) / (x - x'). Neg, Identity and Cast are linear, and steps pass nothing. */
const bending = [
  "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign", "Sin", "Cos",
  "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Celu", "ThresholdedRelu", "Shrink", "Swish", "Clip", "PRelu", "Pow", "Max", "Min",
] as const;

/** `dy * (y - y') / (x - x')`, and the ordinary rule where x and x' are all but equal. With several operands that vary, or one that is broadcast, the ordinary rule. */
const rescale = (op: string, other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  const at = wanted.indexOf(true);
  const [x, y] = [node.inputs[at]!, node.outputs[0]!];
  const plain = ordinary(op)(graph, node, cotangents, wanted);
  if (wanted.lastIndexOf(true) !== at || String(graph.shape(x)) !== String(graph.shape(y))) return plain;
  const step = graph.add("Mul", [only(cotangents), graph.add("Sub", [y, other(y)])]);
  const scaled = quotientOr(graph, step, graph.add("Sub", [x, other(x)]), plain[at]!);
  return node.inputs.map((_, i) => (i === at ? scaled : undefined));
};

/**
 * At a maximum over places: with m = max(y, y'), the step m - y' goes to where the image has its maximum and the step y - m to where the baseline has its own, each divided by x - x' there;
 * overlapping windows add up. Nothing is lost: where x equals x' at the image's maximum, m is y', and likewise at the baseline's.
 */
const maximum = (op: string, other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  const [x, y, dy, rule] = [node.inputs[0]!, node.outputs[0]!, only(cotangents), ordinary(op)];
  const top = graph.add("Max", [y, other(y)]);
  const sent = (from: string, less: string, site: typeof node) => rule(graph, site, [graph.add("Mul", [dy, graph.add("Sub", [from, less])])], wanted)[0]!;
  const steps = graph.add("Add", [sent(top, other(y), node), sent(y, top, { ...node, inputs: node.inputs.map(other), outputs: node.outputs.map(other) })]);
  return [quotientOr(graph, steps, graph.add("Sub", [x, other(x)]), rule(graph, node, cotangents, wanted)[0]!)];
};

/** The ordinary rule at the mean of image and baseline: exact for whatever is linear in each operand, since ab - a'b' = mean(b) (a - a') + mean(a) (b - b'). */
const bilinear = (op: string, other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  const inputs = wanted.filter(Boolean).length < 2 ? node.inputs : node.inputs.map((input, i) => (wanted[i] ? mean(graph, input, other(input)) : input));
  return ordinary(op)(graph, { ...node, inputs }, cotangents, wanted);
};

/** a / b is a product with 1 / b, whose differences are -(b - b') / (b b'). */
const quotient = (other: Other): GradientRule => (graph, node, cotangents, wanted) => {
  if (!wanted[1]) return ordinary("Div")(graph, node, cotangents, wanted);
  const dy = only(cotangents);
  const [a, b] = node.inputs as [string, string];
  const [inverse, otherInverse] = [b, other(b)].map((value) => graph.add("Reciprocal", [value])) as [string, string];
  const slope = graph.add("Neg", [graph.add("Mul", [inverse, otherInverse])]);
  return [
    wanted[0] ? unbroadcast(graph, graph.add("Mul", [dy, mean(graph, inverse, otherInverse)]), graph.shape(a)) : undefined,
    unbroadcast(graph, graph.add("Mul", [graph.add("Mul", [dy, mean(graph, a, other(a))]), slope]), graph.shape(b)),
  ];
};

/**
 * The table for a graph that runs on an image and its baseline (`twin`): the cotangents become multipliers. The rescale rule stands at every elementwise operator that bends.
 *
 * `pool`: `rescale` has it at every maximum over places too, and the attributions stay complete; `gradient` sends everything to the image's maximum. Captum's DeepLift means the first and does the
 * second wherever a ReLU module stands before the pooling: its hook on the ReLU's output runs before the one that rescales the pooling's input, and so keeps the pooling's plain gradient.
 *
 * `products`: `midpoint` splits a product of two values that both vary evenly (the Shapley value of two players, as SHAP's DeepExplainer), and so keeps the attributions complete through gates,
 * attention, softmax, layer and instance normalisation; `gradient` is what Captum does there. Everything else is linear, or (other normalisations) keeps its gradient: the completeness gap tells.
 */
export function deepLiftRules({ other, products, pool }: DeepLiftOptions): GradientRules {
  const table = (names: readonly string[], rule: (op: string, other: Other) => GradientRule) => Object.fromEntries(names.map((op) => [op, rule(op, other)]));
  return {
    ...gradientRules,
    ...table(bending, rescale),
    ...(pool === "rescale" && table(["MaxPool", "GlobalMaxPool", "ReduceMax"], maximum)),
    ...(products === "midpoint" && {
      ...table(["Mul", "MatMul", "Gemm", "Einsum"], bilinear),
      Div: quotient(other), Softmax: softmaxByMeans(other), LayerNormalization: layerNormalizationByMeans(other), InstanceNormalization: instanceNormalizationByMeans(other),
    }),
  };
}

/** @file Layer-wise relevance propagation as gradient rules: what is carried back is not a slope but a share of the score (Bach et al., PLOS ONE 10(7), 2015; Montavon et al., 2019, chapter 10). */
import { only, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";
import { gradientRules } from "../rules.js";
import { indexingRules } from "../rules/indexing.js";
import { moveRules } from "../rules/move.js";
import { zBox, type PixelBox } from "./lrpBox.js";
import { alphaBeta, epsilonRule, gammaRule, type LayerRule } from "./lrpLayers.js";
import { ordinary } from "./ordinary.js";

export interface LrpOptions {
  /** `composite` is Zennit's EpsilonGammaBox: the box at layers that read the image, gamma at convolutions, epsilon at dense layers. */
  readonly rule: "epsilon" | "gamma" | "alpha-beta" | "composite";
  /** Added to every denominator, away from zero. */
  readonly epsilon: number;
  readonly gamma: number;
  /** Weight of what speaks for a neuron; what speaks against it weighs `alpha - 1`. */
  readonly alpha: number;
  readonly box: PixelBox;
}

/** Functions of one element hand relevance on as it is, normalisations as if their statistics were constants (Achtibat et al., AttnLRP, arXiv 2402.05602). */
const passing = [
  "Neg", "Identity", "Cast", "CastLike", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu",
  "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign", "Celu",
  "ThresholdedRelu", "Shrink", "Swish", "Clip", "PRelu", "QuantizeLinear", "DequantizeLinear", "LayerNormalization", "RMSNormalization",
  "InstanceNormalization", "GroupNormalization", "MeanVarianceNormalization", "LpNormalization", "LRN",
] as const;

/** Relevance goes where the value came from, as a cotangent would. */
const moving = [
  ...Object.keys(moveRules).filter((op) => !["CumSum", "Resize"].includes(op)), ...Object.keys(indexingRules),
  "MaxPool", "GlobalMaxPool", "MaxUnpool", "ReduceMax", "ReduceMin", "Max", "Min", "Where",
];

/** Sums: every summand gets its share of the result; biases keep theirs. Residual connections are among them, and batch normalisation that was not folded. */
const summing = ["Add", "Sub", "Sum", "Mean", "AveragePool", "GlobalAveragePool", "ReduceMean", "ReduceSum", "BatchNormalization", "CumSum", "Resize"] as const;

const convolutions = ["Conv", "ConvTranspose"] as const;
const dense = ["Gemm", "MatMul"] as const;
const products = [...convolutions, ...dense, "Einsum"] as const;

const known = new Set<string>([...passing, ...moving, ...summing, ...products, "Mul", "Div"]);

/** Whether an operator has a rule of its own; any other gets its gradient times its input, scaled by relevance per output, which need not conserve. */
export const hasRelevanceRule = (op: string): boolean => known.has(op) || gradientRules[op] === "none";

const pass: GradientRule = (_, node, cotangents) => node.inputs.map((__, i) => (i === 0 ? only(cotangents) : undefined));

/** Two factors that both vary get half each (AttnLRP's uniform rule); a constant factor takes nothing. */
const product: GradientRule = (graph, node, cotangents, wanted) => {
  const r = only(cotangents);
  const share = wanted[0] && wanted[1] ? graph.add("Mul", [r, graph.scalar(0.5)]) : r;
  return node.inputs.map((input, i) => (wanted[i] ? unbroadcast(graph, share, graph.shape(input)) : undefined));
};

/** A denominator counts as a constant, unless only it varies. */
const quotient = (epsilon: number): GradientRule => (graph, node, cotangents, wanted) =>
  (wanted[0] ? [unbroadcast(graph, only(cotangents), graph.shape(node.inputs[0]!)), undefined] : epsilonRule("Div", epsilon)(graph, node, cotangents, wanted));

/** A layer by the rule; a product of values that both vary, as in attention, by the epsilon rule, half each. */
const layer = (op: string, rule: LayerRule, epsilon: number): GradientRule => (graph, node, cotangents, wanted) => {
  const varying = wanted.flatMap((isWanted, i) => (isWanted ? [i] : []));
  if (varying.length === 1 && varying[0]! < 2) return node.inputs.map((_, i) => (i === varying[0] ? rule(graph, node, only(cotangents), i) : undefined));
  const half = graph.add("Mul", [only(cotangents), graph.scalar(1 / varying.length)]);
  return epsilonRule(op, epsilon)(graph, node, [half], wanted);
};

/** The table; start it from the scores themselves, of the classes that are explained. Relevance is conserved but for what biases keep and operators without a rule lose. */
export function lrpRules({ rule, epsilon, gamma, alpha, box }: LrpOptions): GradientRules {
  const table = (ops: readonly string[], of: (op: string) => GradientRule) => Object.fromEntries(ops.map((op) => [op, of(op)]));
  const plain = (op: string): LayerRule => (graph, node, r, at) => epsilonRule(op, epsilon)(graph, node, [r], node.inputs.map((_, i) => i === at))[at]!;
  const layerRules: Readonly<Record<LrpOptions["rule"], (op: string) => LayerRule>> = {
    epsilon: plain,
    gamma: () => gammaRule(gamma, epsilon),
    "alpha-beta": () => alphaBeta(alpha, epsilon),
    composite: (op) => zBox(box, epsilon, (convolutions as readonly string[]).includes(op) ? gammaRule(gamma, epsilon) : plain(op)),
  };
  return {
    ...Object.fromEntries(Object.entries(gradientRules).map(([op, own]) => [op, own === "none" ? own : epsilonRule(op, epsilon)])),
    ...table(summing, (op) => epsilonRule(op, epsilon)),
    ...table(passing, () => pass),
    ...table(moving, ordinary),
    ...table([...convolutions, ...dense], (op) => layer(op, layerRules[rule](op), epsilon)),
    Einsum: layer("Einsum", plain("Einsum"), epsilon),
    Mul: product, Div: quotient(epsilon),
  };
}

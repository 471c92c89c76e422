/** @file Layer-wise relevance propagation. */
import { nodesBetween } from "../../autodiff/gradient.js";
import { hasRelevanceRule, lrpRules, type LrpOptions } from "../../autodiff/variants/lrp.js";
import { pixelValues } from "../../autodiff/variants/lrpBox.js";
import type { MethodContext } from "../context.js";
import { defineMethod, type Remark } from "../method.js";
import type { ParameterTable } from "../parameters.js";
import type { NamedRules } from "../programs.js";
import type { Score } from "../target.js";
import { sumOf } from "./path.js";

const parameters = {
  rule: { kind: "choice", default: "epsilon", choices: ["epsilon", "gamma", "alpha-beta", "composite"] },
  epsilon: { kind: "number", default: 1e-9, min: 1e-12 },
  gamma: { kind: "number", default: 0.25, min: 0 },
  alpha: { kind: "number", default: 2, min: 1 },
} as const satisfies ParameterTable;

function rulesFor({ classifier, pixels: { mean, std, scale, layout }, prepared }: MethodContext, options: Omit<LrpOptions, "box">): NamedRules {
  const normalized = (pixel: number) => mean.map((m, c) => (pixel * scale - m) / std[c % std.length]!);
  const [low, high] = [normalized(0), normalized(255)];
  const box = { input: classifier.input, channelAxis: layout === "NHWC" ? 3 : 1, low, high, pixels: pixelValues(prepared.graph, classifier.input) };
  const { rule, epsilon, gamma, alpha } = options;
  // A program of its own per what its rule reads, and no more.
  const read: Readonly<Record<typeof rule, readonly unknown[]>> = { epsilon: [], gamma: [gamma], "alpha-beta": [alpha], composite: [gamma, low, high, layout] };
  const name = ["lrp", rule, epsilon, ...read[rule]].join("|");
  return { name, rules: lrpRules({ ...options, box }), start: "score" };
}

/** Beyond this the relevance is mostly rounding and near-zero denominators; biases and alpha-beta stay well below. */
const mostTimes = 10;

/** What a score adds to the model. */
const scoreOps: Readonly<Record<Score, readonly string[]>> = { logit: [], softmax: ["Softmax"], sigmoid: ["Sigmoid"] };

/** Names the operators on the way that have no rule, and says when relevance was blown up instead of handed on. */
function remarksOn({ classifier, prepared }: MethodContext, kind: Score, relevance: number, score: number): Remark[] {
  const ops = nodesBetween(prepared.graph, [classifier.input], classifier.logits).map(({ op }) => op);
  const without = [...new Set([...ops, ...scoreOps[kind]])].filter((op) => !hasRelevanceRule(op));
  const times = Math.abs(relevance / score);
  return [
    ...(without.length === 0 ? [] : [{ code: "relevanceApproximate", data: { operators: without.join(", ") } } as const]),
    ...(times > mostTimes ? [{ code: "relevanceUnstable", data: { times: times.toPrecision(2) } } as const] : []),
  ];
}

/**
 * Bach et al., PLOS ONE 10(7), 2015. Starts from the score itself and hands it back, layer by layer, in proportion to what contributed; explaining A rather than B starts from A's score and from
 * minus B's. `epsilon` with 1e-9 is Captum's `LRP`; `composite` is Zennit's `EpsilonGammaBox`, whose epsilon is 1e-6. What biases keep is the completeness gap.
 */
export const lrp = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum", parameters,
  run: async (context, options) => {
    const { gradient, score } = await context.gradientAtInput(rulesFor(context, options));
    const data = gradient.slice();
    const sum = sumOf(data);
    const remarks = remarksOn(context, (await context.target()).score, sum, score);
    return { attribution: { shape: context.input.shape, data }, completeness: { sum, difference: score }, remarks };
  },
});

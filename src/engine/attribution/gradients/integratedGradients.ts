/** @file Integrated Gradients from one or several baselines, by a fixed rule or by as many steps as the map needs. */
import type { MethodContext } from "../context.js";
import { defineMethod, type MethodResult, type Remark } from "../method.js";
import type { ParameterTable, PlainTensor, Values } from "../parameters.js";
import { integrateAutomatically } from "./autoSteps.js";
import { baselineParameters, baselinesOf, type Baseline } from "./baselines.js";
import { baselineRemarks, interpolate, isAt, mean, scoresAt, sumOf, toPlain } from "./path.js";
import { round, type AutoResult } from "./pathNodes.js";
import { integrateByPanels } from "./panelSteps.js";
import { quadrature, quadratureRules, spreadOrder } from "./quadrature.js";
import { isSmooth } from "./smoothness.js";

/** Those that are about the path, whatever it leads through. */
export const pathParameters = {
  steps: { kind: "number", default: 50, min: 1, max: 100_000, integer: true, words: ["auto"] },
  rule: { kind: "choice", default: "gauss-legendre", choices: quadratureRules },
  tolerance: { kind: "number", default: 0.01, min: 0, max: 1 },
  change: { kind: "number", default: 0.05, min: 0, max: 1 },
  "max-steps": { kind: "number", default: 200, min: 8, max: 100_000, integer: true },
} as const satisfies ParameterTable;

const { steps, rule, ...automaticParameters } = pathParameters;
const parameters = { steps, rule, ...baselineParameters, ...automaticParameters } as const satisfies ParameterTable;

type Options = Values<typeof parameters>;
export type AutomaticOptions = Pick<Options, "tolerance" | "change" | "max-steps">;

/**
 * Sundararajan et al., arXiv 1703.01365: (x - x') times the mean of dF/dx on the straight path from the baseline x' to x. Of several baselines the mean is taken.
 * `steps: "auto"` halves intervals until the completeness gap is within `tolerance` of F(x) - F(x') and the last round changed the map by at most `change`, or `max-steps` are taken;
 * `rule` is not used then. Throws `parameterInvalid`.
 */
export const integratedGradients = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum-abs", parameters,
  run: async (context, options) => {
    const baselines = baselinesOf(context, options);
    const remarks = baselineRemarks(context.x, baselines);
    const result = await (options.steps === "auto" ? automatic(context, baselines, options) : fixed(context, baselines, options.steps, options));
    const names = baselines.map(({ name }) => name).join(", ");
    return { ...result, facts: { ...result.facts, baselines: names }, remarks: remarks.length > 0 ? remarks : (result.remarks ?? []) };
  },
});

async function fixed(context: MethodContext, baselines: readonly Baseline[], steps: number, { rule }: Options): Promise<MethodResult> {
  const { x, size, input: { shape } } = context;
  const { nodes, weights } = quadrature(rule, steps);
  const order = spreadOrder(steps);
  const total = new Float64Array(size);
  let weight = 0;
  context.expect({ pass: "forward", images: baselines.length, atOnce: 1 }, { pass: "gradient", images: baselines.length * steps });
  const at = await context.atInput();
  const scores = await scoresAt(context, baselines);
  for (const { values } of baselines) {
    // So far: as if the nodes still to come had the mean of those that were.
    const partial = (): PlainTensor => toPlain(shape, total, 1 / weight);
    await context.forEachGradient(steps, (i, into) => interpolate(x, values, nodes[order[i]!]!, into), (i, { gradient }) => {
      const share = weights[order[i]!]!;
      for (let k = 0; k < size; k++) total[k]! += share * gradient[k]! * (x[k]! - values[k]!);
      weight += share;
    }, { partial });
  }
  const data = toPlain(shape, total, 1 / baselines.length);
  return { attribution: data, completeness: { sum: sumOf(total) / baselines.length, difference: at.score - mean(scores) }, facts: { steps } };
}

/** By steps where the path needs them, whatever the path leads through. */
export async function automatic(context: MethodContext, baselines: readonly Baseline[], options: AutomaticOptions): Promise<MethodResult> {
  const { x, size, input: { shape } } = context;
  const total = new Float64Array(size);
  const found: Found[] = [];
  const smooth = isSmooth(context.prepared.graph, context.classifier.input, context.classifier.logits);
  const integrate = smooth ? integrateByPanels : integrateAutomatically;
  // How many steps will do is not known. Behind kinks trained networks of real size may take all they are allowed (docs/performance.md).
  const most = smooth ? Math.min(options["max-steps"], 3 * usualSteps) : options["max-steps"];
  context.expect({ pass: "gradient", images: baselines.length * Math.min(usualSteps, most), between: [baselines.length * Math.min(fewestSteps, most), baselines.length * most], atOnce: round });
  for (const baseline of baselines) {
    if (isAt(x, baseline)) {
      found.push({ steps: 0, sum: 0, difference: 0, scale: 0, changed: 0 });
      continue;
    }
    const partial = (map: Float64Array) => toPlain(shape, map.map((value, i) => value + total[i]!), 1 / (found.length + 1));
    const { map, ...rest } = await integrate(context, baseline.values, { tolerance: options.tolerance, change: options.change, most: options["max-steps"] }, partial);
    for (let i = 0; i < size; i++) total[i]! += map[i]!;
    found.push({ ...rest, sum: sumOf(map) });
  }
  const completeness = { sum: mean(found.map(({ sum }) => sum)), difference: mean(found.map(({ difference }) => difference)) };
  const floored = found.filter(({ difference, scale }) => scale > Math.abs(difference)).map(({ scale }) => scale);
  const facts = { steps: found.reduce((sum, each) => sum + each.steps, 0), rule: smooth ? "adaptive Simpson" : "adaptive trapezoid", ...(floored.length > 0 && { "tolerance-of": Math.max(...floored) }) };
  return { attribution: toPlain(shape, total, 1 / baselines.length), completeness, facts, remarks: shortcomings(found, options) };
}

/** What most small and smooth networks take. */
const usualSteps = 24;
/** Two rounds verify a map that is nearly straight. */
const fewestSteps = 8;

type Found = Omit<AutoResult, "map"> & { readonly sum: number };

/** What is still missing where `max-steps` came first, of the baseline that misses most. */
function shortcomings(found: readonly Found[], { tolerance, change }: AutomaticOptions): Remark[] {
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
  const gapOf = ({ sum, difference, scale }: Found) => (sum === difference ? 0 : Math.abs(sum - difference) / scale);
  const widest = found.reduce((worst, each) => (gapOf(each) > gapOf(worst) ? each : worst));
  if (gapOf(widest) > tolerance) return [{ code: "toleranceNotReached", data: { gap: percent(gapOf(widest)), steps: widest.steps } }];
  const loosest = found.reduce((worst, each) => (each.changed > worst.changed ? each : worst));
  return loosest.changed > change ? [{ code: "mapNotSettled", data: { change: percent(loosest.changed), steps: loosest.steps } }] : [];
}

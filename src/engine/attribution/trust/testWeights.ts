/** @file The test of random weights: a map that survives them shows the image and the architecture, not what was learned. */
import type { Program } from "../../runtime.js";
import type { Compile } from "../context.js";
import { prepare } from "../prepare.js";
import { meanCorrelation, shown, type Environment, type RunTest } from "./environment.js";
import type { TrustComparison } from "./finding.js";
import { learnedWeights, stagesOf, withRandomWeights } from "./randomWeights.js";

/** Beyond this the copies in memory would cost more than the test tells. */
const mostBytes = 500e6;

/** Thresholds of the correlation: on 49 cells two unrelated maps stay under 0.3 in 19 of 20 cases (2 / sqrt(48)); from 0.6 on they look alike. A reversed ranking is a changed one. */
const limits = { good: 0.3, bad: 0.6 } as const;
/** From here on a map shares more than half of its ranks' variance with the one that the lower layers make alone, as Adebayo et al. found of Guided Backpropagation. */
const lowerAlone = 0.7;

/** Random weights from the output down in stages. The verdict goes by the last, where all are random, drawn twice because one draw may resemble the map by chance. */
export const testWeights: RunTest = async (environment) => {
  const { job, isCostly, again, compare, report } = environment;
  const { graph } = job.classifier;
  const weights = learnedWeights(graph);
  if (weights.layers.length === 0) return { verdict: "unknown", sentence: { code: "weightsNone", data: {} }, numbers: {} };
  if (weights.bytes > mostBytes) {
    return { verdict: "unknown", sentence: { code: "weightsTooLarge", data: { size: `${(weights.bytes / 1e9).toFixed(1)} GB` } }, numbers: { bytes: weights.bytes } };
  }
  const all = stagesOf(weights.layers.length);
  const whole = all.at(-1)!;
  const draws = isCostly ? all.slice(-2).map((stage) => ({ ...stage, seed: 3 })) : [...all.map((stage) => ({ ...stage, seed: 3 })), { name: "all 2", layers: whole.layers, seed: 4 }];
  const comparisons: TrustComparison[] = [];
  let isBroken = false;
  for (const [i, { name, layers, seed }] of draws.entries()) {
    const randomized = { ...job.classifier, graph: withRandomWeights(graph, weights, layers, job.readRange, job.settings.seed + seed) };
    const found = await withOwnPrograms(job, (compile) => again({ classifier: randomized, compile }, prepare(randomized, job.input.shape)));
    isBroken ||= !found.logits.every(Number.isFinite);
    comparisons.push(compare(name, found));
    report((i + 1) / draws.length);
  }
  if (isBroken) return { verdict: "unknown", sentence: { code: "weightsBroken", data: {} }, numbers: {}, comparisons };
  const correlation = meanCorrelation(comparisons.filter(({ name }) => name.startsWith("all"))) ?? 0;
  const half = comparisons.find(({ name }) => name === "1/2")?.correlation ?? 0;
  if (correlation < limits.good && half >= lowerAlone) {
    return { verdict: "caution", sentence: { code: "weightsUpper", data: { half: shown(half) } }, numbers: { correlation, half }, comparisons };
  }
  const [verdict, code] = correlation < limits.good ? (["good", "weightsGood"] as const) : correlation < limits.bad ? (["caution", "weightsCaution"] as const) : (["bad", "weightsBad"] as const);
  return { verdict, sentence: { code, data: { correlation: shown(correlation) } }, numbers: { correlation, half }, comparisons };
};

/** Programs of random weights serve one stage and are gone after it. */
async function withOwnPrograms<Result>({ compileOnce }: Environment["job"], work: (compile: Compile) => Promise<Result>): Promise<Result> {
  const programs = new Map<string, Program>();
  try {
    return await work(async (key, build) => {
      const program = programs.get(key) ?? await compileOnce(build());
      programs.set(key, program);
      return program;
    });
  } finally {
    for (const program of programs.values()) program.dispose();
  }
}

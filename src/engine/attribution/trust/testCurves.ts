/** @file The test of deletion and insertion. */
import { createContext } from "../context.js";
import { baselineParameters, baselinesOf } from "../gradients/baselines.js";
import { readParameters } from "../parameters.js";
import { curvesOf, placesByChance, placesByMap } from "./curves.js";
import { shown, type RunTest } from "./environment.js";

/** Below this fall of the probability from the whole image to none of it there is nothing that an order could reveal. */
const leastChange = 0.05;
/** How much better than chance an area must be, as a share of that change: about the spread of the random area itself. */
const margin = 0.05;

/** Areas against that of random orders of the same regions, which stands for deletion and insertion both. */
export const testCurves: RunTest = async ({ job, prepared, base, drawn, size, grid, spend, report }) => {
  const { settings } = job;
  const context = createContext({
    classifier: job.classifier, input: job.input, prepared, target: base.target, layers: [], pixels: job.pixels, memory: job.memory, compile: job.compile, signal: job.signal,
    report: (done, total) => report(done / Math.max(1, total)),
  });
  const fill = baselinesOf(context, readParameters("trust", baselineParameters, { baseline: settings.fill, seed: settings.seed }))[0]!.values;
  const orders = { map: placesByMap(drawn, grid, settings.seed), random: (step: number) => placesByChance(size, grid, settings.seed + step) };
  const curves = await curvesOf(context, orders, fill, settings.steps, job.activation);
  spend(context.evaluations);
  const [deletion, insertion, random] = curves.map(({ area }) => area) as [number, number, number];
  const [before, after] = [curves[0]!.values[0]!, curves[0]!.values.at(-1)!];
  const data = { deletion: shown(deletion), insertion: shown(insertion), random: shown(random), whole: shown(before), gone: shown(after) };
  const numbers = { deletion, insertion, random, before, after };
  const change = before - after;
  if (!(change >= leastChange)) return { verdict: "unknown", sentence: { code: "curvesFlat", data }, numbers, curves };
  const better = [random - deletion, insertion - random].filter((gain) => gain >= margin * change).length;
  const worse = [random - deletion, insertion - random].filter((gain) => gain <= 0).length;
  if (better === 2) return { verdict: "good", sentence: { code: "curvesGood", data }, numbers, curves };
  return worse === 2 ? { verdict: "bad", sentence: { code: "curvesBad", data }, numbers, curves } : { verdict: "caution", sentence: { code: "curvesMixed", data }, numbers, curves };
};

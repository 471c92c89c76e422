/** @file Watches a job's programs and tells what the job will take: by what is known of the runtime's speed before its first run, by the job's own run after it. */
import { availableMemory } from "node:process";
import { costOf, isWorthTelling, type Plan } from "../engine/attribution/estimate.js";
import type { ModelFamily } from "../engine/ir/flops.js";
import type { Runtime } from "../engine/runtime.js";
import type { Estimate } from "../protocol/api.js";
import type { SpeedBook } from "./speed/speedBook.js";

export interface Estimator {
  /** What will run from here on; the first plan of a job is its estimate. */
  plan(plan: Plan): void;
  /** A program is about to run. */
  before(flops: number): void;
  /** It ran. */
  after(flops: number, ms: number): void;
}

/** Another estimate is told where it is that much larger or smaller. */
const news = 1.5;

/** For one job on one runtime, of a model with so many bytes of weights. `tell` hears of long or large jobs only; again where the job's own runs say otherwise. */
export function createEstimator({ name }: Runtime, family: ModelFamily, weights: number, speeds: SpeedBook, tell: (estimate: Estimate) => void): Estimator {
  let planned: Plan | undefined;
  let [runs, told] = [0, 0];
  const say = (plan: Plan, msPerRun: number) => {
    const cost = costOf({ ...plan, bytes: plan.bytes + weights }, msPerRun);
    const free = availableMemory();
    if (!isWorthTelling(cost, free) || (told > 0 && Math.max(told / cost.ms[1], cost.ms[1] / told) < news)) return;
    told = cost.ms[1];
    tell({ ...cost, free, runtime: name });
  };
  return {
    plan: (plan) => {
      planned ??= plan;
    },
    before: (flops) => {
      if (!planned || runs > 0 || flops === 0) return;
      // Looked up once a job: it may lie on disk.
      const rate = speeds.rate(name, family);
      if (rate !== undefined) say(planned, flops / rate);
    },
    after: (flops, ms) => {
      if (!planned) return;
      // The rate is one of gradients; a first run takes its memory from the system, which the others need not.
      if (runs > 0 && planned.pass === "gradient") speeds.observe(name, family, flops, ms);
      if (runs++ < 2) say(planned, ms);
    },
  };
}

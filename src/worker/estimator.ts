/** @file Watches a job's programs and tells what the job will take: by what is known of the runtime's speed before its first run, by the job's own runs after it. */
import type { Pass } from "../engine/attribution/batching.js";
import { costOf, isWorthTelling, mostFlops, type Plan } from "../engine/attribution/estimate.js";
import type { ModelFamily } from "../engine/ir/flops.js";
import type { Runtime } from "../engine/runtime.js";
import type { Estimate } from "../protocol/api.js";
import { freeMemory } from "./memory.js";
import type { SpeedBook } from "./speed/speedBook.js";

/** One program as it is measured. */
export interface Watched {
  readonly pass: Pass;
  /** Floating-point operations of one run. */
  readonly flops: number;
  /** What compiling it took. */
  readonly ms: number;
  /** How often it ran, in this job and before. */
  runs: number;
}

export interface Estimator {
  /** What will run from here on. */
  plan(plan: Plan): void;
  /** A program is about to be used: compiled now, or known. */
  uses(program: Watched): void;
  /** It ran. */
  ran(program: Watched, ms: number): void;
}

/** Another estimate is told where it is that much larger or smaller. */
const news = 1.5;
/** Shorter runs are mostly what surrounds the arithmetic, and tell nothing of larger models. */
const tellingMs = 20;

/** A first run that is shorter is followed by another soon, which tells better. */
const longFirstMs = 1000;

/**
 * How often weights are held: as the file has them, those of convolutions once more in the order that a runtime likes, and for gradients once more turned round.
 * Measured of ONNX Runtime on ResNet-50, ViT-B/16 and BERT-base.
 */
const copies: Readonly<Record<ModelFamily, Readonly<Record<Pass, number>>>> = { convolutions: { forward: 2, gradient: 3 }, attention: { forward: 1, gradient: 1 } };

/** For one job on one runtime, of a model with so many bytes of weights. `tell` hears of long or large jobs only; again where the job's own runs say otherwise. */
export function createEstimator({ name }: Runtime, family: ModelFamily, weights: number, speeds: SpeedBook, tell: (estimate: Estimate) => void): Estimator {
  const began = performance.now();
  const free = freeMemory();
  const used = new Set<Watched>();
  const known = new Map<Pass, number | undefined>();
  /** Of runs that were no program's first, which takes its memory from the system: with all that was done between them. */
  const own = { forward: { flops: 0, ms: 0 }, gradient: { flops: 0, ms: 0 } };
  const firstRate = new Map<Pass, number>();
  let plan: Plan | undefined;
  let [plannedAt, left, since] = [began, 0, began];
  let told: Estimate | undefined;

  const rateOf = (pass: Pass): number | undefined => {
    if (own[pass].ms > 0) return own[pass].flops / own[pass].ms;
    // Looked up once a job: it may lie on disk.
    if (!known.has(pass)) known.set(pass, speeds.rate(name, family, pass));
    return known.get(pass);
  };
  /** The other pass is better than nothing, and so is a first run. */
  const bestRateOf = (pass: Pass) => {
    const other = pass === "forward" ? "gradient" : "forward";
    return rateOf(pass) ?? rateOf(other) ?? firstRate.get(pass) ?? firstRate.get(other);
  };

  const say = ({ work, recompiled = 0 }: Plan) => {
    const { ms, bytes } = costOf(work, bestRateOf);
    const beside = plannedAt - began + recompiled * [...used].reduce((sum, program) => sum + program.ms, 0);
    const cost = { ms: ms && ([ms[0] + beside, ms[1] + beside] as const), bytes: bytes + weights * Math.max(0, ...work.map(({ pass }) => copies[family][pass])) };
    if (told ? !isNews(told.ms?.[1], cost.ms?.[1]) : !isWorthTelling(cost, free)) return;
    told = { ...cost, free, runtime: name };
    tell(told);
  };

  return {
    plan: (next) => {
      // It is a part of what was planned before.
      if (plan && mostFlops(next.work) <= left) return;
      plan = next;
      left = mostFlops(next.work);
      plannedAt = since = performance.now();
      say(next);
    },
    uses: (program) => {
      used.add(program);
      if (program.runs === 0) since = performance.now();
    },
    ran: (program, ms) => {
      const { pass, flops, runs } = program;
      const whole = performance.now() - since;
      since += whole;
      left -= flops;
      program.runs++;
      if (flops === 0) return;
      if (runs === 0) {
        if (ms >= longFirstMs) firstRate.set(pass, flops / ms);
      } else {
        own[pass].flops += flops;
        own[pass].ms += Math.max(ms, whole);
        if (ms >= tellingMs) speeds.observe(name, family, pass, flops, ms);
      }
      if (plan) say(plan);
    },
  };
}

function isNews(told: number | undefined, most: number | undefined): boolean {
  if (told === undefined || most === undefined) return most !== undefined;
  return Math.max(told / most, most / told) >= news;
}

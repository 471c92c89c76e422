/** @file How long a job will take and what it will hold, told before people have waited for it. */
import { flopsOf } from "../ir/flops.js";
import type { Graph } from "../ir/graph.js";
import { peakBytes, type Pass } from "./batching.js";
import type { Compile } from "./context.js";

/** Images that go through one kind of program. */
export interface Work {
  readonly pass: Pass;
  /** The fewest and the most, where the method finds out itself when it is done. */
  readonly images: readonly [fewest: number, most: number];
  /** Images in one run. */
  readonly atOnce: number;
  /** Floating-point operations for one image. */
  readonly flops: number;
  /** What one run holds beside the weights, in bytes. */
  readonly bytes: number;
}

/** What is about to run. */
export interface Plan {
  readonly work: readonly Work[];
  /** How often the programs of this job are compiled anew for it, as for other weights. */
  readonly recompiled?: number;
}

/** How often each product of a model is made for an image: a gradient makes it once more on the way back. */
const products: Readonly<Record<Pass, number>> = { forward: 1, gradient: 2 };

/** What `images` cost that go through `graph`, which is specialised to one of them. `bytes` is what a run holds, by estimate where it is left out. */
export function workOf(graph: Graph, pass: Pass, images: readonly [fewest: number, most: number], atOnce = 1, bytes = peakBytes(graph, pass, atOnce)): Work {
  return { pass, images, atOnce, flops: products[pass] * flopsOf(graph), bytes };
}

/** The same programs, with what they say they are about to run seen as part of something larger. */
export function planning(compile: Compile, whole: (plan: Plan) => Plan): Compile {
  return Object.assign((...asked: Parameters<Compile>) => compile(...asked), { ...compile, plan: (plan: Plan) => compile.plan?.(whole(plan)) });
}

/** Milliseconds, where anything is known of the speed, and bytes at the peak. */
export interface PlannedCost {
  readonly ms: readonly [least: number, most: number] | undefined;
  readonly bytes: number;
}

/** What work costs at so many floating-point operations per millisecond. Programs have a fixed size, so the last run takes as long as the others. */
export function costOf(work: readonly Work[], rateOf: (pass: Pass) => number | undefined): PlannedCost {
  const time = (end: 0 | 1) => work.reduce((sum, { pass, images, atOnce, flops }) => sum + (Math.ceil(images[end] / atOnce) * atOnce * flops) / (rateOf(pass) ?? Number.NaN), 0);
  const [least, most] = [time(0), time(1)];
  return { ms: Number.isNaN(most) ? undefined : [least, most], bytes: Math.max(0, ...work.map(({ bytes }) => bytes)) };
}

/** The most arithmetic that work may be. */
export function mostFlops(work: readonly Work[]): number {
  return work.reduce((sum, { images: [, most], flops }) => sum + most * flops, 0);
}

/** A job that takes longer is announced. */
const longMs = 10_000;
/** So is one that takes a larger share of the free memory. */
const largeShare = 0.5;

/** Whether people should hear of it before they wait: it may take over ten seconds, or half of the memory that is free. */
export function isWorthTelling({ ms, bytes }: PlannedCost, free: number): boolean {
  return (ms !== undefined && ms[1] > longMs) || bytes > largeShare * free;
}

/** @file Measures competitors in turns, so that whatever else the machine does meets all of them alike. */
import { setTimeout as sleep } from "node:timers/promises";

/** Both sides of every warm case compute on so many. */
export const threads = 2;

export const megabyte = 2 ** 20;

/** One run: how long it took and, where a process of its own was watched, the most memory it held in bytes. */
export interface Sample {
  readonly ms: number;
  readonly peak?: number | undefined;
}

/** One competitor. A run does the whole work once. */
export type Side = () => Promise<Sample>;

/** The middle and the ends of some runs. */
export interface Stats {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Threads of both sides look for more work for some milliseconds after a run, and would take the other's processors: PyTorch's gradient of a ResNet-50 took 113 ms right after ONNX Runtime's and 69 by itself. */
const settleMs = 200;

/** A B A B ...: `warmUps` rounds that do not count, then `runs` that do. Returns one list of samples per side. */
export async function interleave(sides: readonly Side[], { warmUps, runs }: { readonly warmUps: number; readonly runs: number }): Promise<Sample[][]> {
  const samples = sides.map((): Sample[] => []);
  for (let round = -warmUps; round < runs; round++) {
    for (const [i, side] of sides.entries()) {
      await sleep(settleMs);
      const sample = await side();
      if (round >= 0) samples[i]!.push(sample);
    }
  }
  return samples;
}

/** Times work done in this process. */
export function timed(work: () => Promise<unknown>): Side {
  return async () => {
    const start = performance.now();
    await work();
    return { ms: performance.now() - start };
  };
}

/** Throws on an empty list: a case that measured nothing has no result. */
export function statsOf(values: readonly number[]): Stats {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new Error("nothing was measured");
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Throws when `|a - b| / |b|` (Euclidean lengths) is above `tolerance`: two sides that compute different things are not worth timing. */
export function checkEqual(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  let [difference, scale] = [actual.length === expected.length ? 0 : Infinity, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    scale += expected[i]! ** 2;
  }
  const distance = Math.sqrt(difference / scale);
  // Not `>`: nothing compares with a NaN.
  if (!(distance <= tolerance)) throw new Error(`${what}: this project and its peer differ by ${distance.toExponential(1)}, more than ${tolerance}`);
}

/** Class activation maps and logits: rounding. */
export const exact = 1e-3;

/**
 * Input gradients: the gradient of a ReLU network jumps where a unit is on the edge of being active, and rounding decides on which side some of millions of units are.
 * PyTorch's own float32 and float64 differ by up to 7e-3 here.
 */
export const upToEdges = 2e-2;

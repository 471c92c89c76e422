/** @file How long a job will take and what it will hold, told before people have waited for it. */

/** What a method is about to run. */
export interface Plan {
  readonly pass: "forward" | "gradient";
  /** Images from here on: the fewest and the most, where the method finds out itself when it is done. */
  readonly images: readonly [fewest: number, most: number];
  /** Images in one run. */
  readonly atOnce: number;
  /** What one run holds beside the weights, in bytes. */
  readonly bytes: number;
}

/** Milliseconds, and bytes at the peak. */
export interface PlannedCost {
  readonly ms: readonly [least: number, most: number];
  readonly bytes: number;
}

/** What a plan costs when one run takes so many milliseconds. */
export function costOf({ images, atOnce, bytes }: Plan, msPerRun: number): PlannedCost {
  const time = (count: number) => Math.ceil(count / atOnce) * msPerRun;
  return { ms: [time(images[0]), time(images[1])], bytes };
}

/** A job that takes longer is announced. */
const longMs = 10_000;
/** So is one that takes a larger share of the free memory. */
const largeShare = 0.5;

/** Whether people should hear of it before they wait: it may take over ten seconds, or half of the memory that is free. */
export function isWorthTelling({ ms, bytes }: PlannedCost, free: number): boolean {
  return ms[1] > longMs || bytes > largeShare * free;
}

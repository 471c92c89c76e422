/** @file One case on both sides: results held against each other, then timed in turns. */
import { checkEqual, interleave, statsOf, timed, type Side, type Stats } from "./measure.js";
import type { Peer } from "./peer.js";
import type { Row } from "./table.js";

/** A peer's case, what to call it, and the largest ratio to it that is good enough. */
export interface Rival {
  readonly run: string;
  readonly name: string;
  readonly target?: number;
}

/** What this project computes, and against whom. */
export interface Case {
  readonly name: string;
  readonly compute: () => Promise<Float32Array>;
  readonly tolerance: number;
  readonly rivals: readonly Rival[];
}

/** Rounds that do not count, and rounds that do. */
export interface Rounds {
  readonly warmUps: number;
  readonly runs: number;
}

/** Cases of many images take seconds: the run that is compared warms them up, and three tell enough. */
export const fewRounds = (runs: number): Rounds => ({ warmUps: 0, runs: Math.min(runs, 3) });

/** A row per rival. Throws when results differ by more than the tolerance: two sides that compute different things are not worth timing. */
export async function compare({ name, compute, tolerance, rivals }: Case, peer: Peer | undefined, rounds: Rounds): Promise<Row[]> {
  const found = await compute();
  const theirs: Side[] = [];
  if (peer) for (const { run, name: rival } of rivals) {
    // Where this side answers for the first image only, so does its peer.
    checkEqual(`${name}, ${rival}`, found, (await peer.result(run)).subarray(0, found.length), tolerance);
    theirs.push(() => peer.run(run));
  }
  const [ours, ...others] = await statsOfSides([timed(compute), ...theirs], rounds);
  return rivals.map((rival, i) => ({ name, unit: "ms", ours: ours!, peer: rival.name, theirs: others[i], target: rival.target }));
}

/** The times of some sides that take turns. */
export async function statsOfSides(sides: readonly Side[], rounds: Rounds): Promise<Stats[]> {
  return (await interleave(sides, rounds)).map((samples) => statsOf(samples.map(({ ms }) => ms)));
}

/** @file Keeps V8's heap small in long jobs. Left alone it waits until it is much larger, and never gives back what that took. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Collects. Takes some 20 ms: for the seams between the stages of a long job, not for loops. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}

/** Young objects get no more room than they have now: it would grow to tens of megabytes while thousands of images stream. What dies young is then found sooner, in as much time. */
export function keepYoungSpace(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

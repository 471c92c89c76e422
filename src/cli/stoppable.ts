/** @file Commands that take long: Ctrl-C stops them after what can be kept, and a second one at once. */
import { toWhylightError } from "../engine/errors.js";
import { describeFailure, exitCodeOf, type Terminal } from "./terminal.js";

/** The exit code that a shell takes for "stopped by Ctrl-C"; a no is one too. */
export const interrupted = 130;

/** Runs a command that these signals stop, and returns its exit code. What stopped or failed is told on standard error; `stopped` says what was kept. */
export async function runStoppable({ err, translate }: Terminal, signals: readonly NodeJS.Signals[], stopped: () => string, run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const onStop = () => stop.abort();
  for (const name of signals) process.once(name, onStop);
  try {
    return await run(stop.signal);
  } catch (thrown) {
    if (toWhylightError(thrown).code === "cancelled") {
      err(stopped());
      return interrupted;
    }
    const failure = describeFailure(thrown, translate);
    err(`${failure.text} ${failure.next}`);
    return exitCodeOf([failure]);
  } finally {
    for (const name of signals) process.off(name, onStop);
  }
}

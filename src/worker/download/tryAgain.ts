/** @file Tries something again while it fails for reasons that pass, and gives up when cancelled. */
import { setTimeout as sleep } from "node:timers/promises";
import { throwIfCancelled, type CancelSignal } from "../../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { PassingFailure } from "./hubRequest.js";

export interface TryOptions {
  /** What is downloaded, for the sentence. */
  readonly name: string;
  readonly signal: CancelSignal | undefined;
  /** How often in a row nothing may come of it. */
  readonly tries?: number;
  /** The first pause; each next one is twice as long. */
  readonly pauseMs?: number;
}

/**
 * Runs `attempt` until it succeeds. It says by `hasMoved` that it got somewhere, after which it may fail as often again: a long download over a bad line ends all the same.
 * Throws `cancelled`, `hubFailed`, and at once whatever else it throws.
 */
export async function tryAgain<Result>({ name, signal, tries = 4, pauseMs = 1000 }: TryOptions, attempt: (signal: AbortSignal, hasMoved: () => void) => Promise<Result>): Promise<Result> {
  for (let failures = 0; ;) {
    throwIfCancelled(signal);
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await attempt(stop.signal, () => (failures = 0));
    } catch (thrown) {
      throwIfCancelled(signal);
      if (!(thrown instanceof PassingFailure)) throw toWhylightError(thrown);
      if (++failures >= tries) throw new WhylightError("hubFailed", { name, reason: thrown.message }, { cause: thrown });
      await sleep(thrown.waitMs ?? pauseMs * 2 ** (failures - 1), undefined, { signal: stop.signal }).catch(() => {});
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

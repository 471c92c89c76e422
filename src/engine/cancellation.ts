/** @file What the engine knows of cancelling: a flag to look at between steps. Node's and the browser's `AbortSignal` fit it. */
import { WhylightError } from "./errors.js";

/** The part of `AbortSignal` used here, declared anew because these rooms are compiled with neither Node's nor the browser's types. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Throws `cancelled` once the signal is set. */
export function throwIfCancelled(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw new WhylightError("cancelled");
}

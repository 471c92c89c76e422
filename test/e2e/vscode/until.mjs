/** @file Waiting for states rather than for time. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Calls `probe` until it returns something other than `undefined`, `null` or `false`, and returns that.
 * An error thrown by `probe` counts as "not yet"; when `timeout` milliseconds have passed, its message is told.
 *
 * @template T
 * @param {string} what the state that is waited for, as it reads after "waiting for"
 * @param {() => Promise<T | undefined | null | false> | T | undefined | null | false} probe
 * @param {{ timeout?: number, interval?: number }} [options]
 * @returns {Promise<T>}
 */
export async function until(what, probe, { timeout = 30_000, interval = 100 } = {}) {
  const deadline = Date.now() + timeout;
  let lastError;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) break;
    await sleep(interval);
  }
  const reason = lastError ? ` (${lastError.message})` : "";
  throw new Error(`Gave up after ${timeout} ms waiting for ${what}${reason}.`, {
    cause: lastError,
  });
}

/** @file What cannot be had is left out, where its absence is nothing wrong. */
import { WhylightError } from "../engine/errors.js";

/** What `read` returns; `undefined` where it fails with a `WhylightError`. Anything else thrown is a fault of ours and goes on. */
export function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof WhylightError) return undefined;
    throw thrown;
  }
}

/** What `read` returns; `undefined` where it fails for whatever reason, as reading disks does. */
export function orNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

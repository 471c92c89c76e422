/** @file Writing to disks, with one clear error for whatever they refuse. */
import { mkdirSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { WhylightError } from "../engine/errors.js";

/** The error for what a disk refused. */
export function unwritable(path: string, thrown: unknown): WhylightError {
  return new WhylightError("outputUnwritable", { path, reason: thrown instanceof Error ? thrown.message : String(thrown) }, { cause: thrown });
}

/** Throws `outputUnwritable` where `action` fails. */
export function orUnwritable<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (thrown) {
    throw unwritable(path, thrown);
  }
}

/** Writes all bytes, however few the system takes at once. */
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
}

/** Writes a file whole or not at all, in a folder that is made where it is missing: two windows may write it at once, and a process may be killed meanwhile. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

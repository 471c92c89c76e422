/** @file Writing to disks, with one clear error for whatever they refuse. */
import { mkdirSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
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

/** Writes a file whole or not at all: two windows may write it at once, and a process may be killed meanwhile. Throws what the file system throws. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw thrown;
  }
}

/** The same in a folder that is made where it is missing. */
export function keepFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, content);
}

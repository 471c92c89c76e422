/** @file Files as the engine wants them: byte sources that check every read, and the ranges in which weights stay on disk. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { WhylightError, type ErrorCode } from "../engine/errors.js";
import type { ByteSource } from "../engine/importers/byteSource.js";
import type { ReadRange } from "../engine/runtime.js";

/** A byte source over an open file. */
export interface OpenFile extends ByteSource {
  close(): void;
}

/** What tells two states of a file apart. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

/** The state of a file now; throws `missing` with its `path` when there is no such file. */
export function stampOf(path: string, missing: ErrorCode): FileStamp {
  const stat = unlessMissing(path, missing, () => statSync(path));
  if (!stat.isFile()) throw new WhylightError(missing, { path });
  return { size: stat.size, mtimeMs: stat.mtimeMs };
}

/**
 * Opens a file for reading in place. Throws `missing` when it is not there, or is no file: opening a pipe would wait for ever. A read past the end throws `modelCorrupt`.
 * The caller closes it.
 */
export function openByteSource(path: string, missing: ErrorCode = "modelNotFound"): OpenFile {
  stampOf(path, missing);
  const descriptor = unlessMissing(path, missing, () => openSync(path, "r"));
  const { size } = fstatSync(descriptor);
  return {
    path, size,
    read: (offset, length) => readAt(descriptor, path, offset, length),
    close: () => closeSync(descriptor),
  };
}

/** Reads weights out of the files that hold them. Files stay open, so that one deleted meanwhile is still whole, until `close`. */
export function openRanges(): { readonly readRange: ReadRange; close(): void } {
  const files = new Map<string, OpenFile>();
  return {
    readRange: ({ file, offset, length }) => {
      const open = files.get(file) ?? openByteSource(file);
      files.set(file, open);
      return open.read(offset, length);
    },
    close: () => {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}

function readAt(descriptor: number, path: string, offset: number, length: number): Uint8Array {
  // A length out of a hostile file must not become an allocation before it is checked.
  const { size } = fstatSync(descriptor);
  if (offset < 0 || length < 0 || offset + length > size) throw new WhylightError("modelCorrupt", { path, reason: "it ends before the data it promises" });
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(descriptor, bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (count === 0) throw new WhylightError("modelCorrupt", { path, reason: "it became shorter while it was read" });
    done += count;
  }
  return bytes;
}

function unlessMissing<Result>(path: string, missing: ErrorCode, action: () => Result): Result {
  try {
    return action();
  } catch (thrown) {
    throw new WhylightError(missing, { path }, { cause: thrown });
  }
}

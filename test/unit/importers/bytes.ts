/** @file Files that are only bytes in memory. */
import { WhylightError } from "../../../src/engine/errors.js";
import type { ByteSource } from "../../../src/engine/importers/byteSource.js";

/** A source over bytes, which refuses to read past their end, as one over a file does. */
export function inMemory(bytes: Uint8Array, path = "memory"): ByteSource {
  return {
    path,
    size: bytes.length,
    read: (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new WhylightError("modelCorrupt", { path, reason: "it ends before the data it promises" });
      return bytes.slice(offset, offset + length);
    },
  };
}

/** @file Files for importers in tests, read whole. */
import { readFileSync } from "node:fs";
import type { ByteSource } from "../../src/engine/importers/byteSource.js";
import type { ReadRange } from "../../src/engine/runtime.js";

/** A file as importers and runtimes read it. */
export function openFile(path: string): ByteSource & { readonly readRange: ReadRange } {
  const bytes = new Uint8Array(readFileSync(path));
  return { path, size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length), readRange: ({ offset, length }) => bytes.subarray(offset, offset + length) };
}

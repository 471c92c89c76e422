/** @file The hash of what a file holds. */
import { createHash } from "node:crypto";
import { openByteSource } from "./files.js";

/** Read in pieces, since models are large. */
const piece = 16 << 20;

/** SHA-256 of a file in hexadecimal digits. Throws `modelNotFound` when it is not there. */
export function contentHash(file: string): string {
  const source = openByteSource(file);
  const hash = createHash("sha256");
  try {
    for (let at = 0; at < source.size; at += piece) hash.update(source.read(at, Math.min(piece, source.size - at)));
  } finally {
    source.close();
  }
  return hash.digest("hex");
}


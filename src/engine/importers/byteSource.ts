/** @file Bytes an importer reads at random: a file that stays where it is, or what was unpacked out of one. */
import { WhylightError } from "../errors.js";

/** A file, read range by range so that weights need not be copied. */
export interface ByteSource {
  /** What file ranges name, and messages show. */
  readonly path: string;
  readonly size: number;
  /** The bytes of a range. Throws `modelCorrupt` past the end of the file. */
  read(offset: number, length: number): Uint8Array;
}

/** The name of a file without its folders, as messages and commands show it. */
export function fileNameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Bytes in memory as a source; what is read shares their memory. */
export function bytesSource(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    size: bytes.length,
    read: (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new WhylightError("modelCorrupt", { path, reason: "it ends before the data it promises" });
      return bytes.subarray(offset, offset + length);
    },
  };
}

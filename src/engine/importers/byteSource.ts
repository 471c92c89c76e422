/** @file Bytes an importer reads at random: a file that stays where it is. */

/** A file, read range by range so that weights need not be copied. */
export interface ByteSource {
  /** What file ranges name, and messages show. */
  readonly path: string;
  readonly size: number;
  /** The bytes of a range. Throws `modelCorrupt` past the end of the file. */
  read(offset: number, length: number): Uint8Array;
}

/** @file The files a model consists of, as importers see them: byte sources inside one folder, and nothing outside it. */
import type { ByteSource } from "./byteSource.js";

/** A model's own file and its folder. */
export interface ModelFiles {
  /** The file that was chosen or found. */
  readonly main: ByteSource;
  /** Whether a file of the folder exists; `name` may go into subfolders, with "/". */
  has(name: string): boolean;
  /** A file of the folder. Throws `modelNotFound`, or `modelUnsafe` for a name that leads out of the folder. */
  open(name: string): ByteSource;
  /** The text of a small file (UTF-8); `undefined` where there is none. Throws `modelUnsafe` as `open`, `modelCorrupt` above 64 MB. */
  text(name: string): string | undefined;
}

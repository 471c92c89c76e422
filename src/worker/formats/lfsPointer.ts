/** @file Pointers of Git LFS: what lies in a clone in the place of a large file that was not fetched. */
import type { ByteSource } from "../../engine/importers/byteSource.js";

const beginning = "version https://git-lfs.github.com/";
const longest = 1024;

/** Whether a file is such a pointer. */
export function isLfsPointer({ size, read }: ByteSource): boolean {
  return size < longest && Buffer.from(read(0, Math.min(beginning.length, size))).toString("latin1") === beginning;
}

/** @file Pointers of Git LFS: what lies in a clone in the place of a large file that was not fetched. */
import type { ByteSource } from "../../engine/importers/byteSource.js";

const beginning = "version https://git-lfs.github.com/";
const longest = 1024;

/** What to say of a pointer. */
export const pointerReason = "it is a Git LFS pointer, and what it points to was not fetched (git lfs pull fetches it)";

/** Whether a file is such a pointer. */
export function isLfsPointer({ size, read }: ByteSource): boolean {
  return size < longest && Buffer.from(read(0, Math.min(beginning.length, size))).toString("latin1") === beginning;
}

/** @file Room on disks, asked for before anything large is written. */
import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { WhylightError } from "../engine/errors.js";
import { bytesText } from "../protocol/bytesText.js";

/** Bytes that are free where a folder lies or would lie. */
export function freeBytes(folder: string): number {
  const above = dirname(folder);
  if (!existsSync(folder) && above !== folder) return freeBytes(above);
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Throws `outputUnwritable` when a disk has too little room. */
export function checkRoom(folder: string, needed: number, free = freeBytes(folder)): void {
  if (free < needed) throw new WhylightError("outputUnwritable", { path: folder, reason: `about ${bytesText(needed)} is needed, and ${bytesText(free)} is free` });
}

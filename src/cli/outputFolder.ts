/** @file Files of one run in the output folder: names that never collide, and one clear error when writing fails. */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { orUnwritable } from "../worker/writing.js";

/** One stem per input: its file name without extension, numbered from the second of the same name on. Case does not tell names apart, since some file systems do not. */
export function stemsOf(inputs: readonly string[]): string[] {
  const taken = new Set<string>();
  return inputs.map((input) => {
    const plain = basename(input).replace(/(?<=.)\.[^.]+$/, "");
    let stem = plain;
    for (let count = 2; taken.has(stem.toLowerCase()); count++) stem = `${plain}-${count}`;
    taken.add(stem.toLowerCase());
    return stem;
  });
}

/** Makes the folder where it is not there. Throws `outputUnwritable`. */
export function makeFolder(folder: string): void {
  orUnwritable(folder, () => mkdirSync(folder, { recursive: true }));
}

/** Writes one file. Throws `outputUnwritable`. */
export function writeOutput(folder: string, name: string, content: Uint8Array | string): void {
  const path = join(folder, name);
  orUnwritable(path, () => writeFileSync(path, content));
}

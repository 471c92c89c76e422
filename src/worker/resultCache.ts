/** @file Explanations kept on disk by the content they were made from, so that a restart or a renamed file finds them again. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { Explanation } from "../protocol/api.js";
import { contentHash } from "./contentHash.js";
import { stampOf } from "./files.js";
import { orNothing } from "./quietly.js";
import { version } from "./version.js";
import { keepFile } from "./writing.js";

export interface ResultCache {
  /** Names a result by what it depends on: texts, numbers, and arrays by their content. */
  keyOf(parts: unknown): string;
  /** The hash of a file's content; worked out once per path, size and time. Throws `modelNotFound`. */
  hashOf(file: string): string;
  /** The stored result; `undefined` where there is none, or none that can be read. */
  get(key: string): Explanation | undefined;
  /** Stores a result. A disk that is full or read-only only means that nothing is stored. */
  put(key: string, explanation: Explanation): void;
}

/** Bumped with the layout of what is stored; the version of the product is part of every key as well. */
const layout = 1;
const suffix = ".result";

/** A cache in a folder of its own, which forgets the results used longest ago beyond `limitBytes`. */
export function createResultCache(folder: string, limitBytes: number): ResultCache {
  const hashFile = join(folder, "hashes.json");
  let hashes: Record<string, string> | undefined;
  const pathOf = (key: string) => join(folder, key + suffix);

  const hashOf = (file: string) => {
    const { size, mtimeMs } = stampOf(file, "modelNotFound");
    const stamp = `${file}\n${size}\n${mtimeMs}`;
    hashes ??= orNothing(() => JSON.parse(readFileSync(hashFile, "utf8")) as Record<string, string>) ?? {};
    const known = hashes[stamp];
    if (known !== undefined) return known;
    // Stamps of a file that has changed since are of no more use.
    hashes = { ...Object.fromEntries(Object.entries(hashes).filter(([other]) => !other.startsWith(`${file}\n`))), [stamp]: contentHash(file) };
    orNothing(() => keepFile(hashFile, JSON.stringify(hashes)));
    return hashes[stamp]!;
  };

  return {
    hashOf,
    keyOf: (parts) => createHash("sha256").update(JSON.stringify([layout, version, parts], withArrays)).digest("hex").slice(0, 40),
    // What is only kept for speed must never be what fails.
    get: (key) => orNothing(() => {
      const stored = deserialize(readFileSync(pathOf(key))) as Explanation;
      const now = new Date();
      utimesSync(pathOf(key), now, now);
      return stored;
    }),
    put: (key, explanation) => orNothing(() => {
      keepFile(pathOf(key), serialize(explanation));
      forget(folder, limitBytes);
    }),
  };
}

/** Arrays stand in a key by their content. */
function withArrays(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? createHash("sha256").update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)).digest("hex") : value;
}

function forget(folder: string, limitBytes: number): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(suffix)).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return { name, size, mtimeMs };
  }).toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  let total = 0;
  for (const { name, size } of files) {
    total += size;
    if (total > limitBytes) rmSync(join(folder, name), { force: true });
  }
}

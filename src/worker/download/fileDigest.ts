/** @file The checksums that hubs state of files. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { HubFile } from "../../protocol/download.js";

/** A digest that the bytes of a file go into; `undefined` where the hub states none. */
export function digestOf({ sha256, gitSha1, bytes }: HubFile): { readonly hash: Hash; readonly expected: string } | undefined {
  if (sha256 !== undefined) return { hash: createHash("sha256"), expected: sha256 };
  // Git hashes a header before the content.
  return gitSha1 === undefined ? undefined : { hash: createHash("sha1").update(`blob ${bytes}\0`), expected: gitSha1 };
}

/** Feeds a file into a hash without taking it into memory. */
export async function hashFile(path: string, hash: Hash): Promise<void> {
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) hash.update(chunk);
  });
}

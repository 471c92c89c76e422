/** @file Loads one file of a repository: into a part beside its place, from where it was left, and into place only when its checksum is right. */
import { mkdirSync, openSync, closeSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CancelSignal } from "../../engine/cancellation.js";
import { WhylightError } from "../../engine/errors.js";
import type { DownloadRequest, HubFile } from "../../protocol/download.js";
import { orUnwritable, writeWhole } from "../writing.js";
import { digestOf, hashFile } from "./fileDigest.js";
import { PassingFailure, reasonOf, requestHub } from "./hubRequest.js";
import { tryAgain, type TryOptions } from "./tryAgain.js";

/** What a file is called while it is loaded. */
export const partEnding = ".part";
/** A line that brings nothing for so long is given up and tried again. */
const silenceMs = 30_000;

export interface FileOptions extends Partial<TryOptions> {
  readonly signal: CancelSignal | undefined;
  readonly silenceMs?: number;
  /** Told the bytes that are there, whenever there are more. */
  onBytes(done: number): void;
}

/** Whether a file is there already, whole and as the hub states it. */
export async function isComplete(path: string, file: HubFile): Promise<boolean> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size !== file.bytes) return false;
  const digest = digestOf(file);
  if (digest === undefined) return true;
  await hashFile(path, digest.hash);
  return digest.hash.digest("hex") === digest.expected;
}

/** Loads a file to its place. Throws `hubFailed`, `downloadMismatch`, `outputUnwritable`, `cancelled`; what is loaded so far stays in the part. */
export async function downloadFile(request: DownloadRequest, file: HubFile, options: FileOptions): Promise<void> {
  const { name, endpoint, commit, folder } = request;
  const path = join(folder, ...file.path.split("/"));
  const part = `${path}${partEnding}`;
  orUnwritable(path, () => mkdirSync(dirname(path), { recursive: true }));
  const address = `${name}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
  await tryAgain({ name, ...options }, async (stop, hasMoved) => {
    const have = Math.min(statSync(part, { throwIfNoEntry: false })?.size ?? 0, file.bytes);
    if (have === file.bytes && have > 0) return;
    const response = await requestHub(request, address, stop, have > 0 ? { Range: `bytes=${have}-` } : {});
    // A server that knows no ranges sends everything again.
    const from = response.status === 206 ? have : 0;
    await receive(response, part, { ...options, from, file, hasMoved, name });
  });
  const digest = digestOf(file);
  if (digest) {
    await hashFile(part, digest.hash);
    if (digest.hash.digest("hex") !== digest.expected) {
      rmSync(part, { force: true });
      throw new WhylightError("downloadMismatch", { file: file.path, name, endpoint });
    }
  }
  orUnwritable(path, () => renameSync(part, path));
}

interface Receiving extends FileOptions {
  readonly from: number;
  readonly file: HubFile;
  readonly name: string;
  hasMoved(): void;
}

async function receive(response: Response, part: string, { from, file, name, hasMoved, onBytes, silenceMs: silence = silenceMs }: Receiving): Promise<void> {
  const descriptor = orUnwritable(part, () => openSync(part, from > 0 ? "a" : "w"));
  const reader = response.body?.getReader();
  let done = from;
  try {
    while (reader) {
      const { value, done: isEnd } = await within(silence, reader.read());
      if (isEnd) break;
      if (done + value.length > file.bytes) throw new WhylightError("hubFailed", { name, reason: `${file.path} is longer than the hub says` });
      orUnwritable(part, () => writeWhole(descriptor, value));
      done += value.length;
      hasMoved();
      onBytes(done);
    }
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    throw new PassingFailure(reasonOf(thrown));
  } finally {
    closeSync(descriptor);
    reader?.cancel().catch(() => {});
  }
  if (done < file.bytes) throw new PassingFailure(`the connection ended after ${done} of ${file.bytes} bytes of ${file.path}`);
}

/** The result, unless it takes longer than that. */
async function within<Result>(ms: number, result: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new PassingFailure(`nothing came for ${Math.round(ms / 1000)} s`)), ms)));
  try {
    return await Promise.race([result, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** @file Loads a model from a hub into a folder: what is there stays, what was begun goes on. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { throwIfCancelled } from "../../engine/cancellation.js";
import { WhylightError } from "../../engine/errors.js";
import type { DownloadRequest } from "../../protocol/download.js";
import { checkRoom } from "../diskRoom.js";
import { modelFileOf } from "../formats/modelFolder.js";
import type { JobContext } from "../jobs.js";
import { orUnwritable } from "../writing.js";
import { downloadFile, isComplete, partEnding, type FileOptions } from "./downloadFile.js";
import { isSafePath } from "./neededFiles.js";

/** Says from which commit the parts in a folder are, so that those of another are not gone on with. */
const markName = ".whylight-download.json";
const tellEveryMs = 200;

/** Loads what is missing. Throws `hubFailed`, `downloadMismatch`, `outputUnwritable`, `cancelled`. */
export async function downloadModel(request: DownloadRequest, { signal, onDownload }: JobContext, options: Partial<FileOptions> = {}): Promise<{ readonly model: string; readonly bytes: number }> {
  const { name, commit, files } = request;
  const folder = resolve(request.folder);
  const unsafe = files.find(({ path }) => !isSafePath(path));
  if (unsafe || !/^[\w.-]+$/.test(commit)) throw new WhylightError("hubFailed", { name, reason: `the hub names the file ${JSON.stringify(unsafe?.path ?? commit)}, which is no place in a folder` });
  orUnwritable(folder, () => mkdirSync(folder, { recursive: true }));
  forgetOtherParts(folder, { name, commit });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  // Said before an hour of loading, not after.
  checkRoom(folder, total);
  let before = 0;
  let toldAt = -Infinity;
  const tell = (file: string, done: number, isDue = performance.now() - toldAt >= tellEveryMs) => {
    if (!isDue) return;
    toldAt = performance.now();
    onDownload?.({ file, done, total });
  };
  for (const file of files) {
    throwIfCancelled(signal);
    tell(file.path, before, true);
    if (!(await isComplete(join(folder, ...file.path.split("/")), file))) {
      await downloadFile({ ...request, folder }, file, { ...options, signal, onBytes: (done) => tell(file.path, before + done) });
    }
    before += file.bytes;
  }
  tell("", total, true);
  rmSync(join(folder, markName), { force: true });
  return { model: modelFileOf(folder), bytes: total };
}

function forgetOtherParts(folder: string, mark: { readonly name: string; readonly commit: string }): void {
  const path = join(folder, markName);
  const text = JSON.stringify(mark);
  let stored: string | undefined;
  try {
    stored = readFileSync(path, "utf8");
  } catch {
    // Nothing was begun here.
  }
  if (stored === text) return;
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  if (stored !== undefined) for (const entry of entries) if (entry.endsWith(partEnding)) rmSync(join(folder, entry), { force: true });
  orUnwritable(path, () => writeFileSync(path, text));
}

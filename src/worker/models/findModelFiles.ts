/** @file The files below a folder that may be models, by their names. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { isModelName, skippedFolders } from "../../protocol/modelNames.js";

/** Enough for a folder of models; a whole disk is none. */
const mostFiles = 5000;
const deepest = 12;

/** The candidates, in no order. Folders of packages and links to folders are passed over. Throws `modelNotFound` where there is no such folder. */
export function findModelFiles(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new WhylightError("modelNotFound", { path: folder });
  const found: string[] = [];
  const open: { readonly path: string; readonly depth: number }[] = [{ path: folder, depth: 0 }];
  for (let next = open.shift(); next !== undefined && found.length < mostFiles; next = open.shift()) {
    for (const entry of entriesOf(next.path)) {
      const path = join(next.path, entry.name);
      if (entry.isDirectory()) {
        if (next.depth < deepest && !(skippedFolders as readonly string[]).includes(entry.name)) open.push({ path, depth: next.depth + 1 });
      } else if (isModelName(entry.name)) found.push(path);
    }
  }
  return found.slice(0, mostFiles);
}

/** A folder that may not be read has no models to show. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

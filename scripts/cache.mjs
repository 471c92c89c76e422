/** @file A cache folder outside the repository, whose entries are either whole or absent. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export const cacheFolder =
  process.env.WHYLIGHT_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "whylight");

/** Written last inside an entry, so that its presence means that every step before it succeeded. */
const stamp = ".ready";

/**
 * Returns the folder of the cache entry `name`, first filled by `fill(folder)` when the entry is absent.
 * The filling happens in a sibling that is renamed at the end: a killed process leaves nothing that looks whole.
 *
 * @param {string} name
 * @param {(folder: string) => Promise<void>} fill
 */
export async function cached(name, fill) {
  const folder = join(cacheFolder, name);
  if (existsSync(join(folder, stamp))) return folder;

  const started = Date.now();
  console.log(`Making ${folder}`);
  await mkdir(cacheFolder, { recursive: true });
  await removeAbandoned(`${name}.building-`);
  const building = `${folder}.building-${process.pid}`;
  try {
    await mkdir(building);
    await fill(building);
    await writeFile(join(building, stamp), `${new Date().toISOString()}\n`);
    // Another process may have been faster; its entry is as good as this one.
    if (!existsSync(join(folder, stamp))) {
      await rm(folder, { recursive: true, force: true });
      await rename(building, folder);
    }
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  console.log(`  ready after ${Math.round((Date.now() - started) / 1000)} s`);
  return folder;
}

/** Removes what killed processes left half made. */
async function removeAbandoned(prefix) {
  for (const name of await readdir(cacheFolder)) {
    if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length)))) {
      await rm(join(cacheFolder, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM"; // Somebody else's process, alive all the same.
  }
}

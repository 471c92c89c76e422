/** @file Where builds of TensorFlow for Node lie: this machine's cache folder, and other folders that a set-up wrote down there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Written last into a build, so that its presence means that the build is whole. */
export const readyMark = ".ready";
const listName = "tensorflow.json";

/** The folder for what can be made again: `WHYLIGHT_CACHE`, else where the system keeps such things. */
export function cacheFolder(): string {
  const named = process.env["WHYLIGHT_CACHE"];
  if (named) return named;
  const xdg = process.env["XDG_CACHE_HOME"];
  if (xdg) return join(xdg, "whylight");
  if (process.platform === "darwin") return join(homedir(), "Library/Caches/whylight");
  const local = process.env["LOCALAPPDATA"];
  return process.platform === "win32" && local ? join(local, "whylight", "Cache") : join(homedir(), ".cache/whylight");
}

/** Where a build goes when nobody names a folder. */
export const ownBuild = (): string => join(cacheFolder(), "tensorflow");

/** The package inside a build that TensorFlow.js is loaded from. */
export const packageOf = (build: string, name = "@tensorflow/tfjs-node"): string => join(build, "node_modules", name);

/** Every whole build, the one set up last first, then those in the cache folder, newest first. */
export function finishedBuilds(): string[] {
  const cache = cacheFolder();
  const names = existsSync(cache) ? readdirSync(cache).filter((name) => /^tensorflow(-[\d.]+)?$/.test(name)) : [];
  const cached = names.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true })).map((name) => join(cache, name));
  return [...new Set([...writtenDown(), ...cached])].filter((build) => existsSync(join(build, readyMark)));
}

/** Makes a build the first that is looked at, by the editor and by the command line. Throws what the file system throws. */
export function writeDown(build: string): void {
  write([build, ...writtenDown().filter((other) => other !== build)]);
}

/** Undoes `writeDown`. */
export function forget(build: string): void {
  const others = writtenDown().filter((other) => other !== build);
  if (others.length < writtenDown().length) write(others);
}

/** A file that is damaged or from elsewhere names no folders. */
function writtenDown(): string[] {
  try {
    const { folders } = JSON.parse(readFileSync(join(cacheFolder(), listName), "utf8")) as { folders?: unknown };
    return Array.isArray(folders) ? folders.filter((folder) => typeof folder === "string") : [];
  } catch {
    return [];
  }
}

function write(folders: readonly string[]): void {
  const path = join(cacheFolder(), listName);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify({ folders }, undefined, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}

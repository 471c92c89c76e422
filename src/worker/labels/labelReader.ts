/** @file What files are labelled as: by a labels file, by the folders they lie in, or by their names. */
import { existsSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { LabelSource } from "../../protocol/debug.js";
import { quietly } from "../quietly.js";
import type { LabelNames } from "./labelNames.js";
import { normalizePath, readLabels, type WrittenLabel } from "./readLabels.js";

/** A file's label. */
export interface FileLabel {
  /** As it is written. */
  readonly text: string;
  /** The class of the model; `undefined` where the model has none of that name. */
  readonly index: number | undefined;
  readonly from: LabelSource;
}

export interface LabelReaderOptions {
  readonly names: LabelNames;
  /** A CSV or JSON file; then nothing else is asked. Its paths are absolute, or relative to it or to `folder`. */
  readonly labels?: string | undefined;
  /** The folder that is gone through; a folder in it that is no class is told as one the model does not know. */
  readonly folder?: string | undefined;
}

/** Folders above an image that may be named after its class; farther ones are about something else. */
const mostLevels = 4;
/** What a labels file beside images is called. */
const besideNames = ["labels.csv", "labels.json"];

/**
 * Tells the label of one file after the other (absolute paths; each labels file is read once): out of the labels file given; else the nearest folder named after a class;
 * else a `labels.csv` or `labels.json` beside it or above; else the file's own name. Throws `labelsInvalid` for the labels file given.
 */
export function labelReader({ names, labels, folder }: LabelReaderOptions): (file: string) => FileLabel | undefined {
  const root = folder === undefined ? undefined : resolve(folder);
  const known = (written: WrittenLabel, from: LabelSource): FileLabel => ({ text: String(written), index: names.find(written), from });
  if (labels !== undefined) {
    const look = lookUp(resolve(labels), readLabels(resolve(labels)), root);
    return (file) => {
      const written = look(file);
      return written === undefined ? undefined : known(written, "labels file");
    };
  }
  const lists = new Map<string, ReturnType<typeof lookUp> | undefined>();
  const listIn = (place: string) => {
    if (!lists.has(place)) lists.set(place, listBeside(place, root));
    return lists.get(place);
  };
  return (file) => {
    const places = foldersAbove(file, root);
    for (const place of places) {
      // By name alone: a folder called "1" counts something more often than it means a class by its index.
      const index = names.named(basename(place));
      if (index !== undefined) return { text: basename(place), index, from: "folder" };
    }
    for (const place of places) {
      const written = listIn(place)?.(file);
      if (written !== undefined) return known(written, "labels file");
    }
    const stem = basename(file, extname(file));
    const index = names.inName(stem);
    if (index !== undefined) return { text: stem, index, from: "file name" };
    const parent = dirname(file);
    return root !== undefined && parent !== root ? { text: basename(parent), index: undefined, from: "folder" } : undefined;
  };
}

/** Nearest first: up to the folder gone through, or a few. */
function foldersAbove(file: string, root: string | undefined): string[] {
  const folders: string[] = [];
  for (let at = dirname(file); folders.length < mostLevels || (root !== undefined && isWithin(at, root)); at = dirname(at)) {
    folders.push(at);
    if (at === root || dirname(at) === at) break;
  }
  return folders;
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** What lies beside images by chance, such as a list of classes, is no error. */
function listBeside(folder: string, root: string | undefined): ReturnType<typeof lookUp> | undefined {
  for (const name of besideNames) {
    const path = join(folder, name);
    const labels = existsSync(path) ? quietly(() => readLabels(path)) : undefined;
    if (labels) return lookUp(path, labels, root);
  }
  return undefined;
}

/** Finds a file in a list by its path relative to the list or to the folder gone through, by its absolute path, or by its name alone where the list has no folders at all; with its ending or without. */
function lookUp(list: string, labels: ReadonlyMap<string, WrittenLabel>, root: string | undefined): (file: string) => WrittenLabel | undefined {
  const bases = [dirname(list), ...(root === undefined ? [] : [root])];
  const isFlat = ![...labels.keys()].some((key) => key.includes("/"));
  return (file) => {
    const paths = [...bases.map((base) => relative(base, file)), file, ...(isFlat ? [basename(file)] : [])].map(normalizePath);
    for (const path of [...paths, ...paths.map((long) => long.slice(0, long.length - extname(long).length))]) {
      const label = labels.get(path);
      if (label !== undefined) return label;
    }
    return undefined;
  };
}

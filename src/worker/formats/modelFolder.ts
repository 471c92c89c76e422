/** @file The files of a model: which file of a folder is the model, and reading beside it without being led elsewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import type { ModelFiles } from "../../engine/importers/modelFiles.js";
import { indexOf } from "../../engine/importers/shards.js";
import { decodeUtf8 } from "../../engine/importers/utf8.js";
import { isModelName } from "../../protocol/modelNames.js";
import { openByteSource, type OpenFile } from "../files.js";

/** Longer files beside a model are no descriptions, and are not read as text. */
const longestText = 64 * 2 ** 20;

/** The files a folder's model may be, best first: formats with a graph of their own, then weights whose graph is built. */
const ownNames = ["model.onnx", "onnx/model.onnx", "model.safetensors", "model.safetensors.index.json", "model.json", "saved_model.pb", "pytorch_model.bin", "pytorch_model.bin.index.json"];
const shownNames = 5;
const longestRevision = 256;
const ownEndings = [".onnx", ".keras", ".safetensors", ".h5", ".hdf5", ".pt", ".pth"];

/**
 * The file that stands for a model: the path itself, for one part of several their index, for a folder the model in it. Other names than the usual ones count when there is only one file of their kind.
 * Of a folder in the hub's cache it is the snapshot's. Throws `modelNotFound`, `modelFolderUnknown` for a folder without a model, and `modelFolderSeveral`.
 */
export function modelFileOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return indexBeside(path) ?? path;
  const named = ownNames.map((name) => join(path, name)).find((file) => existsSync(file));
  if (named !== undefined) return named;
  const names = readdirSync(path).toSorted();
  const candidates = ownEndings.map((ending) => {
    const fitting = names.filter((name) => name.toLowerCase().endsWith(ending));
    const models = fitting.filter(isModelName);
    // An adapter is opened where there is nothing else, to say what it is.
    return models.length > 0 ? models : fitting;
  });
  const only = candidates.find(({ length }) => length === 1);
  if (only) return join(path, only[0]!);
  const snapshot = snapshotIn(path);
  if (snapshot !== undefined) return modelFileOf(snapshot);
  const several = candidates.find(({ length }) => length > 1);
  if (several) throw new WhylightError("modelFolderSeveral", { path, names: [...several.slice(0, shownNames), ...(several.length > shownNames ? ["…"] : [])].join(", ") });
  throw new WhylightError("modelFolderUnknown", { path });
}

/** The files of a model in the hub's cache: those of its main branch, or the only ones. */
function snapshotIn(folder: string): string | undefined {
  const snapshots = join(folder, "snapshots");
  if (!statSync(snapshots, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const main = join(folder, "refs", "main");
  const size = statSync(main, { throwIfNoEntry: false })?.size ?? Infinity;
  const wanted = size <= longestRevision ? readFileSync(main, "utf8").trim() : undefined;
  const revisions = readdirSync(snapshots);
  const revision = revisions.find((name) => name === wanted) ?? (revisions.length === 1 ? revisions[0] : undefined);
  return revision === undefined ? undefined : join(snapshots, revision);
}

function indexBeside(path: string): string | undefined {
  const part = indexOf(basename(path));
  const index = part && join(dirname(path), part.index);
  return index !== undefined && existsSync(index) ? index : undefined;
}

/** A model's files while they are open. */
export interface OpenModelFiles extends ModelFiles {
  /** Everything that was opened so far: what the model was made from. */
  opened(): readonly string[];
  close(): void;
}

/** Opens a model and what lies beside it. The caller closes it. Throws `modelNotFound`. */
export function openModelFiles(path: string): OpenModelFiles {
  const open = new Map<string, OpenFile>();
  const source = (file: string) => {
    const known = open.get(file) ?? openByteSource(file);
    open.set(file, known);
    return known;
  };
  const inside = (name: string) => insideOf(path, name);
  return {
    main: source(path),
    has: (name) => existsSync(inside(name)),
    open: (name) => source(inside(name)),
    text: (name) => {
      const file = inside(name);
      if (!existsSync(file)) return undefined;
      const { size, read } = source(file);
      if (size > longestText) throw new WhylightError("modelCorrupt", { path: file, reason: "it is too long for a description" });
      return decodeUtf8(read(0, size));
    },
    opened: () => [...open.keys()],
    close: () => {
      for (const file of open.values()) file.close();
    },
  };
}

/** A hostile model must not make us read elsewhere. */
function insideOf(model: string, name: string): string {
  const folder = dirname(model);
  const path = resolve(folder, name);
  const way = relative(folder, path);
  if (way === "" || way.startsWith("..") || isAbsolute(way)) throw new WhylightError("modelUnsafe", { path: model, reason: `it refers to ${JSON.stringify(name)}, outside its folder` });
  return path;
}

/** @file The models of the workspace: files found by their names, told by the worker, and kept while nothing around them changes. */
import * as path from "node:path";
import * as vscode from "vscode";
import { toWhylightError } from "../../engine/errors.js";
import { isModelName, modelEndings, modelFileNames, modelTitle, skippedFolders } from "../../protocol/modelNames.js";
import type { ModelCard } from "../../protocol/models.js";
import type { WorkerClient } from "../workerClient.js";

export interface FoundModels {
  /** The models of a folder, or of the whole workspace, in the order of their paths. Starts the worker where files are new to it. Throws `workspaceUntrusted` and what keeps the worker from answering. */
  cards(folder?: vscode.WorkspaceFolder): Promise<readonly ModelCard[]>;
  /** The model that a file or folder belongs to; `undefined` where there is none. Throws as `cards`. */
  card(place: vscode.Uri): Promise<ModelCard | undefined>;
  /** The file to load for a file or folder that somebody chose: of a folder, of a shard and of a config the model they belong to, else the file itself. `undefined` for a folder without a model. */
  modelAt(place: vscode.Uri): Promise<vscode.Uri | undefined>;
}

/** Endings that other programs use too: many files of these must not hide the models among them. */
const shared = ["bin", "pt", "pth", "ckpt", "h5", "hdf5"];
const own = modelEndings.filter((ending) => !shared.includes(ending));

/** Where models may be, and what is passed over. */
export const modelGlobs = [`**/*.{${own.join(",")}}`, `**/{${modelFileNames.join(",")},*.safetensors.index.json,*.bin.index.json}`, `**/*.{${shared.filter((ending) => ending !== "bin").join(",")}}`, "**/*.bin"] as const;
const excluded = `**/{${skippedFolders.join(",")}}/**`;
const findLimit = 500;

/** Nothing is looked for before somebody asks. */
export function createFoundModels(worker: Pick<WorkerClient, "call">): FoundModels {
  const known = new Map<string, { readonly stamp: string; readonly cards: Promise<readonly ModelCard[]> }>();

  async function cards(folder?: vscode.WorkspaceFolder): Promise<readonly ModelCard[]> {
    const found = await Promise.all(modelGlobs.map((glob) => vscode.workspace.findFiles(folder ? new vscode.RelativePattern(folder, glob) : glob, excluded, findLimit)));
    const files = found.flat().filter(({ scheme, path: name }) => scheme === "file" && isModelName(path.posix.basename(name))).map(({ fsPath }) => fsPath).toSorted();
    if (files.length === 0) return [];
    const key = folder?.uri.toString() ?? "";
    const stamp = await stampOf(files);
    const before = known.get(key);
    if (before?.stamp === stamp) return before.cards;
    const asked = worker.call("identifyModels", { paths: files });
    known.set(key, { stamp, cards: asked });
    asked.then(tellFolders, () => known.get(key)?.cards === asked && known.delete(key));
    return asked;
  }

  /** The Explorer's menu knows from this which folders hold a model. */
  async function tellFolders(): Promise<void> {
    const lists = await Promise.all([...known.values()].map(({ cards: asked }) => asked.catch(() => [])));
    await vscode.commands.executeCommand("setContext", "whylight.modelFolders", modelFolders(lists.flat().map((one) => one.path)));
  }

  const card: FoundModels["card"] = async (place) => (await worker.call("identifyModels", { paths: [place.fsPath] }))[0];

  async function modelAt(place: vscode.Uri): Promise<vscode.Uri | undefined> {
    const name = path.posix.basename(place.path);
    const isFolder = ((await vscode.workspace.fs.stat(place)).type & vscode.FileType.Directory) !== 0;
    if (!isFolder && isModelName(name) && !/-\d{5}-of-\d{5}\./.test(name)) return place;
    const found = await card(isFolder || isModelName(name) ? place : vscode.Uri.joinPath(place, ".."));
    return found ? vscode.Uri.file(found.path) : isFolder ? undefined : place;
  }

  return { cards, card, modelAt };
}

/** Folders that stand for the model in them, as Hugging Face's do: the model's own, and the one above "onnx". */
function modelFolders(models: readonly string[]): readonly string[] {
  const folders = models.map((model) => path.dirname(model));
  return [...new Set(folders.map((folder) => (path.basename(folder) === "onnx" ? path.dirname(folder) : folder)))];
}

/** Changes with any of the files, with what else lies in their folders, and with their configs. */
async function stampOf(files: readonly string[]): Promise<string> {
  const folders = new Set(files.flatMap((file) => [path.dirname(file), path.dirname(path.dirname(file))]));
  const watched = [...files, ...[...folders].flatMap((folder) => [folder, path.join(folder, "config.json")])];
  const stamps = await Promise.all(watched.map(async (file) => {
    try {
      const { mtime, size } = await vscode.workspace.fs.stat(vscode.Uri.file(file));
      return `${mtime}/${size}`;
    } catch {
      return "none";
    }
  }));
  return JSON.stringify([files, stamps]);
}

/** What can be said of models without the worker: that there are files called like some. */
export async function namedModels(folder: vscode.WorkspaceFolder | undefined): Promise<readonly ModelCard[]> {
  const files = await vscode.workspace.findFiles(folder ? new vscode.RelativePattern(folder, modelGlobs[0]) : modelGlobs[0], excluded, findLimit);
  return files.map(({ fsPath }): ModelCard => ({
    path: fsPath, title: modelTitle(fsPath), format: fsPath.endsWith(".onnx") ? "onnx" : fsPath.endsWith(".keras") ? "keras" : "safetensors", purpose: undefined, architecture: undefined, bytes: 0, isDescribed: undefined, problem: undefined,
  }));
}

/** The cards; where the worker cannot answer, what the names alone tell, so that choosing a model still works. */
export async function cardsOrNames(found: FoundModels, folder: vscode.WorkspaceFolder | undefined, log: vscode.LogOutputChannel): Promise<readonly ModelCard[]> {
  try {
    return await found.cards(folder);
  } catch (thrown) {
    const error = toWhylightError(thrown);
    if (error.code === "workspaceUntrusted") throw error;
    log.warn(`Models are told by their names alone: ${error.message}`);
    return namedModels(folder);
  }
}

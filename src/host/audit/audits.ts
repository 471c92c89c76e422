/** @file The audits of the workspace: where they lie, what they are called, where a new one goes. */
import * as path from "node:path";
import * as vscode from "vscode";
import { auditFiles, type AuditSummary } from "../../protocol/audit.js";
import type { LabelSource } from "../../protocol/debug.js";
import { folderText } from "../images.js";
import { modelTitle } from "../../protocol/modelNames.js";

const findLimit = 200;
/** Where new ones go, in the workspace folder. */
const home = [".whylight", "audits"];

/** An audit on disk. */
export interface FoundAudit {
  readonly folder: vscode.Uri;
  /** Its folder's name. */
  readonly name: string;
}

/** Every audit of the workspace, by name. */
export async function findAudits(): Promise<FoundAudit[]> {
  const files = await vscode.workspace.findFiles(`**/${auditFiles.records}`, "**/{node_modules,.git}/**", findLimit);
  return files.map((file) => vscode.Uri.joinPath(file, "..")).map((folder) => ({ folder, name: path.posix.basename(folder.path) })).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Asks for an audit among those of the workspace but `except`, or for a folder. `undefined` when nobody picked. */
export async function pickAudit(title: string, placeHolder: string, except?: vscode.Uri): Promise<vscode.Uri | undefined> {
  type Item = vscode.QuickPickItem & { readonly audit?: vscode.Uri };
  const found = (await findAudits()).filter(({ folder }) => folder.toString() !== except?.toString());
  const choose = vscode.l10n.t("Choose a folder…");
  const items: Item[] = found.map(({ folder, name }) => ({ audit: folder, label: name, description: folderText(folder) }));
  if (items.length > 0) items.push({ label: "", kind: vscode.QuickPickItemKind.Separator });
  const picked = await vscode.window.showQuickPick([...items, { label: choose }], { title, placeHolder, matchOnDescription: true });
  return picked && (picked.audit ?? browseFolder(title));
}

/** Asks for a folder. `undefined` when nobody picked. */
export async function browseFolder(title: string): Promise<vscode.Uri | undefined> {
  const start = vscode.workspace.workspaceFolders?.[0]?.uri;
  return (await vscode.window.showOpenDialog({ title, openLabel: vscode.l10n.t("Choose"), canSelectFiles: false, canSelectFolders: true, ...(start ? { defaultUri: start } : {}) }))?.[0];
}

/** Where an audit of this folder by this model is kept: in the workspace, or beside a folder from elsewhere. */
export function auditPlace(folder: vscode.Uri, model: vscode.Uri): vscode.Uri {
  const owner = vscode.workspace.getWorkspaceFolder(folder) ?? vscode.workspace.workspaceFolders?.[0];
  return vscode.Uri.joinPath(owner?.uri ?? vscode.Uri.joinPath(folder, ".."), ...home, `${modelTitle(model.path)}-${path.posix.basename(folder.path)}`.replace(/[\\/:*?"<>|]/g, "_"));
}

/** The place itself while nothing is there, else the first free one beside it: "scenes-shortcut-2". */
export async function freePlace(place: vscode.Uri): Promise<vscode.Uri> {
  for (let i = 2, at = place; ; at = place.with({ path: `${place.path}-${i++}` })) if (!(await isThere(at))) return at;
}

/** Whether an audit is kept there, and whether it was finished. */
export async function auditAt(folder: vscode.Uri): Promise<"none" | "stopped" | "finished"> {
  if (!(await isThere(vscode.Uri.joinPath(folder, auditFiles.records)))) return "none";
  return (await isThere(vscode.Uri.joinPath(folder, auditFiles.summary))) ? "finished" : "stopped";
}

/** Where labelled files like this image are: the newest finished audit by this model that went through its folder, else the folder that its label says has others. */
export async function labelledAround(image: vscode.Uri, model: vscode.Uri, from: LabelSource): Promise<vscode.Uri | undefined> {
  const summaries = await Promise.all((await findAudits()).map(async ({ folder }) => ({ audit: folder, about: await subjectOf(folder) })));
  const fitting = summaries.flatMap(({ audit, about }) => (about?.model === model.fsPath && isWithin(image.fsPath, about.folder) ? [{ audit, finished: about.finished }] : []));
  const newest = fitting.toSorted((a, b) => b.finished.localeCompare(a.finished))[0];
  if (newest) return newest.audit;
  return { "folder": vscode.Uri.joinPath(image, "..", ".."), "labels file": vscode.Uri.joinPath(image, ".."), "file name": vscode.Uri.joinPath(image, ".."), "given": undefined }[from];
}

/** What a finished audit was of; `undefined` where nothing says so. */
async function subjectOf(audit: vscode.Uri): Promise<{ readonly model: string; readonly folder: string; readonly finished: string } | undefined> {
  try {
    const { model, folder, finished } = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(audit, auditFiles.summary)))) as Partial<AuditSummary>;
    return model && folder !== undefined && finished !== undefined ? { model: model.path, folder, finished } : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== "" && !way.startsWith("..") && !path.isAbsolute(way);
}

async function isThere(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}

/** @file The question where a folder's labels come from: its folders' names, a labels file in it, or one that is chosen. */
import * as path from "node:path";
import * as vscode from "vscode";

/** What labels files in a folder are called. */
const fileNames = ["labels.csv", "labels.json"];
const namedAtMost = 4;

/** The labels file; without one the folders' names count. `undefined` when nobody answered. */
export async function askLabelsOfFolder(folder: vscode.Uri): Promise<{ readonly file: vscode.Uri | undefined } | undefined> {
  type Item = vscode.QuickPickItem & { readonly file?: vscode.Uri; readonly isChosen?: boolean };
  const entries = await vscode.workspace.fs.readDirectory(folder);
  const folders = entries.flatMap(([name, type]) => (type & vscode.FileType.Directory && !name.startsWith(".") ? [name] : [])).toSorted((a, b) => a.localeCompare(b));
  const files = fileNames.filter((name) => entries.some(([entry]) => entry === name));
  const named = folders.length > namedAtMost ? `${folders.slice(0, namedAtMost).join(", ")}, …` : folders.join(", ");
  const byFolders: Item = { label: vscode.l10n.t("Names of the folders"), description: folders.length > 0 ? vscode.l10n.t("{0} folders: {1}", folders.length, named) : vscode.l10n.t("no folders in it; the files' own names are tried") };
  const byFile = files.map((name): Item => ({ file: vscode.Uri.joinPath(folder, name), label: name, description: vscode.l10n.t("labels file in the folder") }));
  const choose: Item = { isChosen: true, label: vscode.l10n.t("Choose a labels file…"), description: vscode.l10n.t("CSV or JSON") };
  const picked = await vscode.window.showQuickPick([...byFile, byFolders, choose], { title: vscode.l10n.t("Whylight: Audit Folder"), placeHolder: vscode.l10n.t("Where do the labels of {0} come from?", path.basename(folder.fsPath)) });
  if (!picked?.isChosen) return picked && { file: picked.file };
  const chosen = await vscode.window.showOpenDialog({ title: vscode.l10n.t("Choose a labels file…"), openLabel: vscode.l10n.t("Choose"), defaultUri: folder, filters: { [vscode.l10n.t("Labels")]: ["csv", "json"] } });
  return chosen?.[0] && { file: chosen[0] };
}

/** @file Which image is meant: what was clicked, what is open, or what is picked now. */
import * as path from "node:path";
import * as vscode from "vscode";

const extensions = ["png", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp"];
const findLimit = 1000;

/** Whether the file's name is an image's. */
export function isImage(file: vscode.Uri): boolean {
  return extensions.includes(path.extname(file.path).slice(1).toLowerCase());
}

/** The image in the active editor, the built-in image preview included. */
export function activeImage(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const open = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
  return open && isImage(open) ? open : undefined;
}

/** Asks for an image among those of the workspace, or for a file, with the words of the command that wants it. `undefined` when nobody picked. */
export async function pickImage(title = vscode.l10n.t("Whylight: Explain Prediction"), placeHolder = vscode.l10n.t("Choose an image to explain")): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles(`**/*.{${extensions.flatMap((extension) => [extension, extension.toUpperCase()]).join(",")}}`, "**/{node_modules,.git}/**", findLimit);
  if (found.length === 0) return browseImage();
  type Item = vscode.QuickPickItem & { readonly image?: vscode.Uri };
  const items: Item[] = [
    { label: vscode.l10n.t("Choose a file…") },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    ...found.toSorted((a, b) => a.path.localeCompare(b.path)).map((image) => ({
      image, label: path.basename(image.fsPath), description: folderText(image),
    })),
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
  return picked && (picked.image ?? browseImage());
}

/** The file's folder as people know it: within the workspace, with the workspace folder's name where there are several; empty at the top. */
export function folderText(file: vscode.Uri): string {
  const folder = path.dirname(vscode.workspace.asRelativePath(file));
  return folder === "." ? "" : folder;
}

async function browseImage(): Promise<vscode.Uri | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Choose an Image"), openLabel: vscode.l10n.t("Choose"), filters: { [vscode.l10n.t("Images")]: extensions },
  });
  return files?.[0];
}

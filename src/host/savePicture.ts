/** @file Saves a picture where the reader wants it. */
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import { reportFailure } from "./services.js";

/** Asks where, starting beside the image, and writes the PNG. */
export async function savePicture(image: vscode.Uri, png: Uint8Array, suggestedName: string, log: vscode.LogOutputChannel): Promise<void> {
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(image, "..", suggestedName.replace(/[\\/:*?"<>|]/g, "_")), filters: { PNG: ["png"] }, title: vscode.l10n.t("Save Picture"),
  });
  if (!file) return;
  try {
    await vscode.workspace.fs.writeFile(file, png);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", vscode.workspace.asRelativePath(file)), 5000);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    await reportFailure(log, new WhylightError("outputUnwritable", { path: file.fsPath, reason }, { cause: thrown }));
  }
}

/** @file The command "Clear Kept Results". */
import * as vscode from "vscode";
import { reportFailure, type Services } from "../services.js";
import { resultsFolder } from "../workerProcess.js";

/** Deletes every result kept on disk; open panels keep what they show. */
export function clearResults({ context, log }: Services): () => Promise<void> {
  return async () => {
    const folder = resultsFolder(context);
    try {
      await vscode.workspace.fs.delete(folder, { recursive: true });
    } catch (thrown) {
      if (!(thrown instanceof vscode.FileSystemError && thrown.code === "FileNotFound")) return reportFailure(log, thrown);
    }
    vscode.window.setStatusBarMessage(vscode.l10n.t("Kept results cleared"), 4000);
  };
}

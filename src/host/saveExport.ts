/** @file Saves an explanation as a file where the reader wants it. */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import type { ExportFormat, ExportRequest } from "../protocol/api.js";
import { suggestedName } from "./exportName.js";
import { reportFailure, type Services } from "./services.js";

/** What file dialogs call each format: names that need no translation. */
const formatNames: Readonly<Record<ExportFormat, string>> = { png: "PNG", svg: "SVG", html: "HTML", safetensors: "safetensors", npy: "NumPy" };

/** Asks where, starting beside the image, then has the worker make the file and writes it. */
export async function saveExport(request: ExportRequest, image: vscode.Uri, { worker, log }: Services): Promise<void> {
  const { format, explanation } = request;
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(image, "..", suggestedName(path.basename(image.fsPath), explanation.method, format)), filters: { [formatNames[format]]: [format] }, title: vscode.l10n.t("Export Explanation"),
  });
  if (!file) return;
  try {
    const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: writing the file") };
    const { bytes } = await vscode.window.withProgress(options, () => worker.call("exportPicture", request));
    await writeFile(file, bytes);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", vscode.workspace.asRelativePath(file)), 5000);
  } catch (thrown) {
    await reportFailure(log, thrown);
  }
}

/** Writes a file; fails with `outputUnwritable`. */
export async function writeFile(file: vscode.Uri, bytes: Uint8Array): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(file, bytes);
  } catch (thrown) {
    throw new WhylightError("outputUnwritable", { path: file.fsPath, reason: thrown instanceof Error ? thrown.message : String(thrown) }, { cause: thrown });
  }
}

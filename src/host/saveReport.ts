/** @file Saves a report where the reader wants it, with the files that belong to it, and opens it. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { ExportedFiles } from "../protocol/debug.js";
import { openReport, type ReportFormat } from "./openReport.js";
import { writeFile } from "./saveExport.js";
import { reportFailure, type Services } from "./services.js";

/** What file dialogs call each format, and the ending of its name. */
const formats: Readonly<Record<ReportFormat, { readonly name: string; readonly extension: string }>> = {
  html: { name: "HTML", extension: "html" }, markdown: { name: "Markdown", extension: "md" }, json: { name: "JSON", extension: "json" }, text: { name: "Text", extension: "txt" },
};

export interface ReportPlace {
  /** The dialog starts in this file's folder. */
  readonly beside: vscode.Uri;
  /** The suggested name, without its ending. */
  readonly name: string;
  readonly format: ReportFormat;
}

/** Asks where, has the files made under the name that was chosen, writes them into the chosen folder and opens the main one. */
export async function saveReport({ beside, name, format }: ReportPlace, services: Services, make: (name: string) => Promise<ExportedFiles>): Promise<void> {
  const { extension, name: kind } = formats[format];
  const suggested = `${name}.${extension}`.replace(/[\\/:*?"<>|]/g, "_");
  const file = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(beside, "..", suggested), filters: { [kind]: [extension] }, title: vscode.l10n.t("Export Report") });
  if (!file) return;
  try {
    const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: writing the file") };
    const { files } = await vscode.window.withProgress(options, () => make(path.posix.basename(file.path).replace(/\.[^.]*$/, "")));
    for (const [i, { name: made, bytes }] of files.entries()) {
      // The main file bears the name that was chosen, whatever its ending.
      await writeFile(i === 0 ? file : vscode.Uri.joinPath(file, "..", ...made.split("/")), bytes);
    }
    vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", vscode.workspace.asRelativePath(file)), 5000);
    await openReport(file, format, services);
  } catch (thrown) {
    await reportFailure(services.log, thrown);
  }
}

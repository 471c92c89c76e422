/** @file Opens a saved report in the editor: pages as they look, Markdown as its preview, the rest as text. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { Services } from "./services.js";

export type ReportFormat = "html" | "markdown" | "json" | "text";

/** Opens a report beside what is open. */
export async function openReport(file: vscode.Uri, format: ReportFormat, services: Services): Promise<void> {
  if (format === "html") return openPage(file, services);
  if (format === "markdown") return void vscode.commands.executeCommand("markdown.showPreview", file);
  await vscode.window.showTextDocument(file, { preview: true });
}

/** A saved page brings its own style and policy and runs no scripts. A browser on the same machine can print it. */
async function openPage(file: vscode.Uri, { context }: Services): Promise<void> {
  const panel = vscode.window.createWebviewPanel("whylight.report", path.basename(file.fsPath), vscode.ViewColumn.Active, { enableScripts: false, enableFindWidget: true, localResourceRoots: [] });
  const icon = (theme: string) => vscode.Uri.joinPath(context.extensionUri, "media", `panel-${theme}.svg`);
  panel.iconPath = { light: icon("light"), dark: icon("dark") };
  panel.webview.html = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  if (vscode.env.uiKind !== vscode.UIKind.Desktop || vscode.env.remoteName !== undefined) return;
  const browser = vscode.l10n.t("Open in Browser");
  const picked = await vscode.window.showInformationMessage(vscode.l10n.t("Saved {0}", vscode.workspace.asRelativePath(file)), browser);
  if (picked === browser) await vscode.env.openExternal(file);
}

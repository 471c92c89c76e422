/** @file Saves a view of an attention panel where the reader wants it. */
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import { attentionExports, type AttentionExport, type AttentionPanelApi } from "../protocol/attention.js";
import { writeFile } from "./saveExport.js";
import { reportFailure, type Services } from "./services.js";

/** What file dialogs call each format: names that need no translation. */
const formatNames: Readonly<Record<AttentionExport, string>> = { svg: "SVG", png: "PNG", json: "JSON", html: "HTML" };

/** Asks where, starting beside `resource`, then writes what the page made; a page of its own is put together by the worker. */
export async function saveAttention({ format, name, bytes }: Parameters<AttentionPanelApi["save"]>[0], resource: vscode.Uri | undefined, services: Services): Promise<void> {
  if (!attentionExports.includes(format)) return;
  const beside = resource?.scheme === "file" ? vscode.Uri.joinPath(resource, "..") : vscode.workspace.workspaceFolders?.[0]?.uri;
  const suggested = String(name).replace(/[\\/:*?"<>|]/g, "_");
  const file = await vscode.window.showSaveDialog({
    ...(beside ? { defaultUri: vscode.Uri.joinPath(beside, suggested) } : {}), filters: { [formatNames[format]]: [format] }, title: vscode.l10n.t("Export Attention"),
  });
  if (!file) return;
  try {
    await writeFile(file, format === "html" ? await pageOf(bytes, services) : bytes);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", vscode.workspace.asRelativePath(file)), 5000);
  } catch (thrown) {
    await reportFailure(services.log, thrown);
  }
}

/** The saved page runs the panel's own script, which only the host can read. */
async function pageOf(content: Uint8Array, { context, worker }: Services): Promise<Uint8Array> {
  const [script, style] = await Promise.all(["webview.js", "webview.css"].map(async (name) => {
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(context.extensionUri, "dist", name)));
    } catch (thrown) {
      throw new WhylightError("internal", { reason: `dist/${name} cannot be read` }, { cause: thrown });
    }
  }));
  const page = { script: script ?? "", style: style ?? "", content: new TextDecoder().decode(content), language: vscode.env.language };
  return (await worker.call("exportAttention", page)).bytes;
}

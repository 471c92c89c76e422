/** @file The command "Audit Folder". */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import type { AuditPanels } from "../audit/auditPanels.js";
import { auditAt, auditPlace, browseFolder, freePlace } from "../audit/audits.js";
import { askLabelsOfFolder } from "../audit/folderLabels.js";
import { modelFor } from "../models.js";
import { reportFailure, type Services } from "../services.js";

/** Audits the clicked folder, else one that is asked for. */
export function auditFolder(services: Services, audits: AuditPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    const folder = clicked instanceof vscode.Uri ? clicked : await browseFolder(vscode.l10n.t("Whylight: Audit Folder"));
    if (!folder) return undefined;
    if (folder.scheme !== "file") return reportFailure(services.log, new WhylightError("folderEmpty", { path: folder.toString(true) }));
    const model = await modelFor(services, folder, "image");
    if (!model) return undefined;
    const kept = auditPlace(folder, model);
    const state = await auditAt(kept);
    const step = state === "none" ? "anew" : await askStep(state, path.basename(folder.fsPath));
    if (step === "open") audits.open(kept);
    if (step === "resume") audits.start(kept, undefined, true);
    if (step !== "anew") return undefined;
    const labels = await askLabelsOfFolder(folder);
    if (labels) audits.start(await freePlace(kept), { model: model.fsPath, folder: folder.fsPath, labels: labels.file?.fsPath }, false);
    return undefined;
  };
}

/** What to do where this model has audited this folder before; `undefined` when nobody picked. */
async function askStep(state: "stopped" | "finished", folder: string): Promise<"open" | "resume" | "anew" | undefined> {
  type Item = vscode.QuickPickItem & { readonly step: "open" | "resume" | "anew" };
  const resume: Item = { step: "resume", label: vscode.l10n.t("Go on"), description: vscode.l10n.t("it was stopped before its end") };
  const open: Item = { step: "open", label: vscode.l10n.t("Open it"), description: vscode.l10n.t("as it is") };
  const anew: Item = { step: "anew", label: vscode.l10n.t("Audit anew"), description: vscode.l10n.t("the one there is stays") };
  const items = state === "stopped" ? [resume, open, anew] : [open, anew];
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whylight: Audit Folder"), placeHolder: vscode.l10n.t("The model has audited {0} before", folder) }))?.step;
}

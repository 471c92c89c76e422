/** @file The commands about audits that are there: open, compare, show mistakes elsewhere in the editor. */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import type { AuditPanels, OpenAudit } from "../audit/auditPanels.js";
import { pickAudit } from "../audit/audits.js";
import type { MistakeView } from "../audit/mistakeViews.js";
import { reportFailure, type Services } from "../services.js";

/** Opens the audit that a clicked folder or file belongs to, else one that is asked for. */
export function openAudit({ log }: Services, audits: AuditPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const audit = clicked instanceof vscode.Uri ? folderOf(clicked) : await pickAudit(vscode.l10n.t("Whylight: Open Audit"), vscode.l10n.t("The audit to open"));
    if (audit) audits.open(audit);
    return undefined;
  };
}

/** Compares the active audit, else one that is asked for, with an earlier one. */
export function compareAudits({ log }: Services, audits: AuditPanels): () => Promise<void> {
  return async () => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const title = vscode.l10n.t("Whylight: Compare Audits");
    const after = audits.active()?.audit ?? (await pickAudit(title, vscode.l10n.t("The later audit, which is shown")));
    const before = after && (await pickAudit(title, vscode.l10n.t("The earlier audit, which {0} is compared with", path.posix.basename(after.path)), after));
    if (before) await audits.open(after).session.compare(before.fsPath);
    return undefined;
  };
}

/** Shows the mistakes of the active audit, else of one that is asked for, in another view of the editor; takes them away where they are shown. */
export function toggleMistakes(view: MistakeView, { log }: Services, audits: AuditPanels): () => Promise<void> {
  return async () => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const open = audits.active() ?? (await pickedAudit(audits));
    if (!open) return undefined;
    await audits.showAs(open, view);
    if (open.session.state().shownAs[view]) await vscode.commands.executeCommand(view === "problems" ? "workbench.actions.view.problems" : "workbench.view.testing.focus");
    return undefined;
  };
}

async function pickedAudit(audits: AuditPanels): Promise<OpenAudit | undefined> {
  const audit = await pickAudit(vscode.l10n.t("Whylight: Show Mistakes"), vscode.l10n.t("The audit whose mistakes are shown"));
  return audit && audits.open(audit);
}

/** A folder stands for itself, a file of an audit for its folder. */
function folderOf(clicked: vscode.Uri): vscode.Uri {
  return /\.(jsonl|json|parquet)$/i.test(clicked.path) ? vscode.Uri.joinPath(clicked, "..") : clicked;
}

/** @file What an audit that runs says in the status bar, and in its page: how far it is. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { AuditProgress, AuditState } from "../../protocol/audit.js";
import { translate } from "../services.js";
import { phaseText } from "../texts.js";

export interface AuditStatus {
  show(state: AuditState): void;
  dispose(): void;
}

/** An entry that shows while the audit runs; a click opens its page. */
export function createAuditStatus(audit: vscode.Uri): AuditStatus {
  const item = vscode.window.createStatusBarItem(`whylight.audit ${audit.toString()}`, vscode.StatusBarAlignment.Left);
  item.name = "Whylight";
  item.command = { title: "", command: "whylight.openAudit", arguments: [audit] };
  return {
    show: ({ busy, folderName }) => {
      if (!busy) return item.hide();
      const { done, total } = busy.tests ?? { done: busy.images, total: busy.total };
      item.text = `$(loading~spin) ${path.basename(folderName)}: ${busy.text}${total > 0 ? ` ${Math.round((100 * done) / total)} %` : ""}`;
      item.tooltip = vscode.l10n.t("{0} of {1} images audited, {2} mistakes. Click to see the audit.", busy.images, busy.total, busy.mistakes);
      item.show();
    },
    dispose: () => item.dispose(),
  };
}

/** What is going on: images first, then what they have in common. */
export function busyText(progress: AuditProgress | undefined): string {
  if (!progress || progress.total === 0) return phaseText("starting", translate);
  if (progress.images >= progress.total) return vscode.l10n.t("Looking for what mistakes share");
  return progress.cutTo === undefined ? vscode.l10n.t("Auditing images") : vscode.l10n.t("Auditing images, {0} at a time for want of memory", progress.cutTo);
}

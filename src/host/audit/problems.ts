/** @file Mistakes in the Problems panel: one warning per image, with a link to its report. */
import * as vscode from "vscode";
import { auditFiles, type AuditSummary } from "../../protocol/audit.js";
import { debugCommand, type DebugArguments } from "../debug/debugArguments.js";
import { percent } from "../text/textSentences.js";
import { labelSource, type Mistake, type Mistakes } from "./mistakes.js";

const top = new vscode.Range(0, 0, 0, 0);

/** The entries of one audit. They go when this is disposed. */
export function showProblems(audit: vscode.Uri, summary: AuditSummary, { shown, total }: Mistakes): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection("whylight");
  for (const mistake of shown) collection.set(vscode.Uri.file(mistake.path), [diagnostic(audit, summary, mistake)]);
  if (total > shown.length) {
    const told = new vscode.Diagnostic(top, vscode.l10n.t("The {0} surest of {1} mistakes are listed here; the audit's page shows all.", shown.length, total), vscode.DiagnosticSeverity.Information);
    told.source = "Whylight";
    collection.set(vscode.Uri.joinPath(audit, auditFiles.summary), [told]);
  }
  return collection;
}

function diagnostic(audit: vscode.Uri, summary: AuditSummary, { path, label, labelName, predictedName, confidence }: Mistake): vscode.Diagnostic {
  const made = new vscode.Diagnostic(top, vscode.l10n.t("{0} {1}, labelled {2}", predictedName, percent(confidence), labelName), vscode.DiagnosticSeverity.Warning);
  made.source = "Whylight";
  const asked: DebugArguments = { image: path, model: summary.model.path, label, labelFrom: labelSource(summary), among: audit.fsPath };
  made.code = { value: vscode.l10n.t("report"), target: vscode.Uri.parse(`command:${debugCommand}?${encodeURIComponent(JSON.stringify([asked]))}`) };
  return made;
}

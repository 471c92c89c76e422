/** @file What the commands and panels share, made once when the extension starts. */
import * as vscode from "vscode";
import { type WhylightError, toWhylightError } from "../engine/errors.js";
import { fillIn } from "../protocol/errorTexts.js";
import type { Translate } from "../protocol/reportTexts.js";
import type { FoundModels } from "./models/foundModels.js";
import { failureText } from "./texts.js";
import type { WorkerClient } from "./workerClient.js";

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly worker: WorkerClient;
  /** The models of the workspace. */
  readonly found: FoundModels;
}

/** The reader's language for an English text that carries its own placeholders. */
export function translate(english: string): string {
  return vscode.l10n.t(english);
}

/** The same with its placeholders filled in. */
export const say: Translate = (english, data = {}) => fillIn(translate(english), data);

/** Writes a failure to the log, with where it came from. */
export function logFailure(log: vscode.LogOutputChannel, error: WhylightError): void {
  log.error(`${error.message}\n${error.stack ?? ""}`);
}

/** Tells a failure that has no panel to show it: one sentence, a next step, and the log one click away. */
export async function reportFailure(log: vscode.LogOutputChannel, thrown: unknown): Promise<void> {
  const error = toWhylightError(thrown);
  if (error.code === "cancelled") return;
  logFailure(log, error);
  if (error.code === "workspaceUntrusted") {
    const manage = vscode.l10n.t("Manage workspace trust");
    if ((await vscode.window.showWarningMessage(failureText(error, translate), manage)) === manage) await vscode.commands.executeCommand("workbench.trust.manage");
    return;
  }
  const showLog = vscode.l10n.t("Show log");
  if ((await vscode.window.showErrorMessage(failureText(error, translate), showLog)) === showLog) log.show();
}

/** @file The commands "Check Runtimes" and "Measure Runtimes". */
import * as vscode from "vscode";
import type { DoctorRequest, RuntimeStatus } from "../../protocol/api.js";
import { measuringText, runtimeLines } from "../../protocol/runtimeTexts.js";
import { reportFailure, say, type Services } from "../services.js";
import { readSettings } from "../settings.js";
import { withStoppableNotification } from "../stoppable.js";

const scheme = "whylight-runtimes";

/** Asks every runtime whether it works here and how fast it is, and shows the answers in a read-only document. */
export function doctor({ context, log, worker }: Services): (measure: DoctorRequest["measure"]) => Promise<void> {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const file = vscode.Uri.from({ scheme, path: "/Runtimes" });
  let report = "";
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: changed.event, provideTextDocumentContent: () => report }),
  );
  return async (measure) => {
    try {
      const statuses = await withStoppableNotification(vscode.l10n.t("Whylight: checking the runtimes"), (signal, tell) => worker.call("doctor", { measure }, {
        signal, onProgress: (progress) => progress.measure && tell({ message: measuringText(progress.measure, say), increment: 100 / progress.measure.count }),
      }));
      report = describe(statuses);
      changed.fire(file);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file), { preview: true });
    } catch (thrown) {
      await reportFailure(log, thrown);
    }
  };
}

function describe(statuses: readonly RuntimeStatus[]): string {
  const { runtime } = readSettings();
  const lacksTensorflow = statuses.some(({ name, ok }) => name === "tfjs-tensorflow" && !ok);
  return [
    vscode.l10n.t("Runtimes on this machine"), "", ...runtimeLines(statuses, say), "",
    runtime === "auto" ? vscode.l10n.t("The setting whylight.runtime chooses another, for a workspace or everywhere.") : vscode.l10n.t("The setting whylight.runtime chooses {0} here.", runtime),
    ...(lacksTensorflow ? [vscode.l10n.t("The command \"Whylight: Set Up TensorFlow\" brings native TensorFlow.")] : []), "",
  ].join("\n");
}

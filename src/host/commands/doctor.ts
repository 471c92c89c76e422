/** @file The command "Check Runtimes". */
import * as vscode from "vscode";
import type { RuntimeStatus } from "../../protocol/api.js";
import { reportFailure, type Services } from "../services.js";

const scheme = "whylight-runtimes";

/** Asks every runtime whether it works here and shows the answers in a read-only document. */
export function doctor({ context, log, worker }: Services): () => Promise<void> {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const file = vscode.Uri.from({ scheme, path: "/Runtimes" });
  let report = "";
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: changed.event, provideTextDocumentContent: () => report }),
  );
  return async () => {
    try {
      const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: checking the runtimes") };
      const statuses = await vscode.window.withProgress(options, () => worker.call("doctor", {}));
      report = describe(statuses);
      changed.fire(file);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file), { preview: true });
    } catch (thrown) {
      await reportFailure(log, thrown);
    }
  };
}

/** A line per runtime: whether it works, and its version and device, or the reason. */
function describe(statuses: readonly RuntimeStatus[]): string {
  const width = Math.max(...statuses.map(({ name }) => name.length));
  const lines = statuses.map(({ name, ok, detail, reason, place }) => `${ok ? "✓" : "✗"} ${name.padEnd(width)}  ${ok ? `${detail}${place === "" ? "" : ` (${place})`}` : reason}`);
  const lacksTensorflow = statuses.some(({ name, ok }) => name === "tfjs-tensorflow" && !ok);
  const next = [vscode.l10n.t("auto takes the first that works for a model. The setting whylight.runtime chooses another."), ...(lacksTensorflow ? [vscode.l10n.t("The command \"Whylight: Set Up TensorFlow\" brings native TensorFlow.")] : [])];
  return [vscode.l10n.t("Runtimes on this machine"), "", ...lines, "", ...next, ""].join("\n");
}

/** @file The commands "Set Up TensorFlow" and "Remove TensorFlow". Everything is done by a worker process of its own. */
import * as vscode from "vscode";
import { toWhylightError, WhylightError } from "../../engine/errors.js";
import { bytesText } from "../../protocol/bytesText.js";
import type { SetupRequest, SetupResult } from "../../protocol/setup.js";
import { obstacleText, planLines, stepTitle } from "../../protocol/setupTexts.js";
import { reportFailure, say, type Services } from "../services.js";
import { withStoppableNotification } from "../stoppable.js";
import { createRunWorker } from "../workerProcess.js";

/** As much of what a program says as a notification shows. */
const shownOfLine = 60;

/** Where the editor keeps it; written down in the machine's cache folder too, so that the command line finds it. */
const folderOf = (context: vscode.ExtensionContext): string => vscode.Uri.joinPath(context.globalStorageUri, "tensorflow").fsPath;

/** Shows steps and sizes, asks, and does what is not done yet. Cancelled or broken off, it goes on where it was when it is asked again. */
export function setUpTensorflow(services: Services): () => Promise<void> {
  const { context, log } = services;
  return async () => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    // A process of its own: this takes minutes, and must not wait for what explains meanwhile.
    const worker = createRunWorker(context, log);
    try {
      let request: SetupRequest = { folder: folderOf(context), python: undefined, package: undefined };
      for (;;) {
        const answer = await askConsent(request, worker);
        if (answer === "no") return undefined;
        if (answer === "yes") break;
        request = { ...request, python: answer.fsPath };
      }
      const wanted = request;
      const result = await withStoppableNotification(vscode.l10n.t("Whylight: setting up TensorFlow"), (signal, report) => worker.call("setUpTensorflow", wanted, {
        signal, onProgress: ({ setup }) => {
          if (!setup) return;
          const { index, count, state, line } = setup;
          const step = `${index + 1}/${count} ${stepTitle(setup.step, say)}`;
          if (state !== "working" || line !== "") log.info(`${step} · ${state}${line === "" ? "" : ` · ${line}`}`);
          report({ message: `${step}${line === "" ? "" : ` · ${line.slice(0, shownOfLine)}`}` });
        },
      }));
      for (const obstacle of result.givenUp) log.warn(obstacleText(obstacle, say));
      // The process that computes looked for TensorFlow before it was here.
      services.worker.restart();
      await offerUse(result);
    } catch (thrown) {
      await reportFailure(log, thrown);
    } finally {
      worker.dispose();
    }
    return undefined;
  };
}

/** Removes what was set up here, whole or half done. */
export function removeTensorflow({ context, log, worker }: Services): () => Promise<void> {
  return async () => {
    const remove = vscode.l10n.t("Remove");
    const folder = folderOf(context);
    if ((await vscode.window.showWarningMessage(vscode.l10n.t("Remove the TensorFlow that Whylight set up?"), { modal: true, detail: folder }, remove)) !== remove) return;
    try {
      // Whoever has its libraries open would keep them on the disk.
      worker.restart();
      const { bytes } = await worker.call("removeTensorflow", { folder });
      void vscode.window.showInformationMessage(bytes === 0 ? vscode.l10n.t("No TensorFlow was set up here.") : vscode.l10n.t("TensorFlow was removed: {0}.", bytesText(bytes)));
    } catch (thrown) {
      await reportFailure(log, thrown);
    }
  };
}

/** What people say to the plan: yes, no, or another Python. A Python or tool that is missing is told with the same choice. */
async function askConsent(request: SetupRequest, worker: Services["worker"]): Promise<"yes" | "no" | vscode.Uri> {
  const [setUp, choose] = [vscode.l10n.t("Set Up"), vscode.l10n.t("Choose a Python…")];
  let picked: string | undefined;
  try {
    const plan = await worker.call("planTensorflow", request);
    picked = await vscode.window.showInformationMessage(vscode.l10n.t("Set up native TensorFlow for Whylight?"), { modal: true, detail: planLines(plan, say).join("\n") }, setUp, choose);
  } catch (thrown) {
    if (toWhylightError(thrown).code !== "pythonUnsuitable") throw thrown;
    const { data } = toWhylightError(thrown);
    picked = await vscode.window.showErrorMessage(say("The Python {path} cannot be used: {reason}.", data), { modal: true, detail: say("Choose another Python, 64-bit and 3.10 or newer.", data) }, choose);
  }
  if (picked === setUp) return "yes";
  if (picked !== choose) return "no";
  const files = await vscode.window.showOpenDialog({ title: choose, canSelectFiles: true, canSelectFolders: false, openLabel: choose });
  return files?.[0] ?? "no";
}

async function offerUse({ detail }: SetupResult): Promise<void> {
  const [use, check] = [vscode.l10n.t("Use It"), vscode.l10n.t("Check Runtimes")];
  const picked = await vscode.window.showInformationMessage(vscode.l10n.t("{0}: ready. The runtime tfjs-tensorflow finds it by itself.", detail), use, check);
  if (picked === use) await vscode.workspace.getConfiguration("whylight").update("runtime", "tfjs-tensorflow", vscode.ConfigurationTarget.Global);
  if (picked === check) await vscode.commands.executeCommand("whylight.doctor");
}

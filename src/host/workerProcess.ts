/** @file The worker of this window: made from the settings, restarted when they change, behind workspace trust. */
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import { readSettings } from "./settings.js";
import { createWorkerClient, type WorkerClient } from "./workerClient.js";

const cancelGraceMs = 500;
const startSettings = ["whylight.worker", "whylight.tensorflow", "whylight.cache"];

/** Where the worker keeps results across restarts. */
export const resultsFolder = (context: vscode.ExtensionContext) => vscode.Uri.joinPath(context.globalStorageUri, "results");

/** A worker that starts with the first call. In an untrusted workspace every call rejects with `workspaceUntrusted`. */
export function createWorker(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): WorkerClient {
  const client = startedBySettings(context, log);
  context.subscriptions.push(
    { dispose: () => client.dispose() },
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (startSettings.some((name) => change.affectsConfiguration(name))) client.restart();
      else if (change.affectsConfiguration("whylight")) client.forgive();
    }),
  );
  return trusted(client);
}

/** A worker for one long run, so that the other stays free meanwhile. Settings that change do not touch it; whoever made it ends it with `dispose`. */
export function createRunWorker(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): WorkerClient {
  return trusted(startedBySettings(context, log));
}

function startedBySettings(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): WorkerClient {
  return createWorkerClient(() => {
    const { nodePath, memoryMb, idleMinutes, tensorflowPath, tensorflowCards, cacheMb } = readSettings();
    return {
      script: context.asAbsolutePath("dist/worker.js"),
      nodePath: nodePath === "" ? undefined : nodePath,
      memoryMb, idleMs: idleMinutes * 60_000, cancelGraceMs,
      env: {
        WHYLIGHT_RESULTS: resultsFolder(context).fsPath, WHYLIGHT_RESULTS_MB: String(cacheMb),
        ...(tensorflowPath === "" ? {} : { WHYLIGHT_TENSORFLOW: tensorflowPath }),
        ...(tensorflowCards === "" ? {} : { CUDA_VISIBLE_DEVICES: tensorflowCards }),
      },
    };
  }, (level, text) => log[level](text));
}

function trusted(client: WorkerClient): WorkerClient {
  const call: WorkerClient["call"] = (method, args, options) =>
    vscode.workspace.isTrusted ? client.call(method, args, options) : Promise.reject(new WhylightError("workspaceUntrusted"));
  return { ...client, call };
}

/** @file One explanation panel: a webview, the session behind it and what its buttons do. */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import type { Chosen, FailureAction, PanelApi, PanelEvents, PanelState } from "../protocol/api.js";
import { readChosen } from "../protocol/panelMemento.js";
import { Rpc, type Frame, type Port } from "../protocol/rpc.js";
import { pickModel } from "./models.js";
import { panelHtml } from "./panelHtml.js";
import { createPanelSession, type PanelSession } from "./panelSession.js";
import { savePicture } from "./savePicture.js";
import { logFailure, translate, type Services } from "./services.js";
import { readSettings } from "./settings.js";
import { openSidecar, sidecarOf } from "./sidecar.js";
import { failureActions, failureText, noteText, phaseText } from "./texts.js";

/** What a panel is about. There is one panel per subject. */
export interface Subject {
  readonly image: vscode.Uri;
  readonly model: vscode.Uri;
}

export interface ExplanationPanel {
  readonly subject: Subject;
  readonly panel: vscode.WebviewPanel;
  /** Explains again with the same choices, where anything changed. */
  refresh(): void;
}

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel and starts explaining at once. `replace` is called when another model is chosen for the image. */
export function createPanel(panel: vscode.WebviewPanel, subject: Subject, chosen: Chosen, services: Services, replace: (subject: Subject) => void): ExplanationPanel {
  const { context, log, worker } = services;
  const settings = readSettings(subject.image);
  let isReady = false;

  const session = createPanelSession(
    { image: subject.image.fsPath, model: subject.model.fsPath, imageName: path.basename(subject.image.fsPath), modelName: path.basename(subject.model.fsPath), chosen },
    {
      call: worker.call,
      show: (state) => {
        // A page that has not asked yet gets everything when it does; posting earlier would be lost.
        if (isReady) rpc.emit("state", state);
      },
      strings: vscode.l10n.bundle ?? {},
      phaseText: (phase) => phaseText(phase, translate),
      noteText: (note) => noteText(note, translate),
      describeFailure: (error) => ({ text: failureText(error, translate), actions: failureActions(error, translate) }),
      runtime: () => readSettings(subject.image).runtime,
      stamp: () => stampOf([subject.image, subject.model, sidecarOf(subject.model)]),
      logFailure: (error) => logFailure(log, error),
    },
  );

  const act = actions(subject, session, services, replace);
  const rpc = new Rpc<PanelApi, Nothing, PanelEvents, Nothing>(webviewPort(panel), {
    ready: (): PanelState => {
      isReady = true;
      return session.state();
    },
    explain: (wanted) => {
      const next = readChosen(wanted);
      if (next) void session.explain(next);
    },
    cancel: () => session.cancel(),
    savePng: ({ png, suggestedName }) => savePicture(subject.image, png, suggestedName, log),
    act: ({ action }) => act[action](),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
  });
  panel.onDidDispose(() => session.dispose());

  const dist = vscode.Uri.joinPath(context.extensionUri, "dist");
  const { webview } = panel;
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  panel.title = `${path.basename(subject.image.fsPath)} · ${path.basename(subject.model.fsPath, ".onnx")}`;
  panel.iconPath = { light: vscode.Uri.joinPath(context.extensionUri, "media", "panel-light.svg"), dark: vscode.Uri.joinPath(context.extensionUri, "media", "panel-dark.svg") };
  webview.html = panelHtml({
    cspSource: webview.cspSource,
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.js")).toString(),
    styleUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.css")).toString(),
    title: panel.title,
    language: vscode.env.language,
    config: { image: subject.image.toString(), model: subject.model.toString(), view: { opacity: settings.opacity, colormap: settings.colormap } },
  });
  void session.refresh();
  return { subject, panel, refresh: () => void session.refresh() };
}

/** What each button does. */
function actions(subject: Subject, session: PanelSession, { context, log, worker }: Services, replace: (subject: Subject) => void): Record<FailureAction["id"], () => void | Promise<void>> {
  return {
    retry: () => {
      worker.forgive();
      void session.refresh();
    },
    showLog: () => log.show(),
    chooseModel: async () => {
      const model = await pickModel(context.workspaceState, subject.image);
      if (model) replace({ image: subject.image, model });
    },
    chooseRuntime: async () => {
      await vscode.commands.executeCommand("workbench.action.openSettings", "whylight.runtime");
    },
    openSidecar: () => openSidecar(subject.model),
  };
}

function webviewPort(panel: vscode.WebviewPanel): Port {
  return {
    post: (frame) => void panel.webview.postMessage(frame),
    onFrame: (listener) => panel.webview.onDidReceiveMessage((message: Frame) => listener(message)),
    onClose: (listener) => panel.onDidDispose(() => listener(new WhylightError("panelClosed"))),
  };
}

/** Changes with any of the files; a missing one counts as such. */
async function stampOf(files: readonly vscode.Uri[]): Promise<string> {
  const stamps = files.map(async (file) => {
    try {
      const { mtime, size } = await vscode.workspace.fs.stat(file);
      return `${mtime}/${size}`;
    } catch {
      return "none";
    }
  });
  return (await Promise.all(stamps)).join(" ");
}

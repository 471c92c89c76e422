/** @file What every panel shares: its page, the wire to it, and what its session needs of VS Code. */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import type { FailureAction } from "../protocol/api.js";
import type { Frame, Port } from "../protocol/rpc.js";
import { modelTitle } from "../protocol/modelNames.js";
import { pickModel, type ModelPurpose } from "./models.js";
import { panelHtml, type PageParts } from "./panelHtml.js";
import type { SessionWorld } from "./sessionWorld.js";
import { logFailure, translate, type Services } from "./services.js";
import { readSettings } from "./settings.js";
import { sidecarOf } from "./sidecar.js";
import { estimateIn, failureActions, failureText, findingText, noteText, phaseText, testName } from "./texts.js";

/** What a panel is about. */
export interface Subject {
  readonly image: vscode.Uri;
  readonly model: vscode.Uri;
}

/** "pug.jpg · resnet50". */
export function subjectTitle({ image, model }: Subject): string {
  return `${path.basename(image.fsPath)} · ${modelTitle(model.fsPath)}`;
}

/** The paths and names that a session works with. */
export function subjectPaths({ image, model }: Subject) {
  return { image: image.fsPath, model: model.fsPath, imageName: path.basename(image.fsPath), modelName: modelTitle(model.fsPath) };
}

/** Puts the page into a panel and names the panel. */
export function fillPanel(panel: vscode.WebviewPanel, context: vscode.ExtensionContext, title: string, config: PageParts["config"]): void {
  const dist = vscode.Uri.joinPath(context.extensionUri, "dist");
  const { webview } = panel;
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  panel.title = title;
  panel.iconPath = { light: vscode.Uri.joinPath(context.extensionUri, "media", "panel-light.svg"), dark: vscode.Uri.joinPath(context.extensionUri, "media", "panel-dark.svg") };
  webview.html = panelHtml({
    cspSource: webview.cspSource,
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.js")).toString(),
    styleUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.css")).toString(),
    title,
    language: vscode.env.language,
    config,
  });
}

/** The wire between the host and a panel's page. */
export function webviewPort(panel: vscode.WebviewPanel): Port {
  return {
    post: (frame) => void panel.webview.postMessage(frame),
    onFrame: (listener) => panel.webview.onDidReceiveMessage((message: Frame) => listener(message)),
    onClose: (listener) => panel.onDidDispose(() => listener(new WhylightError("panelClosed"))),
  };
}

/** What a session about an image needs, but for showing. */
export function worldOf({ image, model }: Subject, services: Services): Omit<SessionWorld, "show"> {
  return sessionWorld(image, [image, model, sidecarOf(model)], services);
}

/** What a session needs, but for showing. Settings are those of `scope`; results are good until one of the files changes. */
export function sessionWorld(scope: vscode.Uri, files: readonly vscode.Uri[], { log, worker }: Services): Omit<SessionWorld, "show"> {
  return {
    call: worker.call,
    strings: vscode.l10n.bundle ?? {},
    phaseText: (phase, estimate) => phaseText(phase, translate, estimate),
    estimateText: (estimate) => estimateIn(estimate, translate),
    noteText: (note) => noteText(note, translate),
    findingText: (finding) => findingText(finding, translate),
    testName: (test) => testName(test, translate),
    describeFailure: (error) => ({ text: failureText(error, translate), actions: failureActions(error, translate) }),
    runtime: () => readSettings(scope).runtime,
    stamp: () => stampOf(files),
    logFailure: (error) => logFailure(log, error),
  };
}

/** What the buttons beside a failure do. `replace` is called when another model is chosen for the image. */
export function failureSteps({ image, model }: Subject, services: Services, again: () => void, replace: (subject: Subject) => void): FailureSteps {
  return failureStepsFor({ resource: image, model, purpose: "image" }, services, again, (picked) => replace({ image, model: picked }));
}

export type FailureSteps = Record<FailureAction["id"], () => void | Promise<void>>;

/** What the buttons beside a failure do for whatever a model was wanted for. `replace` is called with another model when one is chosen. */
export function failureStepsFor(
  { resource, model, purpose }: { readonly resource: vscode.Uri | undefined; readonly model: vscode.Uri; readonly purpose: ModelPurpose },
  services: Services, again: () => void, replace: (model: vscode.Uri) => void,
): FailureSteps {
  const { log, worker } = services;
  return {
    retry: () => {
      worker.forgive();
      again();
    },
    showLog: () => log.show(),
    chooseModel: async () => {
      const picked = await pickModel(services, resource, purpose);
      if (picked) replace(picked);
    },
    chooseRuntime: async () => {
      await vscode.commands.executeCommand("workbench.action.openSettings", "whylight.runtime");
    },
    openSidecar: async () => {
      await vscode.commands.executeCommand("whylight.describeModel", model);
    },
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

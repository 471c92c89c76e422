/** @file The panel of one model: a webview, the session behind it and what its buttons do. */
import * as path from "node:path";
import * as vscode from "vscode";
import { modelTitle } from "../../protocol/modelNames.js";
import type { ModelPageApi, ModelPageEvents, ModelPageState, StatedDescription } from "../../protocol/modelPage.js";
import { Rpc } from "../../protocol/rpc.js";
import { pickImage } from "../images.js";
import { failureStepsFor, fillPanel, sessionWorld, webviewPort } from "../panelPage.js";
import type { Services } from "../services.js";
import { openSidecar, sidecarOf } from "../sidecar.js";
import { createModelSession } from "./modelSession.js";

export interface ModelPageSubject {
  readonly model: vscode.Uri;
  /** The image whose activations are shown from the start. */
  readonly image: vscode.Uri | undefined;
  readonly isFormOpen: boolean;
}

export interface ModelPanel {
  readonly subject: ModelPageSubject;
  readonly panel: vscode.WebviewPanel;
  /** Reads the model again where a file changed. */
  refresh(): void;
  openForm(): void;
}

/** What the panel asks of the others. */
export interface ModelLinks {
  readonly showGraph: (model: vscode.Uri) => Promise<void>;
  /** Called when the sidecar file was written. */
  readonly described: (model: vscode.Uri) => void;
  readonly replace: (model: vscode.Uri) => void;
}

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel and reads the model at once. */
export function createModelPanel(panel: vscode.WebviewPanel, subject: ModelPageSubject, services: Services, links: ModelLinks): ModelPanel {
  const { model, isFormOpen } = subject;
  let isReady = false;
  const named = (image: vscode.Uri) => ({ path: image.fsPath, name: path.basename(image.fsPath) });

  const session = createModelSession({ model: model.fsPath, modelName: modelTitle(model.fsPath), image: subject.image && named(subject.image), isFormOpen }, {
    ...sessionWorld(model, [model, sidecarOf(model), ...["config.json", "preprocessor_config.json", "processor_config.json", "labels.txt"].map((name) => vscode.Uri.joinPath(model, "..", name))], services),
    show: (state) => {
      // A page that has not asked yet gets everything when it does; posting earlier would be lost.
      if (isReady) rpc.emit("model", state);
    },
    showThumbnails: (run, layers) => {
      if (isReady) rpc.emit("thumbnails", { run, layers });
    },
    write: async (file, text) => vscode.workspace.fs.writeFile(vscode.Uri.file(file), new TextEncoder().encode(text)),
    described: () => links.described(model),
  });

  const chooseImage = async () => {
    const image = await pickImage(vscode.l10n.t("Whylight: Inspect Model"), vscode.l10n.t("Choose an image to see what each layer makes of it."));
    if (image) await session.showImage(named(image));
  };
  const chooseLabels = async () => {
    const files = await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Choose a File of Labels"), openLabel: vscode.l10n.t("Choose"), defaultUri: vscode.Uri.joinPath(model, ".."), filters: { [vscode.l10n.t("Text files")]: ["txt", "names", "csv"], [vscode.l10n.t("All files")]: ["*"] },
    });
    if (files?.[0]) await session.takeLabels(path.basename(files[0].fsPath), files[0].fsPath);
  };

  const steps = failureStepsFor({ resource: model, model, purpose: "image" }, services, () => void session.refresh(), links.replace);
  const rpc = new Rpc<ModelPageApi, Nothing, ModelPageEvents, Nothing>(webviewPort(panel), {
    ready: (): ModelPageState => {
      isReady = true;
      // After the answer, so that the page is there to take them.
      setTimeout(() => session.repeatThumbnails(), 0);
      return session.state();
    },
    act: ({ action }) => (action === "openSidecar" ? session.openForm(true) : steps[action]()),
    cancel: () => session.cancel(),
    use: () => void vscode.commands.executeCommand("whylight.useModel", model),
    showGraph: () => void links.showGraph(model),
    chooseImage: () => void chooseImage(),
    openForm: ({ isOpen }) => session.openForm(isOpen),
    chooseLabels: () => void chooseLabels(),
    describe: (stated: StatedDescription) => void session.describe(stated),
    editFile: () => void openSidecar(model),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
    else void session.refresh();
  });
  panel.onDidDispose(() => session.dispose());

  fillPanel(panel, services.context, `${vscode.l10n.t("Model")} · ${modelTitle(model.fsPath)}`, { page: "model", model: model.toString(), image: subject.image?.fsPath, isFormOpen });
  void session.refresh();
  return { subject, panel, refresh: () => void session.refresh(), openForm: () => session.openForm(true) };
}

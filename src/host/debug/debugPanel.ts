/** @file One misclassification report's panel: a webview, the session behind it and what its buttons do. */
import * as vscode from "vscode";
import type { Chosen } from "../../protocol/api.js";
import { debugFormats, type DebugApi, type DebugEvents, type DebugState } from "../../protocol/debug.js";
import { Rpc } from "../../protocol/rpc.js";
import { failureSteps, fillPanel, subjectPaths, subjectTitle, webviewPort, worldOf, type Subject } from "../panelPage.js";
import type { Services } from "../services.js";
import { readSettings } from "../settings.js";
import { saveReport } from "../saveReport.js";
import { createDebugSession, pathOf, type Judged } from "./debugSession.js";

/** What a report is about. There is one panel per image and model. */
export interface DebugSubject extends Subject {
  /** Labelled files to look for near ones in: a folder. */
  readonly among: vscode.Uri | undefined;
}

export interface DebugPanel {
  readonly subject: DebugSubject;
  readonly panel: vscode.WebviewPanel;
  /** Makes the report again where files changed. */
  refresh(): void;
  /** Makes it again with other labels. */
  relabel(judged: Judged): void;
}

/** What the panel asks of the others. */
export interface DebugLinks {
  /** Shows one map in an explanation panel. */
  readonly explain: (subject: Subject, chosen: Chosen) => void;
  /** Opens the report of another image. */
  readonly debug: (subject: DebugSubject, judged: Judged) => void;
  /** Called when another model is chosen for the image. */
  readonly replace: (subject: Subject, judged: Judged) => void;
}

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel and starts at once. */
export function createDebugPanel(panel: vscode.WebviewPanel, subject: DebugSubject, judged: Judged, services: Services, links: DebugLinks): DebugPanel {
  const { image, model, among } = subject;
  let isReady = false;

  const session = createDebugSession({ ...subjectPaths(subject), ...judged, among: among?.fsPath }, {
    ...worldOf(subject, services),
    show: (state) => {
      // A page that has not asked yet gets everything when it does; posting earlier would be lost.
      if (isReady) rpc.emit("debug", state);
    },
    showNeighbour: (file, picture) => {
      if (isReady) rpc.emit("neighbour", { file, picture });
    },
  });

  function openNeighbour(file: string, as: "report" | "image"): void {
    const { report } = session.state();
    const found = report?.neighbours?.found.find((one) => one.file === file);
    if (!report?.neighbours || !found) return;
    const near = vscode.Uri.file(pathOf(report.neighbours, file));
    if (as === "image") return void vscode.commands.executeCommand("vscode.open", near);
    // Near files are labelled as this one is, where nobody said it by hand.
    const { labelFrom } = session.judged();
    links.debug({ image: near, model, among }, { label: found.label, labelFrom: labelFrom === "given" ? "folder" : labelFrom, expected: undefined });
  }

  const act = failureSteps(subject, services, () => void session.refresh(), (next) => links.replace(next, session.judged()));
  const rpc = new Rpc<DebugApi, Nothing, DebugEvents, Nothing>(webviewPort(panel), {
    ready: (): DebugState => {
      isReady = true;
      // After the answer, so that the page is there to take them.
      setTimeout(() => session.showNeighbours(), 0);
      return session.state();
    },
    relabel: ({ label, expected }) => void session.relabel({ label, labelFrom: "given", expected }),
    cancel: () => session.cancel(),
    openMap: ({ id }) => {
      const explained = session.state().report?.maps.find((map) => map.id === id)?.explanation;
      if (!explained) return;
      const { method, score, parameters, target, versus, layer } = explained;
      links.explain({ image, model }, { method, score, parameters, target: target.index, versus: versus?.index, layer });
    },
    explain: ({ target }) => {
      const method = session.state().report?.maps[0]?.explanation.method;
      if (method) links.explain({ image, model }, { method, score: "logit", parameters: {}, target, versus: undefined, layer: undefined });
    },
    openNeighbour: ({ file, as }) => openNeighbour(file, as),
    export: async ({ format }) => {
      const { report } = session.state();
      if (!report || !debugFormats.includes(format)) return;
      // Not beside the image: there a report's pictures would be audited as images of the class.
      const folder = vscode.workspace.getWorkspaceFolder(image)?.uri;
      await saveReport({ beside: folder ? vscode.Uri.joinPath(folder, "report") : image, name: `${subjectPaths(subject).imageName.replace(/\.[^.]*$/, "")}.misclassification`, format }, services, (name) =>
        services.worker.call("exportDebug", { report, format, name, strings: vscode.l10n.bundle ?? {} }));
    },
    act: ({ action }) => act[action](),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
  });
  panel.onDidDispose(() => session.dispose());

  const { opacity, colormap } = readSettings(image);
  fillPanel(panel, services.context, `${vscode.l10n.t("Misclassification")} · ${subjectTitle(subject)}`, {
    page: "debug", image: image.toString(), model: model.toString(), ...judged, among: among?.toString(), view: { opacity, colormap },
  });
  void session.refresh();
  return { subject, panel, refresh: () => void session.refresh(), relabel: (next) => void session.relabel(next) };
}

/** @file One explanation panel: a webview, the session behind it and what its buttons do. */
import * as vscode from "vscode";
import type { Chosen, PanelApi, PanelEvents, PanelState } from "../protocol/api.js";
import { readChosen } from "../protocol/panelMemento.js";
import { Rpc } from "../protocol/rpc.js";
import { failureSteps, fillPanel, subjectPaths, subjectTitle, webviewPort, worldOf, type Subject } from "./panelPage.js";
import { createPanelSession } from "./panelSession.js";
import { saveExport } from "./saveExport.js";
import type { Services } from "./services.js";
import { readSettings } from "./settings.js";

export interface ExplanationPanel {
  readonly subject: Subject;
  readonly panel: vscode.WebviewPanel;
  /** Explains again with the same choices, where anything changed. */
  refresh(): void;
  /** What its pickers stand at. */
  chosen(): Chosen;
  /** Explains with other choices. */
  explain(chosen: Chosen): void;
}

type Nothing = Record<never, never>;

const compareCommands = { methods: "whylight.compareMethods", baselines: "whylight.compareBaselines", samples: "whylight.compareSamples" } as const;

/** Fills a fresh or restored webview panel and starts explaining at once. `replace` is called when another model is chosen for the image. */
export function createPanel(panel: vscode.WebviewPanel, subject: Subject, chosen: Chosen, services: Services, replace: (subject: Subject) => void): ExplanationPanel {
  let isReady = false;

  const session = createPanelSession(
    { ...subjectPaths(subject), chosen },
    {
      ...worldOf(subject, services),
      show: (state) => {
        // A page that has not asked yet gets everything when it does; posting earlier would be lost.
        if (isReady) rpc.emit("state", state);
      },
    },
  );

  const act = failureSteps(subject, services, () => void session.refresh(), replace);
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
    checkTrust: () => session.checkTrust(),
    cancelTrust: () => session.cancelTrust(),
    // The commands take the panel in front, which is the one that was clicked.
    compare: ({ kind }) => void vscode.commands.executeCommand(compareCommands[kind]),
    exportPicture: ({ format, style }) => {
      const shown = session.state().explanation;
      return shown && !shown.partial ? saveExport({ explanation: shown, format, style, strings: vscode.l10n.bundle ?? {} }, subject.image, services) : undefined;
    },
    act: ({ action }) => act[action](),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
  });
  panel.onDidDispose(() => session.dispose());

  const { opacity, colormap } = readSettings(subject.image);
  fillPanel(panel, services.context, subjectTitle(subject), { image: subject.image.toString(), model: subject.model.toString(), view: { opacity, colormap } });
  void session.refresh();
  return {
    subject, panel, refresh: () => void session.refresh(), chosen: () => session.state().chosen,
    explain: (next) => void session.explain(next),
  };
}

/** @file All open misclassification reports: one per image and model, found again instead of opened twice, restored after a reload. */
import * as vscode from "vscode";
import { readDebugMemento } from "../../protocol/debugMemento.js";
import type { Subject } from "../panelPage.js";
import type { Panels } from "../panels.js";
import type { Services } from "../services.js";
import { createDebugPanel, type DebugPanel, type DebugSubject } from "./debugPanel.js";
import type { Judged } from "./debugSession.js";

const viewType = "whylight.debug";

export interface DebugPanels {
  /** Shows the report of a subject, in front; a new one starts at once, an open one is held against these labels. */
  open(subject: DebugSubject, judged: Judged, column?: vscode.ViewColumn): void;
  /** The report that has the focus. */
  active(): DebugPanel | undefined;
}

/** The registry, with the serializer that restores panels after a reload. */
export function createDebugPanels(services: Services, panels: Panels): DebugPanels {
  const open = new Map<string, DebugPanel>();
  const keyOf = ({ image, model }: Subject) => `${image.toString()}\n${model.toString()}`;

  function adopt(panel: vscode.WebviewPanel, subject: DebugSubject, judged: Judged): void {
    const key = keyOf(subject);
    const made = createDebugPanel(panel, subject, judged, services, {
      explain: (about, chosen) => panels.open(about, panel.viewColumn, chosen),
      debug: (about, by) => show(about, by, panel.viewColumn),
      replace: (next, by) => {
        const column = panel.viewColumn;
        if (keyOf(next) === key) return made.refresh();
        show({ ...next, among: subject.among }, by, column);
        return panel.dispose();
      },
    });
    open.set(key, made);
    panel.onDidDispose(() => {
      if (open.get(key) === made) open.delete(key);
    });
  }

  function show(subject: DebugSubject, judged: Judged, column = vscode.ViewColumn.Active): void {
    const known = open.get(keyOf(subject));
    if (known) {
      known.panel.reveal();
      return known.relabel(judged);
    }
    return adopt(vscode.window.createWebviewPanel(viewType, "Whylight", column, { enableScripts: true }), subject, judged);
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readDebugMemento(stored);
        if (!memento) return panel.dispose();
        const { image, model, among, label, labelFrom, expected } = memento;
        return adopt(panel, { image: vscode.Uri.parse(image), model: vscode.Uri.parse(model), among: among === undefined ? undefined : vscode.Uri.parse(among) }, { label, labelFrom, expected });
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const made of open.values()) made.refresh();
    }),
    { dispose: () => [...open.values()].forEach(({ panel }) => panel.dispose()) },
  );
  return { open: show, active: () => [...open.values()].find(({ panel }) => panel.active) };
}

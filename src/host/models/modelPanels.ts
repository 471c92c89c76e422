/** @file All open pages of models: one per model, found again instead of opened twice, restored after a reload. */
import * as vscode from "vscode";
import { readModelPageMemento } from "../../protocol/modelPage.js";
import type { Services } from "../services.js";
import { createModelPanel, type ModelPageSubject, type ModelPanel } from "./modelPanel.js";

const viewType = "whylight.model";

export interface ModelPanels {
  /** Shows the page of a model, in front; with `isFormOpen` at the form that describes it. */
  open(subject: ModelPageSubject, column?: vscode.ViewColumn): void;
  /** The page that has the focus. */
  active(): ModelPanel | undefined;
}

/** The registry, with the serializer that restores pages after a reload. */
export function createModelPanels(services: Services, links: { readonly showGraph: (model: vscode.Uri) => Promise<void>; readonly described: (model: vscode.Uri) => void }): ModelPanels {
  const open = new Map<string, ModelPanel>();

  function adopt(panel: vscode.WebviewPanel, subject: ModelPageSubject): void {
    const key = subject.model.toString();
    const made = createModelPanel(panel, subject, services, {
      ...links,
      replace: (model) => {
        const column = panel.viewColumn;
        if (model.toString() === key) return made.refresh();
        show({ model, image: undefined, isFormOpen: false }, column);
        return panel.dispose();
      },
    });
    open.set(key, made);
    panel.onDidDispose(() => {
      if (open.get(key) === made) open.delete(key);
    });
  }

  function show(subject: ModelPageSubject, column = vscode.ViewColumn.Active): void {
    const known = open.get(subject.model.toString());
    if (!known) return adopt(vscode.window.createWebviewPanel(viewType, "Whylight", column, { enableScripts: true }), subject);
    known.panel.reveal();
    known.refresh();
    if (subject.isFormOpen) known.openForm();
    return undefined;
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readModelPageMemento(stored);
        if (!memento) return panel.dispose();
        return adopt(panel, { model: vscode.Uri.parse(memento.model), image: memento.image === undefined ? undefined : vscode.Uri.file(memento.image), isFormOpen: memento.isFormOpen });
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const made of open.values()) made.refresh();
    }),
    { dispose: () => [...open.values()].forEach(({ panel }) => panel.dispose()) },
  );
  return { open: show, active: () => [...open.values()].find(({ panel }) => panel.active) };
}

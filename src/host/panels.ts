/** @file All open panels: one per image and model, found again instead of opened twice, restored after a reload. */
import * as vscode from "vscode";
import { readMemento } from "../protocol/panelMemento.js";
import { createPanel, type ExplanationPanel } from "./panel.js";
import type { Subject } from "./panelPage.js";
import type { Chosen } from "../protocol/api.js";
import type { Services } from "./services.js";
import { readSettings } from "./settings.js";

const viewType = "whylight.explanation";

export interface Panels {
  /** Shows the panel of a subject, in front; a new one starts explaining, an open one explains again where files changed. `chosen` explains with these choices. */
  open(subject: Subject, column?: vscode.ViewColumn, chosen?: Chosen): void;
  /** Explains again with a model where it was described otherwise. */
  refreshModel(model: vscode.Uri): void;
  /** The panel that has the focus. */
  active(): ExplanationPanel | undefined;
}

/** The registry, with the serializer that restores panels after a reload. */
export function createPanels(services: Services): Panels {
  const panels = new Map<string, ExplanationPanel>();
  const keyOf = ({ image, model }: Subject) => `${image.toString()}\n${model.toString()}`;

  function adopt(panel: vscode.WebviewPanel, subject: Subject, chosen: Chosen): void {
    const key = keyOf(subject);
    const made = createPanel(panel, subject, chosen, services, (next) => {
      const column = panel.viewColumn;
      if (keyOf(next) === key) return made.refresh();
      open(next, column);
      return panel.dispose();
    });
    panels.set(key, made);
    panel.onDidDispose(() => {
      if (panels.get(key) === made) panels.delete(key);
    });
  }

  function open(subject: Subject, column = vscode.ViewColumn.Active, chosen?: Chosen): void {
    const known = panels.get(keyOf(subject));
    if (known) {
      known.panel.reveal();
      if (chosen) known.explain(chosen);
      else known.refresh();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType, "Whylight", column, { enableScripts: true });
    adopt(panel, subject, chosen ?? { method: readSettings(subject.image).method, target: "predicted", layer: undefined, score: "logit", parameters: {} });
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readMemento(stored);
        if (!memento) return panel.dispose();
        return adopt(panel, { image: vscode.Uri.parse(memento.image), model: vscode.Uri.parse(memento.model) }, memento.chosen);
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const made of panels.values()) made.refresh();
    }),
    { dispose: () => [...panels.values()].forEach(({ panel }) => panel.dispose()) },
  );
  const refreshModel = (model: vscode.Uri) => {
    for (const made of panels.values()) if (made.subject.model.toString() === model.toString()) made.refresh();
  };
  return { open, refreshModel, active: () => [...panels.values()].find(({ panel }) => panel.active) };
}

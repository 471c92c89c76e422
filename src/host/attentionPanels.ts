/** @file All open attention panels: one per input and model, found again instead of opened twice, restored after a reload. */
import * as vscode from "vscode";
import type { TargetSpec } from "../protocol/api.js";
import { readAttentionMemento } from "../protocol/attentionMemento.js";
import { createAttentionPanel, type AttentionPanel, type AttentionSubject } from "./attentionPanel.js";
import type { Services } from "./services.js";
import type { AttentionHighlights } from "./text/attentionHighlights.js";

const viewType = "whylight.attention";

export interface AttentionPanels {
  /** Shows the panel of a subject, in front; a new one starts computing, an open one computes again where files changed. */
  open(subject: AttentionSubject, column?: vscode.ViewColumn): void;
  /** The panel that has the focus. */
  active(): AttentionPanel | undefined;
}

/** The registry, with the serializer that restores panels after a reload. */
export function createAttentionPanels(services: Services, highlights: AttentionHighlights): AttentionPanels {
  const open = new Map<string, AttentionPanel>();
  const keyOf = ({ model, of }: AttentionSubject) => JSON.stringify([model.toString(), of.kind === "image" ? of.image.toString() : [of.text, of.pair, of.source]]);

  function adopt(panel: vscode.WebviewPanel, subject: AttentionSubject, target: TargetSpec): void {
    const key = keyOf(subject);
    const made = createAttentionPanel(panel, subject, target, services, highlights, (next) => {
      const column = panel.viewColumn;
      if (keyOf(next) === key) return made.refresh();
      show(next, column);
      return panel.dispose();
    });
    open.set(key, made);
    panel.onDidDispose(() => {
      if (open.get(key) === made) open.delete(key);
    });
  }

  function show(subject: AttentionSubject, column = vscode.ViewColumn.Active): void {
    const known = open.get(keyOf(subject));
    if (known) {
      known.panel.reveal();
      known.refresh();
      return;
    }
    adopt(vscode.window.createWebviewPanel(viewType, "Whylight", column, { enableScripts: true }), subject, "predicted");
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readAttentionMemento(stored);
        if (!memento) return panel.dispose();
        const { input, source, target } = memento;
        const of = input.kind === "image" ? { kind: input.kind, image: vscode.Uri.parse(input.path) } : { kind: input.kind, text: input.text, pair: input.pair, source };
        return adopt(panel, { model: vscode.Uri.parse(memento.model), of }, target);
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const made of open.values()) made.refresh();
    }),
    { dispose: () => [...open.values()].forEach(({ panel }) => panel.dispose()) },
  );
  return { open: show, active: () => [...open.values()].find(({ panel }) => panel.active) };
}

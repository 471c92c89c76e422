/** @file All open comparisons: one per image, model and kind, found again instead of opened twice, restored after a reload. */
import * as vscode from "vscode";
import { defaultTiles, readComparisonMemento, type ComparedTarget } from "../protocol/comparison.js";
import { createComparisonPanel, type ComparisonChoices, type ComparisonPanel, type ComparisonSubject } from "./comparisonPanel.js";
import type { Panels } from "./panels.js";
import type { Services } from "./services.js";

const viewType = "whylight.comparison";

export interface Comparisons {
  /** Shows the comparison of a subject, in front; a new one starts at once. `compared` explains this class and score instead of the predicted class. */
  open(subject: ComparisonSubject, compared?: ComparedTarget, column?: vscode.ViewColumn): void;
  /** The comparison that has the focus. */
  active(): ComparisonPanel | undefined;
}

const predicted: ComparedTarget = { target: "predicted", versus: undefined, score: "logit", layer: undefined };

/** The registry, with the serializer that restores panels after a reload. */
export function createComparisons(services: Services, panels: Panels): Comparisons {
  const open = new Map<string, ComparisonPanel>();
  const keyOf = ({ image, model, kind }: ComparisonSubject) => `${kind}\n${image.toString()}\n${model.toString()}`;

  function adopt(panel: vscode.WebviewPanel, subject: ComparisonSubject, choices: ComparisonChoices): void {
    const key = keyOf(subject);
    const made = createComparisonPanel(panel, subject, choices, services, {
      explain: (about, chosen) => panels.open(about, panel.viewColumn, chosen),
      replace: (next) => {
        const column = panel.viewColumn;
        if (keyOf({ ...next, kind: subject.kind }) === key) return made.refresh();
        show({ ...next, kind: subject.kind }, choices.compared, column);
        return panel.dispose();
      },
    });
    open.set(key, made);
    panel.onDidDispose(() => {
      if (open.get(key) === made) open.delete(key);
    });
  }

  function show(subject: ComparisonSubject, compared?: ComparedTarget, column = vscode.ViewColumn.Active): void {
    const known = open.get(keyOf(subject));
    if (known) {
      known.panel.reveal();
      if (compared) known.compare(compared);
      else known.refresh();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType, "Whylight", column, { enableScripts: true });
    adopt(panel, subject, { ids: defaultTiles[subject.kind], compared: compared ?? predicted });
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readComparisonMemento(stored);
        if (!memento) return panel.dispose();
        const { image, model, kind, ids, compared } = memento;
        return adopt(panel, { image: vscode.Uri.parse(image), model: vscode.Uri.parse(model), kind }, { ids, compared });
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const made of open.values()) made.refresh();
    }),
    { dispose: () => [...open.values()].forEach(({ panel }) => panel.dispose()) },
  );
  return { open: show, active: () => [...open.values()].find(({ panel }) => panel.active) };
}

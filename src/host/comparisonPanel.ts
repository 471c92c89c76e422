/** @file One comparison panel: a webview, the session behind it and what its buttons do. */
import * as vscode from "vscode";
import type { Chosen } from "../protocol/api.js";
import type { ComparedTarget, ComparisonApi, ComparisonEvents, ComparisonKind, ComparisonState } from "../protocol/comparison.js";
import { Rpc } from "../protocol/rpc.js";
import { createComparisonSession } from "./comparisonSession.js";
import { failureSteps, fillPanel, subjectPaths, subjectTitle, webviewPort, worldOf, type Subject } from "./panelPage.js";
import { translate, type Services } from "./services.js";
import { readSettings } from "./settings.js";

/** What a comparison is about. There is one panel per subject and kind. */
export interface ComparisonSubject extends Subject {
  readonly kind: ComparisonKind;
}

/** What it starts with. */
export interface ComparisonChoices {
  readonly ids: readonly string[];
  readonly compared: ComparedTarget;
}

export interface ComparisonPanel {
  readonly subject: ComparisonSubject;
  readonly panel: vscode.WebviewPanel;
  /** Compares again where files changed. */
  refresh(): void;
  /** Compares the maps of another class or score. */
  compare(compared: ComparedTarget): void;
}

/** What the panel asks of the others. */
export interface ComparisonLinks {
  /** Shows one map in an explanation panel. */
  readonly explain: (subject: Subject, chosen: Chosen) => void;
  /** Called when another model is chosen for the image. */
  readonly replace: (subject: Subject) => void;
}

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel and starts comparing at once. */
export function createComparisonPanel(panel: vscode.WebviewPanel, subject: ComparisonSubject, choices: ComparisonChoices, services: Services, links: ComparisonLinks): ComparisonPanel {
  const { kind, image, model } = subject;
  let isReady = false;

  const session = createComparisonSession({ ...subjectPaths(subject), kind, ...choices }, {
    ...worldOf(subject, services),
    translate,
    show: (state) => {
      // A page that has not asked yet gets everything when it does; posting earlier would be lost.
      if (isReady) rpc.emit("comparison", state);
    },
    showTile: (tile) => {
      if (isReady) rpc.emit("tile", tile);
    },
  });

  const act = failureSteps(subject, services, () => void session.start(), links.replace);
  const rpc = new Rpc<ComparisonApi, Nothing, ComparisonEvents, Nothing>(webviewPort(panel), {
    ready: (): ComparisonState => {
      isReady = true;
      return session.state();
    },
    setTiles: ({ ids }) => void session.setTiles(ids),
    cancel: () => session.cancel(),
    resume: () => void session.start(),
    open: ({ id }) => {
      const { tiles, compared } = session.state();
      const tile = tiles.find((one) => one.id === id);
      if (tile) links.explain({ image, model }, { ...compared, method: tile.method, parameters: tile.parameters });
    },
    act: ({ action }) => act[action](),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
  });
  panel.onDidDispose(() => session.dispose());

  const { opacity, colormap } = readSettings(image);
  fillPanel(panel, services.context, `${titles()[kind]} · ${subjectTitle(subject)}`, { page: "comparison", image: image.toString(), model: model.toString(), kind, view: { opacity, colormap } });
  void session.start();
  return { subject, panel, refresh: () => void session.start(), compare: (compared) => void session.setCompared(compared) };
}

function titles(): Readonly<Record<ComparisonKind, string>> {
  return { methods: vscode.l10n.t("Methods compared"), baselines: vscode.l10n.t("Baselines compared"), samples: vscode.l10n.t("Samples compared") };
}

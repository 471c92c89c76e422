/** @file One attention panel: a webview, the session behind it, what its buttons do and its tokens in the reader's own text. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { TargetSpec } from "../protocol/api.js";
import type { AttentionInput, AttentionPanelApi, AttentionPanelEvents, AttentionSource, AttentionState } from "../protocol/attention.js";
import { Rpc } from "../protocol/rpc.js";
import { createAttentionSession } from "./attentionSession.js";
import { modelTitle } from "../protocol/modelNames.js";
import type { ModelPurpose } from "./models.js";
import { failureStepsFor, fillPanel, sessionWorld, webviewPort } from "./panelPage.js";
import { saveAttention } from "./saveAttention.js";
import type { Services } from "./services.js";
import { sidecarOf } from "./sidecar.js";
import type { AttentionHighlights } from "./text/attentionHighlights.js";

/** What attention is looked at: an image file, or a text with where it lies in a document. */
export type AttentionOf =
  | { readonly kind: "image"; readonly image: vscode.Uri }
  | { readonly kind: "text"; readonly text: string; readonly pair: string | undefined; readonly source: AttentionSource | undefined };

/** What a panel is about. There is one panel per subject. */
export interface AttentionSubject {
  readonly model: vscode.Uri;
  readonly of: AttentionOf;
}

export interface AttentionPanel {
  readonly subject: AttentionSubject;
  readonly panel: vscode.WebviewPanel;
  /** What its model was wanted for. */
  readonly purpose: ModelPurpose;
  /** The file or document it is about. */
  readonly resource: vscode.Uri | undefined;
  /** Computes again where files changed. */
  refresh(): void;
  /** Shows another model's attention instead. */
  useModel(model: vscode.Uri): void;
}

const excerptLength = 24;

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel and starts at once. `replace` is called when another model is chosen. */
export function createAttentionPanel(
  panel: vscode.WebviewPanel, subject: AttentionSubject, target: TargetSpec, services: Services, highlights: AttentionHighlights, replace: (subject: AttentionSubject) => void,
): AttentionPanel {
  const { of, model } = subject;
  const resource = resourceOf(subject);
  const purpose = of.kind === "text" ? "text" : "attention";
  const [inputName, modelName] = [inputNameOf(of), modelTitle(model.fsPath)];
  const source = of.kind === "text" ? of.source : undefined;
  let isReady = false;

  const session = createAttentionSession({ model: model.fsPath, modelName, inputName, input: inputOf(of, (image) => image.fsPath), target }, {
    ...sessionWorld(resource ?? model, [...(of.kind === "image" ? [of.image] : []), model, sidecarOf(model)], services),
    show: (state) => {
      // A page that has not asked yet gets everything when it does; posting earlier would be lost.
      if (isReady) rpc.emit("state", state);
    },
  });

  const useModel = (next: vscode.Uri) => replace({ ...subject, model: next });
  const act = failureStepsFor({ resource, model, purpose }, services, () => void session.refresh(), useModel);
  const rpc = new Rpc<AttentionPanelApi, Nothing, AttentionPanelEvents, Nothing>(webviewPort(panel), {
    ready: (): AttentionState => {
      isReady = true;
      return session.state();
    },
    layer: ({ layer }, { signal }) => session.layer(layer, signal),
    setTarget: ({ target: next }) => {
      if (typeof next === "string" || typeof next === "number") void session.setTarget(next);
    },
    cancel: () => session.cancel(),
    highlight: (marked) => {
      if (source) highlights.show(panel, source, partsOf(of), marked, session.state().summary?.tokens ?? []);
    },
    save: (file) => saveAttention(file, resource, services),
    act: ({ action }) => act[action](),
  });

  panel.onDidChangeViewState(() => {
    if (panel.visible) return;
    // A hidden page is gone; the one that replaces it asks for the state again.
    isReady = false;
    highlights.clear(panel);
  });
  panel.onDidDispose(() => {
    session.dispose();
    highlights.clear(panel);
  });

  // Several texts of one document can be open.
  const title = `${vscode.l10n.t("Attention")} · ${of.kind === "text" ? excerpt(of.text) : inputName} · ${modelName}`;
  fillPanel(panel, services.context, title, { page: "attention", model: model.toString(), input: inputOf(of, (image) => image.toString()), source });
  void session.refresh();
  return { subject, panel, purpose, resource, refresh: () => void session.refresh(), useModel };
}

/** The image, or the document the text lies in. */
export function resourceOf({ of }: AttentionSubject): vscode.Uri | undefined {
  if (of.kind === "image") return of.image;
  return of.source && vscode.Uri.parse(of.source.document);
}

function inputNameOf(of: AttentionOf): string {
  const file = of.kind === "image" ? of.image.path : of.source && vscode.Uri.parse(of.source.document).path;
  return file ? path.posix.basename(file) : vscode.l10n.t("Text");
}

function inputOf(of: AttentionOf, pathOf: (image: vscode.Uri) => string): AttentionInput {
  return of.kind === "image" ? { kind: "image", path: pathOf(of.image) } : { kind: "text", text: of.text, ...(of.pair === undefined ? {} : { pair: of.pair }) };
}

/** As much of a text as a tab has room for. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > excerptLength ? `${line.slice(0, excerptLength).trimEnd()}…` : line;
}

function partsOf(of: AttentionOf): string[] {
  return of.kind === "text" ? [of.text, ...(of.pair === undefined ? [] : [of.pair])] : [];
}

/** @file The commands "Choose Model" and "Use This Model". */
import * as vscode from "vscode";
import type { AttentionPanels } from "../attentionPanels.js";
import { activeImage } from "../images.js";
import { modelTitle } from "../modelKinds.js";
import { findModels, kindOfModel, pickModel, rememberModel, type ModelPurpose } from "../models.js";
import type { Panels } from "../panels.js";
import type { Services } from "../services.js";

/** Asks which model explains the folder's images or texts, and explains what the active panel shows with it. */
export function chooseModel({ context }: Services, panels: Panels, attentions: AttentionPanels): () => Promise<void> {
  return async () => {
    const attention = attentions.active();
    const resource = panels.active()?.subject.image ?? attention?.resource ?? activeImage() ?? vscode.window.activeTextEditor?.document.uri;
    const purpose = attention?.purpose ?? (panels.active() || activeImage() ? "image" : await wantedPurpose(resource));
    const model = purpose && (await pickModel(context.workspaceState, resource, purpose));
    if (model) chosen(model, purpose, panels, attentions);
  };
}

/** Takes the clicked model for its folder's images, or for its texts where its tokenizer lies beside it. */
export function useModel(services: Services, panels: Panels, attentions: AttentionPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!(clicked instanceof vscode.Uri)) return chooseModel(services, panels, attentions)();
    const kind = await kindOfModel(clicked);
    await rememberModel(services.context.workspaceState, clicked, clicked, kind);
    return chosen(clicked, kind, panels, attentions);
  };
}

/** Asked only where both kinds of models are; `undefined` when nobody answered. */
async function wantedPurpose(resource: vscode.Uri | undefined): Promise<ModelPurpose | undefined> {
  const [images, texts] = await Promise.all([findModels(resource, "image"), findModels(resource, "text")]);
  if (texts.length === 0) return "image";
  if (images.every((model) => texts.some((text) => text.toString() === model.toString()))) return "text";
  type Item = vscode.QuickPickItem & { readonly purpose: ModelPurpose };
  const items: Item[] = [
    { purpose: "image", label: vscode.l10n.t("For images") }, { purpose: "text", label: vscode.l10n.t("For texts") }, { purpose: "attention", label: vscode.l10n.t("For attention over images") },
  ];
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whylight: Choose a Model"), placeHolder: vscode.l10n.t("What shall the model explain?") }))?.purpose;
}

function chosen(model: vscode.Uri, purpose: ModelPurpose, panels: Panels, attentions: AttentionPanels): void {
  const name = modelTitle(model.fsPath);
  const told = {
    image: vscode.l10n.t("Whylight explains with {0}", name), text: vscode.l10n.t("Whylight explains texts with {0}", name), attention: vscode.l10n.t("Whylight shows the attention of {0}", name),
  }[purpose];
  vscode.window.setStatusBarMessage(told, 5000);
  const [explained, attention] = [panels.active(), attentions.active()];
  if (purpose === "image" && explained) panels.open({ image: explained.subject.image, model });
  else if (attention?.purpose === purpose) attention.useModel(model);
}

/** @file The commands "Choose Model" and "Use This Model". */
import * as vscode from "vscode";
import type { AttentionPanels } from "../attentionPanels.js";
import { activeImage } from "../images.js";
import { modelTitle } from "../../protocol/modelNames.js";
import { findModels, modelIn, pickModel, rememberModel, type ModelPurpose } from "../models.js";
import type { Panels } from "../panels.js";
import { placeOf } from "../models/modelRows.js";
import { reportFailure, type Services } from "../services.js";
import { WhylightError } from "../../engine/errors.js";

/** Asks which model explains the folder's images or texts, and explains what the active panel shows with it. */
export function chooseModel(services: Services, panels: Panels, attentions: AttentionPanels): () => Promise<void> {
  return async () => {
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    const attention = attentions.active();
    const resource = panels.active()?.subject.image ?? attention?.resource ?? activeImage() ?? vscode.window.activeTextEditor?.document.uri;
    const purpose = attention?.purpose ?? (panels.active() || activeImage() ? "image" : await wantedPurpose(services, resource));
    const model = purpose && (await pickModel(services, resource, purpose));
    if (model) chosen(model, purpose, panels, attentions);
    return undefined;
  };
}

/** Takes the clicked model, or the one in the clicked folder, for its folder's images, or for its texts where its tokenizer lies beside it. */
export function useModel(services: Services, panels: Panels, attentions: AttentionPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    const place = placeOf(clicked);
    if (place === undefined) return chooseModel(services, panels, attentions)();
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    const model = await modelIn(services, vscode.Uri.file(place));
    if (!model) return undefined;
    const kind = (await services.found.card(model).catch(() => undefined))?.purpose ?? "image";
    await rememberModel(services.context.workspaceState, model, model, kind);
    return chosen(model, kind, panels, attentions);
  };
}

/** Asked only where both kinds of models are; `undefined` when nobody answered. */
async function wantedPurpose(services: Services, resource: vscode.Uri | undefined): Promise<ModelPurpose | undefined> {
  const [images, texts] = await Promise.all([findModels(services, resource, "image"), findModels(services, resource, "text")]);
  if (texts.length === 0) return "image";
  if (images.every((model) => texts.some(({ path }) => path === model.path))) return "text";
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

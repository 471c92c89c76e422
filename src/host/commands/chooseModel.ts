/** @file The commands "Choose Model" and "Use This Model". */
import * as path from "node:path";
import * as vscode from "vscode";
import { activeImage } from "../images.js";
import { pickModel, rememberModel } from "../models.js";
import type { Panels } from "../panels.js";
import type { Services } from "../services.js";

/** Asks which model explains the folder's images, and explains the active panel's image with it. */
export function chooseModel({ context }: Services, panels: Panels): () => Promise<void> {
  return async () => {
    const image = panels.active()?.subject.image ?? activeImage();
    const model = await pickModel(context.workspaceState, image);
    if (model) chosen(model, panels);
  };
}

/** Takes the clicked model for its folder's images. */
export function useModel(services: Services, panels: Panels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!(clicked instanceof vscode.Uri)) return chooseModel(services, panels)();
    await rememberModel(services.context.workspaceState, clicked, clicked);
    return chosen(clicked, panels);
  };
}

function chosen(model: vscode.Uri, panels: Panels): void {
  vscode.window.setStatusBarMessage(vscode.l10n.t("Whylight explains with {0}", path.basename(model.fsPath)), 5000);
  const active = panels.active();
  if (active) panels.open({ image: active.subject.image, model });
}

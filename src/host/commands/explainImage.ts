/** @file The command "Explain Prediction". */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import { activeImage, isImage, pickImage } from "../images.js";
import { modelFor } from "../models.js";
import type { Panels } from "../panels.js";
import { reportFailure, type Services } from "../services.js";

/** Explains the clicked images, else the image in the active editor, else one that is asked for. */
export function explainImage(services: Services, panels: Panels): (clicked?: unknown, selected?: unknown) => Promise<void> {
  const { log } = services;
  return async (clicked, selected) => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    for (const image of await wantedImages(clicked, selected, panels)) {
      if (image.scheme !== "file") {
        await reportFailure(log, new WhylightError("inputNotFound", { path: image.toString(true) }));
        continue;
      }
      const model = await modelFor(services, image, "image");
      if (!model) return;
      panels.open({ image, model });
    }
  };
}

async function wantedImages(clicked: unknown, selected: unknown, panels: Panels): Promise<vscode.Uri[]> {
  // The Explorer hands over the clicked file and the whole selection; an editor tab only its file.
  const several = Array.isArray(selected) ? selected.filter((item): item is vscode.Uri => item instanceof vscode.Uri && isImage(item)) : [];
  if (several.length > 1) return several;
  if (clicked instanceof vscode.Uri) return [clicked];
  const one = activeImage() ?? panels.active()?.subject.image ?? (await pickImage());
  return one ? [one] : [];
}

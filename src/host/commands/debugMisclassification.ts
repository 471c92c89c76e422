/** @file The command "Debug Misclassification". */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import { labelledAround } from "../audit/audits.js";
import { readDebugArguments } from "../debug/debugArguments.js";
import type { DebugPanels } from "../debug/debugPanels.js";
import { askLabels } from "../debug/labelQuestion.js";
import { activeImage, pickImage } from "../images.js";
import { modelFor } from "../models.js";
import type { Subject } from "../panelPage.js";
import type { Panels } from "../panels.js";
import { reportFailure, type Services } from "../services.js";

/** Debugs the clicked image or test, else what the active panel shows, else the image in the active editor, else one that is asked for. A link brings everything with it, and nothing is asked. */
export function debugMisclassification(services: Services, panels: Panels, debugs: DebugPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    const link = readDebugArguments(clicked);
    if (link) {
      const { image, model, among, label, labelFrom } = link;
      return debugs.open({ image: vscode.Uri.file(image), model: vscode.Uri.file(model), among: vscode.Uri.file(among) }, { label, labelFrom, expected: undefined });
    }
    try {
      const subject = await wanted(uriOf(clicked), services, panels, debugs);
      const judged = subject && (await askLabels(subject, services));
      if (judged) debugs.open({ ...subject, among: await labelledAround(subject.image, subject.model, judged.labelFrom) }, judged);
    } catch (thrown) {
      await reportFailure(services.log, thrown);
    }
    return undefined;
  };
}

/** A file that was clicked, or the file of an item in the test view. */
function uriOf(clicked: unknown): vscode.Uri | undefined {
  if (clicked instanceof vscode.Uri) return clicked;
  const { uri } = (clicked ?? {}) as Partial<vscode.TestItem>;
  return uri instanceof vscode.Uri ? uri : undefined;
}

/** The image and its model; `undefined` when nobody picked. */
async function wanted(clicked: vscode.Uri | undefined, services: Services, panels: Panels, debugs: DebugPanels): Promise<Subject | undefined> {
  const shown = clicked ? undefined : (panels.active() ?? debugs.active())?.subject;
  if (shown) return shown;
  const image = clicked ?? activeImage() ?? (await pickImage(vscode.l10n.t("Whylight: Debug Misclassification")));
  if (!image) return undefined;
  if (image.scheme !== "file") throw new WhylightError("inputNotFound", { path: image.toString(true) });
  const model = await modelFor(services, image, "image");
  return model && { image, model };
}

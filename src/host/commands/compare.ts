/** @file The commands "Compare Methods", "Compare Baselines" and "Compare Samples". */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import type { ComparedTarget, ComparisonKind } from "../../protocol/comparison.js";
import type { Comparisons } from "../comparisons.js";
import { activeImage, pickImage } from "../images.js";
import { modelFor } from "../models.js";
import type { Subject } from "../panelPage.js";
import type { Panels } from "../panels.js";
import { reportFailure, type Services } from "../services.js";

/** Compares for the clicked image, else for what the active panel shows (its class and score included), else for the image in the active editor, else for one that is asked for. */
export function compare(kind: ComparisonKind, services: Services, panels: Panels, comparisons: Comparisons): (clicked?: unknown) => Promise<void> {
  const { log } = services;
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const active = clicked instanceof vscode.Uri ? undefined : shownNow(panels, comparisons);
    if (active) return comparisons.open({ ...active.subject, kind }, active.compared);
    const image = clicked instanceof vscode.Uri ? clicked : (activeImage() ?? (await pickImage()));
    if (!image) return undefined;
    if (image.scheme !== "file") return reportFailure(log, new WhylightError("inputNotFound", { path: image.toString(true) }));
    const model = await modelFor(services, image, "image");
    if (model) comparisons.open({ image, model, kind });
    return undefined;
  };
}

function shownNow(panels: Panels, comparisons: Comparisons): { subject: Subject; compared?: ComparedTarget } | undefined {
  const explained = panels.active();
  if (!explained) {
    const compared = comparisons.active();
    return compared && { subject: compared.subject };
  }
  const { target, versus, score, layer } = explained.chosen();
  return { subject: explained.subject, compared: { target, versus, score, layer } };
}

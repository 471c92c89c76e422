/** @file The commands about single models: inspect, describe, show the graph. */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import { activeImage } from "../images.js";
import { findModels, modelIn, modelItem } from "../models.js";
import type { ModelPanels } from "../models/modelPanels.js";
import { placeOf } from "../models/modelRows.js";
import { reportFailure, type Services } from "../services.js";

type Command = (clicked?: unknown) => Promise<void>;

/** Shows everything about the clicked model, or about one that is asked for. An image in front is shown layer by layer. */
export function inspectModel(services: Services, pages: ModelPanels): Command {
  return withModel(services, pages, vscode.l10n.t("Whylight: Inspect Model"), (model) => pages.open({ model, image: activeImage(), isFormOpen: false }));
}

/** Opens the form that states a model's labels and preprocessing. */
export function describeModel(services: Services, pages: ModelPanels): Command {
  return withModel(services, pages, vscode.l10n.t("Whylight: Describe Model"), (model) => pages.open({ model, image: undefined, isFormOpen: true }));
}

/** Opens the graph in its text form. */
export function showModelGraph(services: Services, pages: ModelPanels, show: (model: vscode.Uri) => Promise<void>): Command {
  return withModel(services, pages, vscode.l10n.t("Whylight: Show Graph as Text"), show);
}

function withModel(services: Services, pages: ModelPanels, title: string, act: (model: vscode.Uri) => void | Promise<void>): Command {
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    const place = placeOf(clicked);
    const model = place === undefined ? (pages.active()?.subject.model ?? (await askModel(services, title))) : await modelIn(services, vscode.Uri.file(place));
    return model && act(model);
  };
}

/** Asks for any model of the workspace. */
async function askModel(services: Services, title: string): Promise<vscode.Uri | undefined> {
  const [images, texts] = await Promise.all([findModels(services, undefined, "image"), findModels(services, undefined, "text")]);
  const models = [...new Map([...images, ...texts].map((model) => [model.path, model])).values()];
  const items = models.map((model) => ({ ...modelItem(model, false), model }));
  if (items.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t("There is no model in this workspace: an ONNX, safetensors, PyTorch, Keras or TensorFlow file, or a Hugging Face folder."));
    return undefined;
  }
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return picked && vscode.Uri.file(picked.model.path);
}

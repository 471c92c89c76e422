/** @file The command "Inspect Attention": of an image, or of what is selected in an editor. */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import type { AttentionPanels } from "../attentionPanels.js";
import { activeImage, isImage, pickImage } from "../images.js";
import { modelFor } from "../models.js";
import type { Panels } from "../panels.js";
import { reportFailure, type Services } from "../services.js";
import type { TextExplanations } from "../text/textExplanations.js";
import type { Stretch } from "../text/chosenText.js";
import { stretchesOf } from "./explainText.js";

/** Shows the attention over the clicked image; else over what is selected in the active editor, two selections being a pair; else over the image that is open or asked for. */
export function inspectAttention(services: Services, panels: Panels, explanations: TextExplanations, attentions: AttentionPanels): (clicked?: unknown) => Promise<void> {
  return async (clicked) => {
    if (!vscode.workspace.isTrusted) return reportFailure(services.log, new WhylightError("workspaceUntrusted"));
    if (clicked instanceof vscode.Uri && isImage(clicked)) return inspectImage(clicked, services, attentions);
    const shown = activeImage() ?? panels.active()?.subject.image;
    const editor = shown ? undefined : vscode.window.activeTextEditor;
    const stretches = editor ? stretchesOf(editor, explanations) : [];
    if (editor && stretches.length > 0) return inspectText(editor.document, stretches, services, attentions);
    const image = shown ?? (await pickImage(vscode.l10n.t("Whylight: Inspect Attention")));
    return image && inspectImage(image, services, attentions);
  };
}

/** Shows the attention over a text that is explained, by the model that explained it. */
export function inspectExplained(explanations: TextExplanations, attentions: AttentionPanels): (id: number) => void {
  return (id) => {
    const text = explanations.find(id);
    if (!text) return;
    const source = { document: text.document, starts: [text.place.start] };
    attentions.open({ model: vscode.Uri.parse(text.choices.model), of: { kind: "text", text: text.place.text, pair: undefined, source } }, vscode.ViewColumn.Beside);
  };
}

async function inspectImage(image: vscode.Uri, services: Services, attentions: AttentionPanels): Promise<void> {
  if (image.scheme !== "file") return reportFailure(services.log, new WhylightError("inputNotFound", { path: image.toString(true) }));
  const model = await modelFor(services, image, "attention");
  if (model) attentions.open({ model, of: { kind: "image", image } });
}

/** Of more than two stretches the first two count. The panel opens beside the text, so that its tokens can be shown there. */
async function inspectText(document: vscode.TextDocument, stretches: readonly Stretch[], services: Services, attentions: AttentionPanels): Promise<void> {
  const parts = stretches.slice(0, 2);
  const [text = "", pair] = parts.map(({ start, end }) => document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))));
  const model = await modelFor(services, document.uri, "text");
  const source = { document: document.uri.toString(), starts: parts.map(({ start }) => start) };
  if (model) attentions.open({ model, of: { kind: "text", text, pair, source } }, vscode.ViewColumn.Beside);
}

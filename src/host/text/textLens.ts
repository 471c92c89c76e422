/** @file The line above an explained text: what was predicted, and the next steps. */
import * as vscode from "vscode";
import { translate } from "../services.js";
import type { ExplainedTexts } from "./explainedTexts.js";
import { headline } from "./textSentences.js";
import { textCommands } from "./textCommands.js";

/** A provider for every document; `update` has VS Code ask again where anything is different. */
export function createTextLens(texts: ExplainedTexts): { readonly update: () => void; dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  let told = "";
  const provider = vscode.languages.registerCodeLensProvider({ pattern: "**" }, {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) =>
      texts.of(document.uri.toString()).filter(({ place }) => place.isIntact).flatMap(({ id, place, explanation }) => {
        const { line } = document.positionAt(place.start);
        const lens = (title: string, command: string, tooltip = "") => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, tooltip, arguments: [id] });
        return [
          lens(headline(explanation, translate), textCommands.menu, vscode.l10n.t("Values, other classes and methods")),
          lens(vscode.l10n.t("Clear"), textCommands.clear),
          lens(vscode.l10n.t("Another class…"), textCommands.anotherClass),
          lens(vscode.l10n.t("Inspect attention"), textCommands.inspect),
        ];
      }),
  });
  const update = () => {
    const now = JSON.stringify(texts.documents().map((document) => texts.of(document).map(({ id, place }) => [id, place.isIntact])));
    // A line that is drawn anew takes no click meanwhile.
    if (now === told) return;
    told = now;
    changed.fire();
  };
  return { update, dispose: () => [provider, changed].forEach((one) => one.dispose()) };
}

/** @file The status bar's word about the text at the cursor: what is going on, what was predicted, or that it was edited. */
import * as vscode from "vscode";
import { startingText } from "../texts.js";
import { translate } from "../services.js";
import type { Progress } from "../workerClient.js";
import { phaseText } from "../texts.js";
import type { ExplainedTexts } from "./explainedTexts.js";
import { textCommands } from "./textCommands.js";
import { detailLines, headline, notesOf } from "./textSentences.js";

export interface TextStatus {
  /** Looks again at the cursor and what lies there. */
  update(): void;
  /** What the job that runs says; `undefined` when it has said nothing. */
  progress(now: Progress | undefined): void;
  dispose(): void;
}

export function createTextStatus(texts: ExplainedTexts): TextStatus {
  const item = vscode.window.createStatusBarItem("whylight.text", vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t("Explained text");
  let latest: Progress | undefined;
  let told = "";

  function show(text: string, tooltip: string | vscode.MarkdownString, command: vscode.Command): void {
    const now = JSON.stringify([text, typeof tooltip === "string" ? tooltip : tooltip.value, command]);
    // An item that is drawn anew takes no click meanwhile, and this is asked at every move of the cursor.
    if (now === told) return;
    told = now;
    item.text = text;
    item.tooltip = tooltip;
    item.command = command;
    item.show();
  }

  function hide(): void {
    told = "";
    item.hide();
  }

  function update(): void {
    if (texts.pending().length > 0) {
      const share = latest && latest.total > 0 ? ` ${Math.round((100 * latest.done) / latest.total)} %` : "";
      const phase = latest ? phaseText(latest.phase, translate, latest.estimate) : translate(startingText);
      return show(`$(loading~spin) ${phase}${share}`, vscode.l10n.t("Explaining the text. Click to cancel."), { title: "", command: textCommands.cancel });
    }
    const editor = vscode.window.activeTextEditor;
    const text = editor && texts.at(editor.document.uri.toString(), editor.document.offsetAt(editor.selection.active));
    if (!text) return hide();
    const { id, place, explanation } = text;
    if (!place.isIntact) {
      if (place.end === place.start) return hide();
      return show(`$(history) ${vscode.l10n.t("Text edited: explain again")}`, vscode.l10n.t("The text was edited, so its colours are gone. Click to explain it as it is now."), { title: "", command: textCommands.again, arguments: [id] });
    }
    const hasNotes = notesOf(explanation, translate).length > 0;
    const tooltip = new vscode.MarkdownString();
    for (const line of [headline(explanation, translate), ...detailLines(explanation, translate)]) tooltip.appendText(`${line}\n\n`);
    return show(`$(${hasNotes ? "warning" : "eye"}) ${headline(explanation, translate)}`, tooltip, { title: "", command: textCommands.menu, arguments: [id] });
  }

  return {
    update,
    progress: (now) => {
      latest = now && { ...now, estimate: now.estimate ?? latest?.estimate };
      update();
    },
    dispose: () => item.dispose(),
  };
}

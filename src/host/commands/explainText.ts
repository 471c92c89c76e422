/** @file The commands about texts in the editor: explain, explain anew, clear. */
import * as vscode from "vscode";
import { WhylightError } from "../../engine/errors.js";
import { askClass, askMethod, askStep } from "../text/textQuestions.js";
import { chosenStretches, fieldAround, type Stretch } from "../text/chosenText.js";
import { textCommands } from "../text/textCommands.js";
import type { TextExplanations } from "../text/textExplanations.js";
import { reportFailure, type Services } from "../services.js";

/** What is selected in an editor, else the explained text that the cursor is in, else its line, of which a table of values gives one field; without white space around it. */
export function stretchesOf({ document, selections }: vscode.TextEditor, explanations: TextExplanations): Stretch[] {
  const given = selections.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }));
  return chosenStretches(given, document.getText(), (offset) => {
    const { range, text } = document.lineAt(document.positionAt(offset));
    const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    const explained = explanations.around(document.uri.toString(), offset);
    if (explained || !/\.[ct]sv$/i.test(document.fileName)) return explained ?? { start: from, end: to };
    const { start, end } = fieldAround(text, offset - from, document.lineAt(0).text);
    return { start: from + start, end: from + end };
  });
}

/** Explains what is selected in the active editor, else its line. */
export function explainText({ log }: Services, explanations: TextExplanations): () => Promise<void> {
  return async () => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const editor = vscode.window.activeTextEditor;
    const stretches = editor ? stretchesOf(editor, explanations) : [];
    if (!editor || stretches.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("Select a text in an editor, or put the cursor on a line of one, to explain what a model says of it."));
    return explanations.explain(editor.document, stretches);
  };
}

/** Clears one explanation by its id, else those of the active editor, else all. */
export function clearText(explanations: TextExplanations): (id?: unknown) => void {
  return (id) => {
    if (typeof id === "number") return explanations.clear({ id });
    const document = vscode.window.activeTextEditor?.document.uri.toString();
    return explanations.clear(document === undefined ? undefined : { document });
  };
}

/** What the lens and the status bar lead to. `inspect` shows the attention of an explained text. */
export function textSteps(explanations: TextExplanations, inspect: (id: number) => void | Promise<void>): Readonly<Record<string, (id?: unknown) => unknown>> {
  const withText = (step: (id: number) => unknown) => (id?: unknown) => (typeof id === "number" ? step(id) : undefined);

  const anotherClass = async (id: number) => {
    const text = explanations.find(id);
    const target = text && (await askClass(text.explanation));
    if (target !== undefined) await explanations.again(id, { target });
  };
  const anotherMethod = async (id: number) => {
    const text = explanations.find(id);
    const method = text && (await askMethod(text.choices.method));
    if (method) await explanations.again(id, { method });
  };
  const menu = async (id: number) => {
    const text = explanations.find(id);
    const step = text && (await askStep(text.explanation, explanations.unit()));
    if (!step) return;
    await {
      details: () => explanations.showValues(text), class: () => anotherClass(id), method: () => anotherMethod(id), attention: () => inspect(id), again: () => explanations.again(id),
      unit: () => explanations.setUnit(explanations.unit() === "word" ? "token" : "word"), clear: () => explanations.clear({ id }),
    }[step]();
  };
  return {
    [textCommands.menu]: withText(menu), [textCommands.anotherClass]: withText(anotherClass), [textCommands.inspect]: withText(inspect), [textCommands.again]: withText((id) => explanations.again(id)),
    [textCommands.cancel]: () => explanations.cancel(),
  };
}

/** @file Takes selections away that would lie over colours. */
import * as vscode from "vscode";
import type { Stretch } from "./chosenText.js";

/** In every editor of a document, a selection goes of which `covers` says that it lies over what is painted; the cursor stays at its end. Several selections stay, since people set them with care. */
export function deselect(key: string, covers: (selection: Stretch, text: string) => boolean): void {
  for (const editor of vscode.window.visibleTextEditors) {
    const { document, selection, selections } = editor;
    if (document.uri.toString() !== key || selections.length > 1 || selection.isEmpty) continue;
    if (covers({ start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) }, document.getText(selection))) editor.selection = new vscode.Selection(selection.end, selection.end);
  }
}

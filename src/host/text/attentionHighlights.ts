/** @file Marks the tokens that people point at in an attention panel in the editors that show their text. */
import * as vscode from "vscode";
import type { AttentionPanelApi, AttentionSource } from "../../protocol/attention.js";
import type { TextToken } from "../../protocol/text.js";
import { deselect } from "./deselect.js";
import { attentionMarks, type AttentionMark } from "./attentionMarks.js";
import { rangeOf, type TextPainter } from "./textPainter.js";
import { createTones } from "./tones.js";
import { follow, overlap, recheck, trackText, type TrackedText } from "./trackedText.js";

export interface AttentionHighlights {
  /** Shows the tokens that `owner` points at, in place of what was shown for anyone. `parts` are the text and its pair. */
  show(owner: object, source: AttentionSource, parts: readonly string[], marked: Parameters<AttentionPanelApi["highlight"]>[0], tokens: readonly TextToken[]): void;
  /** Takes them away, if they are this owner's. */
  clear(owner: object): void;
}

/** Shows nothing yet. While it does, `painter` leaves the document alone: one set of colours at a time. */
export function createAttentionHighlights(painter: TextPainter, context: vscode.ExtensionContext): AttentionHighlights {
  let tones = createTones("blue-orange");
  const pointed = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed, border: "2px solid", borderColor: new vscode.ThemeColor("focusBorder"), borderRadius: "2px" });
  /** Where the texts lie by now, as far as they have been pointed at. */
  const places = new Map<string, readonly TrackedText[]>();
  let shown: { readonly owner: object; readonly document: string; readonly key: string; readonly marksAt: (places: readonly TrackedText[]) => AttentionMark[] } | undefined;

  function paint(): void {
    const now = shown;
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const marks = now && document.uri.toString() === now.document ? now.marksAt(places.get(now.key) ?? []) : [];
      const rangesAt = (level: number | undefined) => marks.filter((mark) => mark.level === level).map(({ start, end }) => rangeOf(document, start, end));
      for (const [level, type] of tones.types) editor.setDecorations(type, rangesAt(level));
      editor.setDecorations(pointed, rangesAt(undefined));
    }
  }

  function take(next: typeof shown): void {
    if (shown && shown.document !== next?.document) painter.setHidden(shown.document, false);
    shown = next;
    if (next) {
      painter.setHidden(next.document, true);
      const marks = next.marksAt(places.get(next.key) ?? []);
      deselect(next.document, (selection) => marks.some((mark) => overlap(mark, selection)));
    }
    paint();
  }

  /** Where the parts lie; a document that is not open shows nothing. */
  function placesOf(source: AttentionSource, parts: readonly string[], key: string): readonly TrackedText[] {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === source.document);
    if (!document) return [];
    const known = places.get(key) ?? parts.map((part, i) => trackText(part, source.starts[i] ?? 0));
    const read = (start: number, end: number) => document.getText(rangeOf(document, start, end));
    const now = known.map((place) => (place.isIntact ? recheck(place, read) : place));
    places.set(key, now);
    return now;
  }

  context.subscriptions.push(
    pointed, { dispose: () => tones.dispose() },
    vscode.window.onDidChangeVisibleTextEditors(paint),
    vscode.window.onDidChangeActiveColorTheme(() => {
      tones.dispose();
      tones = createTones("blue-orange");
      paint();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0) return;
      const uri = JSON.stringify(document.uri.toString());
      const read = (start: number, end: number) => document.getText(rangeOf(document, start, end));
      for (const [key, known] of places) if (key.startsWith(uri)) places.set(key, known.map((place) => follow(place, contentChanges, read)));
      if (shown?.document === document.uri.toString()) paint();
    }),
  );
  return {
    show: (owner, source, parts, marked, tokens) => {
      const key = JSON.stringify(source.document) + JSON.stringify([source.starts, parts]);
      const marksAt = (at: readonly TrackedText[]) => attentionMarks(marked, tokens, at);
      if (marksAt(placesOf(source, parts, key)).length > 0) take({ owner, document: source.document, key, marksAt });
      else if (shown?.owner === owner) take(undefined);
    },
    clear: (owner) => {
      if (shown?.owner === owner) take(undefined);
    },
  };
}

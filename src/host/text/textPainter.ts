/** @file Paints explained texts in every editor that shows their document. */
import * as vscode from "vscode";
import { translate } from "../services.js";
import { readSettings } from "../settings.js";
import type { ExplainedTexts, SettledText } from "./explainedTexts.js";
import { hoverText, predictionText } from "./textSentences.js";
import { createTones } from "./tones.js";
import { unitsOf, type TextUnitKind } from "./textUnits.js";
import type { TextScale } from "../../protocol/text.js";

export interface TextPainter {
  /** Paints what lies on the documents now. */
  paint(): void;
  /** Stops painting a document while something else is shown on it, and goes on. */
  setHidden(document: string, isHidden: boolean): void;
  dispose(): void;
}

/** Paints nothing yet. `unit` says what gets one colour. */
export function createTextPainter(texts: ExplainedTexts, unit: () => TextUnitKind, context: vscode.ExtensionContext): TextPainter {
  const hidden = new Set<string>();
  let scale = readSettings().textScale;
  let tones = createTones(scale);
  const icon = (theme: string) => vscode.Uri.joinPath(context.extensionUri, "media", `text-${theme}.svg`);
  const gutter = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed, light: { gutterIconPath: icon("light") }, dark: { gutterIconPath: icon("dark") }, gutterIconSize: "contain",
  });
  const tail = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
  const waiting = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed, backgroundColor: new vscode.ThemeColor("editor.selectionHighlightBackground"), border: "1px dotted", borderColor: new vscode.ThemeColor("editorCodeLens.foreground"),
  });

  function paintEditor(editor: vscode.TextEditor): void {
    const { document } = editor;
    const key = document.uri.toString();
    const isHidden = hidden.has(key);
    const shown = isHidden ? [] : texts.of(key).filter(({ place }) => place.isIntact);
    const byLevel = new Map([...tones.types.keys()].map((level) => [level, [] as vscode.DecorationOptions[]]));
    for (const text of shown) for (const [level, options] of decorationsOf(text, document, unit(), scale)) byLevel.get(level)?.push(options);
    for (const [level, type] of tones.types) editor.setDecorations(type, byLevel.get(level) ?? []);
    editor.setDecorations(gutter, shown.map(({ place }) => rangeOf(document, place.start, place.start)));
    editor.setDecorations(tail, shown.map((text) => tailOf(text, document)));
    editor.setDecorations(waiting, texts.pending(key).filter(({ place }) => place.isIntact).map(({ place }) => rangeOf(document, place.start, place.end)));
  }

  const paint = () => vscode.window.visibleTextEditors.forEach(paintEditor);
  /** The new colours are there before the old ones go. */
  const renew = () => {
    const old = tones;
    scale = readSettings().textScale;
    tones = createTones(scale);
    paint();
    old.dispose();
  };
  const subscriptions = [
    vscode.window.onDidChangeVisibleTextEditors(paint),
    vscode.window.onDidChangeActiveColorTheme(renew),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("whylight.text")) renew();
    }),
  ];
  return {
    paint,
    setHidden: (document, isHidden) => {
      if (hidden.has(document) === isHidden) return;
      if (isHidden) hidden.add(document);
      else hidden.delete(document);
      paint();
    },
    dispose: () => [tones, gutter, tail, waiting, ...subscriptions].forEach((one) => one.dispose()),
  };
}

/** A document's range for offsets. */
export function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function decorationsOf({ place, explanation }: SettledText, document: vscode.TextDocument, kind: TextUnitKind, scale: TextScale): [level: number, vscode.DecorationOptions][] {
  const units = unitsOf(explanation, kind, scale);
  return units.map((unit) => {
    const hover = new vscode.MarkdownString(hoverText(unit, units.length, kind, explanation, translate), true);
    return [unit.level, { range: rangeOf(document, place.start + unit.start, place.start + unit.end), hoverMessage: hover }];
  });
}

/** The class and its probability behind the last line; behind its end, not in the middle of what may follow the text. */
function tailOf({ place, explanation }: SettledText, document: vscode.TextDocument): vscode.DecorationOptions {
  const { end } = document.lineAt(document.positionAt(place.end)).range;
  return {
    range: new vscode.Range(end, end),
    renderOptions: { after: { contentText: predictionText(explanation, translate), color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" } },
  };
}

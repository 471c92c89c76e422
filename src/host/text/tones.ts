/** @file The colours of `textScale.ts` as decorations of the editor, one per level. */
import * as vscode from "vscode";
import type { TextScale } from "../../protocol/text.js";
import { levels, toneOf, type ThemeKind } from "./textScale.js";

/** The decorations of one scale in one theme, by level; all of them are set together, so that none is left over. */
export interface Tones {
  readonly types: ReadonlyMap<number, vscode.TextEditorDecorationType>;
  dispose(): void;
}

const kinds: Readonly<Record<vscode.ColorThemeKind, ThemeKind>> = {
  [vscode.ColorThemeKind.Light]: "light", [vscode.ColorThemeKind.Dark]: "dark", [vscode.ColorThemeKind.HighContrast]: "highContrast", [vscode.ColorThemeKind.HighContrastLight]: "highContrastLight",
};

/** Decorations for the theme that shows. */
export function createTones(scale: TextScale): Tones {
  const theme = kinds[vscode.window.activeColorTheme.kind];
  const types = new Map(levels.map((level) => [level, vscode.window.createTextEditorDecorationType(styleOf(level, scale, theme))]));
  return { types, dispose: () => [...types.values()].forEach((type) => type.dispose()) };
}

function styleOf(level: number, scale: TextScale, theme: ThemeKind): vscode.DecorationRenderOptions {
  const { background, outline } = toneOf(level, scale, theme);
  return {
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    // Over a background the letters take the plain colour: those of the syntax were made for the plain background, and here colours mean something else.
    ...(background === undefined ? {} : { backgroundColor: background, color: new vscode.ThemeColor("editor.foreground"), borderRadius: "2px" }),
    ...(outline ? { border: `1px ${outline.style} ${outline.color}` } : {}),
  };
}

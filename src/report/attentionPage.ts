/** @file An attention panel as one HTML file that needs nothing else: the panel's own script and style with its data embedded, and colours for light and dark. */
import { escapeText } from "../drawing/escapeText.js";
import { contentElement, unpackContent, type AttentionPageRequest } from "../protocol/attentionPage.js";

/** What VS Code's themes say, for a page outside of it. Names without their prefix; light first, dark second. */
const themeColors: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  foreground: ["#3b3b3b", "#cccccc"],
  "editor-background": ["#ffffff", "#1f1f1f"],
  "editor-foreground": ["#3b3b3b", "#cccccc"],
  "sideBar-background": ["#f8f8f8", "#181818"],
  "editorWidget-background": ["#f8f8f8", "#202020"],
  "widget-border": ["#e5e5e5", "#313131"],
  "panel-border": ["#e5e5e5", "#2b2b2b"],
  focusBorder: ["#005fb8", "#0078d4"],
  descriptionForeground: ["#5f5f5f", "#9d9d9d"],
  errorForeground: ["#c72e0f", "#f85149"],
  disabledForeground: ["#61616180", "#cccccc80"],
  "icon-foreground": ["#3b3b3b", "#cccccc"],
  "button-background": ["#005fb8", "#0078d4"],
  "button-foreground": ["#ffffff", "#ffffff"],
  "button-hoverBackground": ["#0258a8", "#026ec1"],
  "button-border": ["#0000001a", "#ffffff12"],
  "button-secondaryBackground": ["#e5e5e5", "#313131"],
  "button-secondaryForeground": ["#3b3b3b", "#cccccc"],
  "button-secondaryHoverBackground": ["#cccccc", "#3c3c3c"],
  "dropdown-background": ["#ffffff", "#313131"],
  "dropdown-listBackground": ["#ffffff", "#1f1f1f"],
  "dropdown-foreground": ["#3b3b3b", "#cccccc"],
  "dropdown-border": ["#cecece", "#3c3c3c"],
  "settings-dropdownBorder": ["#cecece", "#3c3c3c"],
  "checkbox-background": ["#f8f8f8", "#313131"],
  "checkbox-border": ["#cecece", "#3c3c3c"],
  "checkbox-foreground": ["#3b3b3b", "#cccccc"],
  "input-background": ["#ffffff", "#313131"],
  "input-foreground": ["#3b3b3b", "#cccccc"],
  "input-placeholderForeground": ["#767676", "#989898"],
  "inputValidation-errorBorder": ["#be1100", "#be1100"],
  "inputValidation-infoBorder": ["#0078d4", "#007acc"],
  "inputOption-activeBackground": ["#bed6ed", "#2489db82"],
  "inputOption-activeBorder": ["#005fb8", "#2488db"],
  "list-hoverBackground": ["#f2f2f2", "#2a2d2e"],
  "list-activeSelectionBackground": ["#e8e8e8", "#04395e"],
  "list-activeSelectionForeground": ["#000000", "#ffffff"],
  "list-inactiveSelectionBackground": ["#e4e6f1", "#37373d"],
  "menu-background": ["#ffffff", "#1f1f1f"],
  "menu-foreground": ["#3b3b3b", "#cccccc"],
  "menu-selectionBackground": ["#005fb8", "#0078d4"],
  "menu-selectionForeground": ["#ffffff", "#ffffff"],
  "textLink-foreground": ["#005fb8", "#4daafc"],
  "progressBar-background": ["#005fb8", "#0078d4"],
  "scrollbarSlider-background": ["#64646466", "#79797966"],
  "textBlockQuote-background": ["#f8f8f8", "#2b2b2b"],
  "charts-blue": ["#1a85ff", "#3794ff"],
};

const fonts = `--vscode-font-family: system-ui, "Segoe UI", sans-serif; --vscode-font-size: 13px; --vscode-font-weight: normal; --vscode-editor-font-family: ui-monospace, monospace;`;
const variables = (theme: 0 | 1) => Object.entries(themeColors).map(([name, colors]) => `--vscode-${name}: ${colors[theme]};`).join(" ");

/**
 * The page. It asks nothing of the network: its policy allows only what stands in it. Data and names are escaped, so that no token can end the element it stands in.
 * The content is what the page shows, and the title and the configuration are read out of it.
 */
export function attentionPage({ script, style, content, language }: AttentionPageRequest): string {
  const { config, state } = unpackContent(content);
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";
  return `<!doctype html>
<html lang="${escapeText(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="whylight-config" content="${escapeText(JSON.stringify(config))}">
<title>${escapeText(`${state.inputName} · ${state.modelName}`)}</title>
<style>:root { color-scheme: light dark; ${fonts} ${variables(0)} } @media (prefers-color-scheme: dark) { :root { ${variables(1)} } }</style>
<style>${inStyle(style)}</style>
</head>
<body>
<div id="whylight" data-state="loading"></div>
<script type="application/json" id="${contentElement}">${inData(content)}</script>
<script>${inScript(script)}</script>
</body>
</html>
`;
}

// The HTML parser looks for the end of an element in scripts and styles too, and after "<!--" it may pass over that end.
const inScript = (text: string) => text.replace(/<(?=\/script|!--)/gi, "\\x3C");
const inStyle = (text: string) => text.replace(/<(?=\/style)/gi, "\\3C ");
/** JSON may write any character of a text by its number, and `<` stands in texts only. */
const inData = (json: string) => json.replaceAll("<", "\\u003c");

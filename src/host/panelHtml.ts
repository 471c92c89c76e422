/** @file The page of a panel: an empty root, a strict content security policy and the panel's configuration. */
import { randomBytes } from "node:crypto";
import type { AttentionConfig } from "../protocol/attention.js";
import type { AuditConfig } from "../protocol/audit.js";
import type { ComparisonConfig } from "../protocol/comparison.js";
import type { DebugConfig } from "../protocol/debug.js";
import type { ModelPageConfig } from "../protocol/modelPage.js";
import type { PanelConfig } from "../protocol/panelMemento.js";

export interface PageParts {
  /** The webview's own source expression. */
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly title: string;
  /** A language tag for screen readers. */
  readonly language: string;
  readonly config: PanelConfig | ComparisonConfig | AttentionConfig | DebugConfig | AuditConfig | ModelPageConfig;
}

/** The whole page. Everything that names files is escaped; scripts run by their nonce only. The controls look for the nonce in `csp-nonce` to add one style element. */
export function panelHtml(parts: PageParts): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'", `img-src ${parts.cspSource} blob: data:`, `style-src ${parts.cspSource} 'nonce-${nonce}'`, `font-src ${parts.cspSource}`, `script-src 'nonce-${nonce}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(parts.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="whylight-config" content="${escapeHtml(JSON.stringify(parts.config))}">
<link rel="stylesheet" href="${escapeHtml(parts.styleUri)}">
<title>${escapeHtml(parts.title)}</title>
</head>
<body>
<div id="whylight" data-state="loading"></div>
<script nonce="${nonce}" src="${escapeHtml(parts.scriptUri)}"></script>
</body>
</html>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** @file The hub that models come from, and the token for it: in VS Code's secret storage, one per endpoint, so that no other endpoint ever sees it. */
import * as vscode from "vscode";
import { readSettings } from "../settings.js";

export interface HubAccess {
  readonly endpoint: string;
  readonly token: string | undefined;
}

const keyOf = (endpoint: string) => `whylight.hubToken:${endpoint}`;

export async function hubAccess({ secrets }: vscode.ExtensionContext): Promise<HubAccess> {
  const { hubEndpoint: endpoint } = readSettings();
  return { endpoint, token: await secrets.get(keyOf(endpoint)) };
}

/** Asks for the token; an empty one is forgotten. `false` when nobody answered. */
export async function askHubToken({ secrets }: vscode.ExtensionContext): Promise<boolean> {
  const { hubEndpoint: endpoint } = readSettings();
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t("Whylight: Set Hub Token"), password: true, ignoreFocusOut: true, placeHolder: "hf_…",
    prompt: vscode.l10n.t("A token that may read models at {0}. It is kept in VS Code's secret storage; leave it empty to forget the one there.", endpoint),
  });
  if (token === undefined) return false;
  if (token.trim() === "") await secrets.delete(keyOf(endpoint));
  else await secrets.store(keyOf(endpoint), token.trim());
  return true;
}

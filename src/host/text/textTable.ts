/** @file The numbers of an explained text in a read-only document. */
import * as vscode from "vscode";

const scheme = "whylight-text";

export interface TextTable {
  show(content: string, name: string): Promise<void>;
  dispose(): void;
}

/** One document per name, filled anew each time. */
export function createTextTable(): TextTable {
  const contents = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: changed.event, provideTextDocumentContent: (file) => contents.get(file.path) ?? "" });
  return {
    show: async (content, name) => {
      const file = vscode.Uri.from({ scheme, path: `/${name}` });
      contents.set(file.path, content);
      changed.fire(file);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file), { preview: true, viewColumn: vscode.ViewColumn.Beside });
    },
    dispose: () => [provider, changed].forEach((one) => one.dispose()),
  };
}

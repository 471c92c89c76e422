/** @file The graph of a model in its text form, as a document that cannot be written. */
import * as vscode from "vscode";
import { toWhylightError } from "../../engine/errors.js";
import { modelTitle } from "../../protocol/modelNames.js";
import { reportFailure, translate, type Services } from "../services.js";
import { failureText } from "../texts.js";

const scheme = "whylight-graph";

/** Opens the graph of a model; the returned function is what the command and the page's button call. */
export function createGraphDocuments({ context, worker, log }: Services): (model: vscode.Uri) => Promise<void> {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const texts = new Map<string, string>();
  const addressOf = (model: vscode.Uri) => vscode.Uri.from({ scheme, path: `${model.path}/${modelTitle(model.fsPath)}.graph.txt`, query: model.fsPath });
  const read = (model: string) => worker.call("printModel", { model }).then(({ text }) => text);

  context.subscriptions.push(changed, vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    // After a reload the document is asked for before anybody has called the command.
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? read(uri.query).catch((thrown: unknown) => failureText(toWhylightError(thrown), translate)),
  }), vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())));

  return async (model) => {
    const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: reading the model") };
    try {
      const text = await vscode.window.withProgress(options, () => read(model.fsPath));
      const uri = addressOf(model);
      texts.set(uri.toString(), text);
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    } catch (thrown) {
      await reportFailure(log, thrown);
    }
  };
}

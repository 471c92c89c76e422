/** @file Mistakes in the test view: a tree of classes and images that failed; running one predicts again. */
import * as vscode from "vscode";
import type { AuditSummary } from "../../protocol/audit.js";
import { failureText } from "../texts.js";
import { toWhylightError } from "../../engine/errors.js";
import { translate, type Services } from "../services.js";
import { readSettings } from "../settings.js";
import { percent } from "../text/textSentences.js";
import { byLabel, labelOf, type Mistake, type Mistakes } from "./mistakes.js";

export interface MistakeTests {
  /** Shows one audit's mistakes; they go when this is disposed. */
  show(audit: vscode.Uri, name: string, summary: AuditSummary, mistakes: Mistakes): vscode.Disposable;
}

/** What an item of the tree stands for. */
interface Case {
  readonly mistake: Mistake;
  readonly model: string;
  readonly labels: readonly string[];
}

/** The part of the test view that is Whylight's: made with the first audit that is shown there, gone with the last. */
export function createMistakeTests({ context, worker }: Pick<Services, "context" | "worker">): MistakeTests {
  const cases = new WeakMap<vscode.TestItem, Case>();
  let controller: vscode.TestController | undefined;

  function started(): vscode.TestController {
    if (controller) return controller;
    const made = vscode.tests.createTestController("whylight", "Whylight");
    made.createRunProfile(vscode.l10n.t("Predict again"), vscode.TestRunProfileKind.Run, (request, token) => predictAgain(made, request, token), true);
    controller = made;
    return made;
  }

  /** One after the other, since the worker takes one at a time. */
  async function predictAgain(made: vscode.TestController, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = made.createTestRun(request);
    const chosen = (request.include ?? childrenOf(made.items)).flatMap(leaves).filter((item) => !request.exclude?.includes(item));
    for (const item of chosen) run.enqueued(item);
    const abort = new AbortController();
    const stop = token.onCancellationRequested(() => abort.abort());
    for (const item of chosen) {
      const known = cases.get(item);
      if (!known || token.isCancellationRequested) {
        run.skipped(item);
        continue;
      }
      const { mistake, model, labels } = known;
      run.started(item);
      const begun = Date.now();
      try {
        const { predictions } = await worker.call("predict", { model, input: mistake.path, top: 1, runtime: readSettings(item.uri).runtime }, { signal: abort.signal });
        const first = predictions[0];
        if (first?.index === mistake.label) run.passed(item, Date.now() - begun);
        else if (first) run.failed(item, messageOf({ ...mistake, predictedName: labelOf(labels, first.index), confidence: first.probability }), Date.now() - begun);
      } catch (thrown) {
        const error = toWhylightError(thrown);
        if (error.code === "cancelled") run.skipped(item);
        else run.errored(item, new vscode.TestMessage(failureText(error, translate)), Date.now() - begun);
      }
    }
    stop.dispose();
    run.end();
  }

  context.subscriptions.push({ dispose: () => controller?.dispose() });
  return {
    show: (audit, name, { model, labels }, { shown, total }) => {
      const made = started();
      const root = made.createTestItem(audit.toString(), name);
      if (total > shown.length) root.description = vscode.l10n.t("the {0} surest of {1}", shown.length, total);
      for (const [label, mistakes] of byLabel(shown)) {
        const group = made.createTestItem(`${audit.toString()} ${mistakes[0]?.label ?? ""}`, label);
        for (const mistake of mistakes) {
          const item = made.createTestItem(`${audit.toString()} ${mistake.file}`, mistake.file, vscode.Uri.file(mistake.path));
          item.range = new vscode.Range(0, 0, 0, 0);
          item.description = `${mistake.predictedName} ${percent(mistake.confidence)}`;
          cases.set(item, { mistake, model: model.path, labels });
          group.children.add(item);
        }
        root.children.add(group);
      }
      made.items.add(root);
      // The audit was the first run: its mistakes stand as failed at once.
      const run = made.createTestRun(new vscode.TestRunRequest([root]), name, false);
      for (const item of leaves(root)) run.failed(item, messageOf(cases.get(item)!.mistake));
      run.end();
      return {
        dispose: () => {
          made.items.delete(root.id);
          if (made.items.size > 0) return;
          made.dispose();
          controller = undefined;
        },
      };
    },
  };
}

function messageOf({ path, labelName, predictedName, confidence }: Mistake): vscode.TestMessage {
  const message = vscode.TestMessage.diff(vscode.l10n.t("{0} {1}, labelled {2}", predictedName, percent(confidence), labelName), labelName, predictedName);
  message.location = new vscode.Location(vscode.Uri.file(path), new vscode.Position(0, 0));
  return message;
}

function childrenOf(items: vscode.TestItemCollection): vscode.TestItem[] {
  return [...items].map(([, item]) => item);
}

function leaves(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : childrenOf(item.children).flatMap(leaves);
}

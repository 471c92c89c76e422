/** @file The question what an image really shows: the found class first, one key away. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { FoundLabel, LabelSource } from "../../protocol/debug.js";
import { logFailure, type Services } from "../services.js";
import { toWhylightError } from "../../engine/errors.js";
import type { Subject } from "../panelPage.js";
import type { Judged } from "./debugSession.js";

/** Asks for the true class, and for the expected one where it is another. `undefined` when nobody answered. Rejects where the model cannot be read. */
export async function askLabels({ image, model }: Subject, { worker, log }: Services): Promise<Judged | undefined> {
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: reading the model") };
  const { labels, found } = await vscode.window.withProgress(options, async () => {
    const summary = await worker.call("inspectModel", { model: model.fsPath });
    // A broken labels file takes nothing away but its answer.
    const known = await worker.call("findLabel", { model: model.fsPath, input: image.fsPath }).catch((thrown: unknown) => { logFailure(log, toWhylightError(thrown)); });
    return { labels: summary.labels, found: known ?? undefined };
  });
  const title = vscode.l10n.t("Whylight: Debug Misclassification");
  const name = path.basename(image.fsPath);
  if (!labels) return askIndex(title, vscode.l10n.t("The model has no labels. Which class, by its index from 0, does {0} show?", name));
  const truth = await pickTruth(labels, found, title, vscode.l10n.t("What does {0} really show?", name));
  if (truth === undefined) return undefined;
  const expected = await pickExpected(labels, truth, title);
  if (expected === undefined) return undefined;
  return { label: truth, labelFrom: found?.index === truth ? found.from : "given", expected: expected === truth ? undefined : expected };
}

type Item = vscode.QuickPickItem & { readonly index: number };

async function pickTruth(labels: readonly string[], found: FoundLabel | undefined, title: string, placeHolder: string): Promise<number | undefined> {
  const first: Item[] = found ? [{ index: found.index, label: found.label, description: sourceText(found.from) }] : [];
  const rest = labels.flatMap((label, index): Item[] => (index === found?.index ? [] : [{ index, label }]));
  return (await vscode.window.showQuickPick([...first, ...rest], { title: `${title} (1/2)`, placeHolder, ignoreFocusOut: true }))?.index;
}

/** The first answer, one key away, is that the model was to say the true class. */
async function pickExpected(labels: readonly string[], truth: number, title: string): Promise<number | undefined> {
  const first: Item = { index: truth, label: labels[truth] ?? String(truth), description: vscode.l10n.t("the true class") };
  const rest = labels.flatMap((label, index): Item[] => (index === truth ? [] : [{ index, label }]));
  return (await vscode.window.showQuickPick([first, ...rest], { title: `${title} (2/2)`, placeHolder: vscode.l10n.t("What did you expect the model to answer?"), ignoreFocusOut: true }))?.index;
}

async function askIndex(title: string, prompt: string): Promise<Judged | undefined> {
  const validateInput = (text: string) => (/^\s*\d{1,7}\s*$/.test(text) ? undefined : vscode.l10n.t("A whole number from 0"));
  const answer = await vscode.window.showInputBox({ title, prompt, validateInput, ignoreFocusOut: true });
  return answer === undefined ? undefined : { label: Number(answer), labelFrom: "given", expected: undefined };
}

/** Where a label was found. */
function sourceText(from: LabelSource): string {
  return { "given": "", "folder": vscode.l10n.t("its folder's name"), "labels file": vscode.l10n.t("from the labels file"), "file name": vscode.l10n.t("the file's name") }[from];
}

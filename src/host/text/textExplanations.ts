/** @file Explains texts in the reader's documents: asks the worker, keeps what came back with its text, and ties together what shows it. */
import * as path from "node:path";
import * as vscode from "vscode";
import { toWhylightError } from "../../engine/errors.js";
import type { TextMethodId } from "../../protocol/text.js";
import type { TextChoices } from "./explainedTexts.js";
import { createExplainedTexts, type ExplainedText, type SettledText } from "./explainedTexts.js";
import { modelFor } from "../models.js";
import { logFailure, reportFailure, translate, type Services } from "../services.js";
import { readSettings } from "../settings.js";
import { failureActions, failureText } from "../texts.js";
import { failureStepsFor } from "../panelPage.js";
import type { Stretch } from "./chosenText.js";
import { deselect } from "./deselect.js";
import { createTextLens } from "./textLens.js";
import { createTextPainter, rangeOf, type TextPainter } from "./textPainter.js";
import { tableText } from "./textSentences.js";
import { createTextStatus } from "./textStatus.js";
import { createTextTable } from "./textTable.js";
import { unitsOf, type TextUnitKind } from "./textUnits.js";

/** Layer normalisation bends the path from zero embeddings sharply near its start, where a fixed rule can miss most of the score's rise: steps are chosen until the values add up. */
const parametersOf = (method: TextMethodId) => (method === "layer-integrated-gradients" ? { steps: "auto" } : {});

export interface TextExplanations {
  readonly painter: TextPainter;
  /** Explains stretches of a document, one after the other, and paints each when it is there. */
  explain(document: vscode.TextDocument, stretches: readonly Stretch[]): Promise<void>;
  /** Explains a text once more, as it stands there now, with other choices. */
  again(id: number, change?: Partial<TextChoices>): Promise<void>;
  find(id: number): SettledText | undefined;
  /** The explained text that an offset of a document lies in, while it is as it was explained. */
  around(document: string, offset: number): Stretch | undefined;
  unit(): TextUnitKind;
  setUnit(unit: TextUnitKind): void;
  /** Shows the numbers as a table. */
  showValues(text: SettledText): Promise<void>;
  /** Takes the colours away: of one text, of one document, or everywhere. */
  clear(of?: { readonly id: number } | { readonly document: string }): void;
  /** Stops explaining. */
  cancel(): void;
}

const shownContext = "whylight.hasExplainedText";

/** Nothing is explained yet. */
export function createTextExplanations(services: Services): TextExplanations {
  const { context, log, worker } = services;
  const texts = createExplainedTexts();
  const jobs = new Map<number, AbortController>();
  let unit: TextUnitKind | undefined;
  const unitNow = () => unit ?? readSettings(vscode.window.activeTextEditor?.document.uri).textUnit;

  const painter = createTextPainter(texts, unitNow, context);
  const lens = createTextLens(texts);
  const status = createTextStatus(texts);
  const table = createTextTable();

  function show(): void {
    painter.paint();
    lens.update();
    status.update();
    const active = vscode.window.activeTextEditor?.document.uri.toString();
    void vscode.commands.executeCommand("setContext", shownContext, active !== undefined && texts.of(active).length > 0);
  }

  async function run(begun: ExplainedText): Promise<void> {
    const { id, place, choices } = begun;
    const job = new AbortController();
    jobs.set(id, job);
    show();
    try {
      const request = { model: vscode.Uri.parse(choices.model).fsPath, text: place.text, method: choices.method, target: choices.target, score: "logit", parameters: parametersOf(choices.method), runtime: readSettings(vscode.Uri.parse(begun.document)).runtime } as const;
      const explanation = await worker.call("explainText", request, { signal: job.signal, onProgress: (now) => status.progress(now) });
      const settled = texts.settle(id, explanation);
      if (settled) deselect(settled.document, ({ start, end }, selected) => start <= settled.place.start && settled.place.end <= end && selected.trim() === settled.place.text);
      else if (!job.signal.aborted) vscode.window.setStatusBarMessage(vscode.l10n.t("The text was edited while it was explained. Explain it again."), 5000);
    } catch (thrown) {
      texts.drop(id);
      void tell(begun, thrown);
    } finally {
      jobs.delete(id);
      status.progress(undefined);
      show();
    }
  }

  /** A failure, with the steps that may mend it. */
  async function tell(text: ExplainedText, thrown: unknown): Promise<void> {
    const error = toWhylightError(thrown);
    if (error.code === "cancelled" || error.code === "workspaceUntrusted") return reportFailure(log, error);
    logFailure(log, error);
    const [resource, model] = [vscode.Uri.parse(text.document), vscode.Uri.parse(text.choices.model)];
    const start = (choices: TextChoices) => explainAt(text.document, [text.place], choices);
    const steps = failureStepsFor({ resource, model, purpose: "text" }, services, () => void start(text.choices), (picked) => void start({ ...text.choices, model: picked.toString() }));
    const actions = failureActions(error, translate);
    const answer = await vscode.window.showErrorMessage(failureText(error, translate), ...actions.map(({ title }) => title));
    const chosen = actions.find(({ title }) => title === answer);
    return chosen && steps[chosen.id]();
  }

  /** Explains what stands at these places of a document now. */
  async function explainAt(key: string, stretches: readonly Stretch[], choices: TextChoices): Promise<void> {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === key);
    if (!document) return;
    const begun = stretches.map(({ start, end }) => {
      for (const other of texts.pending(key, { start, end })) jobs.get(other.id)?.abort();
      return texts.begin(key, document.getText(rangeOf(document, start, end)), start, choices);
    });
    for (const text of begun) await run(text);
  }

  const explanations: TextExplanations = {
    painter,
    explain: async (document, stretches) => {
      const model = await modelFor(services, document.uri, "text");
      if (!model) return;
      await explainAt(document.uri.toString(), stretches, { model: model.toString(), method: readSettings(document.uri).textMethod, target: "predicted" });
    },
    again: async (id, change = {}) => {
      const text = explanations.find(id);
      const document = text && vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === text.document);
      if (!document) return;
      const { start, end } = text.place;
      const now = document.getText(rangeOf(document, start, end));
      const from = start + now.length - now.trimStart().length;
      if (now.trim() !== "") await explainAt(text.document, [{ start: from, end: from + now.trim().length }], { ...text.choices, ...change });
    },
    find: texts.find,
    around: (document, offset) => texts.of(document).find(({ place }) => place.isIntact && place.start <= offset && offset <= place.end)?.place,
    unit: unitNow,
    setUnit: (next) => {
      unit = next;
      show();
    },
    showValues: ({ explanation, document }) => {
      const name = vscode.l10n.t("Values of {0}", path.posix.basename(vscode.Uri.parse(document).path));
      return table.show(tableText(explanation, unitsOf(explanation, unitNow(), "blue-orange"), translate), name);
    },
    clear: (of) => {
      for (const text of texts.pending(of && "document" in of ? of.document : undefined)) if (!of || "document" in of) jobs.get(text.id)?.abort();
      if (of && "id" in of) texts.drop(of.id);
      else texts.clear(of?.document);
      show();
    },
    cancel: () => {
      for (const job of jobs.values()) job.abort();
    },
  };

  context.subscriptions.push(
    painter, lens, status, table, { dispose: () => explanations.cancel() },
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const key = document.uri.toString();
      if (contentChanges.length === 0 || !texts.documents().includes(key)) return;
      if (texts.change(key, contentChanges, (start, end) => document.getText(rangeOf(document, start, end)))) show();
      // A hidden line's number is all that changed; the lens asks for it again by itself.
      else status.update();
    }),
    vscode.workspace.onDidOpenTextDocument((document) => {
      const key = document.uri.toString();
      if (!texts.documents().includes(key)) return;
      texts.reopen(key, (start, end) => document.getText(rangeOf(document, start, end)));
      show();
    }),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.window.onDidChangeTextEditorSelection(() => status.update()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration("whylight.text.unit")) return;
      unit = undefined;
      show();
    }),
  );
  return explanations;
}

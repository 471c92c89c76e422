/** @file What people are asked about an explained text: what to do with it, another class, another method. */
import * as vscode from "vscode";
import type { TargetSpec } from "../../protocol/api.js";
import { textMethodIds, textMethodNames, type TextExplanation, type TextMethodId } from "../../protocol/text.js";
import { translate } from "../services.js";
import { gapText, headline, percent } from "./textSentences.js";
import { textMethodUses } from "./textMethodUses.js";
import type { TextUnitKind } from "./textUnits.js";

export type TextStep = "details" | "class" | "method" | "unit" | "attention" | "again" | "clear";

/** The menu of an explained text; `undefined` when nobody picked. */
export async function askStep(explanation: TextExplanation, unit: TextUnitKind): Promise<TextStep | undefined> {
  type Item = vscode.QuickPickItem & { readonly step: TextStep };
  const items: Item[] = [
    { step: "details", label: `$(list-ordered) ${vscode.l10n.t("Values and details")}`, description: gapText(explanation, translate) },
    { step: "class", label: `$(symbol-class) ${vscode.l10n.t("Another class…")}`, description: explanation.target.label },
    { step: "method", label: `$(beaker) ${vscode.l10n.t("Another method…")}`, description: textMethodNames[explanation.method] },
    { step: "unit", label: `$(whole-word) ${unit === "word" ? vscode.l10n.t("Colour tokens instead of words") : vscode.l10n.t("Colour words instead of tokens")}` },
    { step: "attention", label: `$(git-compare) ${vscode.l10n.t("Inspect attention")}` },
    { step: "again", label: `$(refresh) ${vscode.l10n.t("Explain again")}` },
    { step: "clear", label: `$(clear-all) ${vscode.l10n.t("Clear")}` },
  ];
  return (await vscode.window.showQuickPick(items, { title: headline(explanation, translate), matchOnDescription: true }))?.step;
}

/** The likeliest classes first, then every other that has a name; a model that continues text takes any token's spelling. `undefined` when nobody picked. */
export async function askClass({ predictions, target, model, task }: TextExplanation): Promise<TargetSpec | undefined> {
  type Item = vscode.QuickPickItem & { readonly target?: TargetSpec };
  const likely = predictions.map(({ index, label, probability }): Item => ({
    target: index, label: label.trim() === "" ? JSON.stringify(label) : label, description: percent(probability), ...(index === target.index ? { detail: vscode.l10n.t("Explained now") } : {}),
  }));
  const others = (model.labels ?? []).flatMap((label, index): Item[] => (predictions.some((known) => known.index === index) ? [] : [{ target: index, label }]));
  const any: Item[] = task === "next-token" ? [{ label: vscode.l10n.t("Another token…") }] : [];
  const picked = await vscode.window.showQuickPick([...any, ...likely, ...others], { title: vscode.l10n.t("Whylight: Explain Another Class"), placeHolder: vscode.l10n.t("The class whose score is explained"), matchOnDescription: true });
  if (!picked || picked.target !== undefined) return picked?.target;
  const spelling = await vscode.window.showInputBox({ title: vscode.l10n.t("Another token…"), prompt: vscode.l10n.t("Its spelling, with a space before it where a word begins") });
  return spelling === undefined || spelling === "" ? undefined : spelling;
}

/** `undefined` when nobody picked. */
export async function askMethod(current: TextMethodId): Promise<TextMethodId | undefined> {
  type Item = vscode.QuickPickItem & { readonly method: TextMethodId };
  const items = textMethodIds.map((method): Item => ({ method, label: textMethodNames[method], detail: translate(textMethodUses[method]), ...(method === current ? { description: vscode.l10n.t("Current method") } : {}) }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whylight: Explain With Another Method") }))?.method;
}

/** @file The rows of the models view: what each says, in words and to those who do not see it. Knows nothing of VS Code. */
import { errorTexts, fillIn } from "../../protocol/errorTexts.js";
import { cardText, modelFacts, type ModelFact } from "../../protocol/modelFacts.js";
import type { ModelSummary, RuntimeChoice } from "../../protocol/api.js";
import type { ModelCard } from "../../protocol/models.js";
import type { ModelPurpose } from "../models.js";
import { problemText, type Translate } from "../texts.js";

export const modelRowTexts = {
  image: "explains images", text: "explains texts", attention: "shows attention over images", runtime: "Runtime", details: "Show everything about this model", describe: "Describe labels and preprocessing",
} as const;

/** A folder of the workspace, a model in it, a fact of the model, or what kept something from being shown. */
export type ModelNode =
  | { readonly kind: "folder"; readonly name: string; readonly folder: string }
  | { readonly kind: "model"; readonly card: ModelCard; readonly chosenFor: readonly ModelPurpose[] }
  | { readonly kind: "fact"; readonly model: string; readonly fact: ModelFact }
  | { readonly kind: "problem"; readonly text: string };

/** What a row shows. `icon` is a codicon's name. */
export interface ModelRow {
  readonly id: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string | undefined;
  readonly icon: string | undefined;
  /** For the `when` clauses of the manifest. */
  readonly context: string;
  /** For screen readers, which see no icon. */
  readonly spoken: string;
  /** What a press on the row does. */
  readonly command: { readonly id: "whylight.inspectModel" | "whylight.describeModel"; readonly title: string; readonly model: string } | undefined;
}

const say = (translate: Translate) => (english: string, data = {}) => fillIn(translate(english), data);

const factIcons: Readonly<Partial<Record<ModelFact["id"], string>>> = {
  format: "file-code", architecture: "type-hierarchy", size: "database", parameters: "symbol-number", task: "target", input: "arrow-right", output: "arrow-left", labels: "tag", preprocessing: "settings", tokenizer: "symbol-string",
  layers: "layers", attention: "git-compare", interpreted: "watch",
};

/** The row of a node. Facts that a description could mend lead to the form. */
export function rowOf(node: ModelNode, translate: Translate): ModelRow {
  switch (node.kind) {
    case "folder": return { id: node.folder, label: node.name, description: "", tooltip: undefined, icon: "folder", context: "folder", spoken: node.name, command: undefined };
    case "model": return modelRow(node.card, node.chosenFor, translate);
    case "fact": return factRow(node.model, node.fact, translate);
    case "problem": return { id: undefined, label: node.text, description: "", tooltip: node.text, icon: "error", context: "problem", spoken: node.text, command: undefined };
  }
}

function modelRow(card: ModelCard, chosenFor: readonly ModelPurpose[], translate: Translate): ModelRow {
  const uses = chosenFor.map((purpose) => translate(modelRowTexts[purpose]));
  const problem = card.problem && problemText(card.problem, translate);
  const description = [...uses, cardText(card, say(translate))].join(" · ");
  const icon = problem ? "warning" : chosenFor.length > 0 ? "check" : card.purpose === "text" ? "symbol-string" : card.purpose === "image" ? "file-media" : "symbol-misc";
  return {
    id: card.path, label: card.title, description, tooltip: undefined, icon, context: ["model", ...(chosenFor.length > 0 ? ["active"] : []), ...(problem ? ["unreadable"] : [])].join("."),
    spoken: [card.title, description, ...(problem ? [problem] : [])].join(", "), command: undefined,
  };
}

function factRow(model: string, fact: ModelFact, translate: Translate): ModelRow {
  const leadsToForm = fact.isLacking && (fact.id === "labels" || fact.id === "preprocessing");
  const mend = leadsToForm ? translate(modelRowTexts.describe) : fact.isLacking && fact.id === "tokenizer" ? translate(errorTexts.tokenizerMissing.next) : undefined;
  const isOperator = fact.id === "unsupported" || fact.id === "underived";
  return {
    id: undefined, label: fact.name, description: fact.value, tooltip: [`${fact.name}: ${fact.value}`, ...(mend === undefined ? [] : [mend])].join("\n"), icon: fact.isLacking ? (isOperator ? "error" : "warning") : factIcons[fact.id], context: leadsToForm ? "fact.lacking" : "fact",
    spoken: `${fact.name}: ${fact.value}`,
    command: leadsToForm ? { id: "whylight.describeModel", title: translate(modelRowTexts.describe), model } : { id: "whylight.inspectModel", title: translate(modelRowTexts.details), model },
  };
}

/** The facts below a model. */
export function factNodes(card: ModelCard, summary: ModelSummary, translate: Translate): ModelNode[] {
  return modelFacts(summary, undefined, say(translate)).map((fact) => ({ kind: "fact", model: card.path, fact }));
}

/** What a hover says of a model: its place, and input, labels and runtime once they are known. Lines of names and values. */
export function hoverLines(card: ModelCard, summary: ModelSummary | undefined, runtime: RuntimeChoice, translate: Translate): readonly string[] {
  const shown = new Set<ModelFact["id"]>(["input", "output", "labels", "preprocessing", "tokenizer", "unsupported"]);
  const facts = summary ? modelFacts(summary, undefined, say(translate)).filter(({ id }) => shown.has(id)).map(({ name, value }) => `${name}: ${value}`) : [];
  const problem = card.problem ? [problemText(card.problem, translate)] : [];
  return [card.path, cardText(card, say(translate)), ...problem, ...facts, `${translate(modelRowTexts.runtime)}: ${runtime}`];
}

/** The model or folder that a command was called on: a file of the Explorer, a row of the view, or a path of a link. */
export function placeOf(clicked: unknown): string | undefined {
  if (typeof clicked === "string") return clicked;
  if (typeof clicked !== "object" || clicked === null) return undefined;
  const { fsPath, card, model } = clicked as { readonly fsPath?: unknown; readonly card?: { readonly path?: unknown }; readonly model?: unknown };
  return [fsPath, card?.path, model].find((path) => typeof path === "string");
}

/** @file What the editor says about an explained text: hover, CodeLens, status bar and table, as sentences in the reader's language. Knows nothing of VS Code. */
import { fillIn } from "../../protocol/errorTexts.js";
import { textMethodNames, type TextExplanation } from "../../protocol/text.js";
import { modelTitle } from "../../protocol/modelNames.js";
import { noteText, type Translate } from "../texts.js";
import type { TextUnit, TextUnitKind } from "./textUnits.js";

/** In English, each the key of its translation. */
export const explainedTextTexts = {
  for: "speaks for {target}",
  against: "speaks against {target}",
  neutral: "speaks neither for nor against {target}",
  size: "{target} depends on it by this much, in either direction",
  rather: "{target} rather than {versus}",
  rankWord: "rank {rank} of {count} words",
  rankToken: "rank {rank} of {count} tokens",
  raw: "raw {raw}",
  gap: "Completeness gap: {gap}, {share} of the score's difference",
  model: "Model: {model}",
  method: "Method: {method}",
  runtime: "Runtime: {runtime}, {ms} ms",
  evaluations: "Evaluations: {forward} forward, {gradient} gradients",
  classes: "Classes:",
  columns: "rank\tattribution\traw\ttext",
  special: "Special tokens, which stand for no characters: {tokens}",
  cautious: "The values say what the class's score depends on, by this method. They do not prove why the model decided.",
} as const;

/** A share of one as percent: "98.2 %". */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** With its sign and three digits: "+0.62", "−0.05", "0". */
export function signed(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const digits = size < 1e-3 || size >= 1e5 ? size.toExponential(1) : String(Number(size.toPrecision(3)));
  return (value < 0 ? "−" : "+") + digits;
}

/** "NEGATIVE 98.2 %". A token's spelling may begin with a space, which would not be seen. */
export function predictionText({ target, versus }: Pick<TextExplanation, "target" | "versus">, translate: Translate): string {
  const label = versus ? fillIn(translate(explainedTextTexts.rather), { target: shown(target.label), versus: shown(versus.label) }) : shown(target.label);
  return `${label} ${percent(target.probability)}`;
}

/** "NEGATIVE 98.2 % · Integrated Gradients". */
export function headline(explanation: TextExplanation, translate: Translate): string {
  return `${predictionText(explanation, translate)} · ${textMethodNames[explanation.method]}`;
}

/** The hover of one painted stretch, in Markdown. */
export function hoverText(unit: TextUnit, count: number, kind: TextUnitKind, explanation: TextExplanation, translate: Translate): string {
  const value = explanation.method === "gradient-norm" ? signed(unit.attribution).replace("+", "") : signed(unit.attribution);
  const facts = [
    fillIn(translate(kind === "word" ? explainedTextTexts.rankWord : explainedTextTexts.rankToken), { rank: unit.rank, count }),
    fillIn(translate(explainedTextTexts.raw), { raw: signed(unit.raw) }),
  ];
  const pieces = unit.pieces.map(({ token, attribution }) => `${code(token)} ${signed(attribution)}`);
  return [
    `${code(unit.text)} **${value}** · ${escapeMarkdown(meaning(unit, explanation, translate))}`,
    escapeMarkdown(facts.join(" · ")),
    ...(pieces.length > 0 ? [pieces.join(" · ")] : []),
    "---",
    escapeMarkdown(`${headline(explanation, translate)} · ${modelTitle(explanation.model.path)}`),
    ...notesOf(explanation, translate).map((note) => `$(warning) ${escapeMarkdown(note)}`),
  ].join("\n\n");
}

/** Remarks beside the result, as sentences. */
export function notesOf({ notes }: TextExplanation, translate: Translate): string[] {
  return notes.map((note) => noteText(note, translate));
}

/** What is known of the whole explanation, a line each. */
export function detailLines(explanation: TextExplanation, translate: Translate): string[] {
  const say = (key: keyof typeof explainedTextTexts, data: Record<string, string | number> = {}) => fillIn(translate(explainedTextTexts[key]), data);
  const { model, method, runtime, ms, completeness, evaluations } = explanation;
  const time = Math.round(ms.load + ms.compile + ms.compute);
  return [
    say("model", { model: model.path }),
    say("method", { method: textMethodNames[method] }),
    ...(completeness ? [gapText(explanation, translate)] : []),
    say("runtime", { runtime: runtime.detail, ms: time }),
    say("evaluations", { forward: evaluations.forward, gradient: evaluations.gradient }),
    ...notesOf(explanation, translate),
  ];
}

/** "Completeness gap: …"; empty for methods that promise nothing. */
export function gapText({ completeness }: TextExplanation, translate: Translate): string {
  return completeness ? fillIn(translate(explainedTextTexts.gap), { gap: signed(completeness.gap), share: percent(Math.abs(completeness.relative)) }) : "";
}

/** Everything as plain text with a table of the units, for those who want the numbers or cannot see the colours. */
export function tableText(explanation: TextExplanation, units: readonly TextUnit[], translate: Translate): string {
  const say = (key: keyof typeof explainedTextTexts, data: Record<string, string | number> = {}) => fillIn(translate(explainedTextTexts[key]), data);
  const header = say("columns").split("\t");
  const rows = units.map(({ rank, attribution, raw, text }) => [String(rank), signed(attribution), signed(raw), oneLine(text)]);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  // Numbers end where their column ends, the text begins where its column begins.
  const line = (cells: readonly string[]) => cells.map((cell, column) => (column < 3 ? cell.padStart(widths[column] ?? 0) : cell)).join("  ");
  const special = explanation.tokens.filter((token) => token.special);
  return [
    headline(explanation, translate), "", ...detailLines(explanation, translate), "",
    say("classes"), ...explanation.predictions.map(({ label, probability }) => `  ${percent(probability).padStart(7)}  ${shown(label)}`), "",
    line(header), ...rows.map(line), "",
    ...(special.length > 0 ? [say("special", { tokens: special.map(({ token, attribution }) => `${token} ${signed(attribution)}`).join(", ") }), ""] : []),
    say("cautious"), "",
  ].join("\n");
}

function meaning({ raw }: TextUnit, { method, target, versus }: TextExplanation, translate: Translate): string {
  const about = versus ? fillIn(translate(explainedTextTexts.rather), { target: shown(target.label), versus: shown(versus.label) }) : shown(target.label);
  const key = method === "gradient-norm" ? "size" : raw > 0 ? "for" : raw < 0 ? "against" : "neutral";
  return fillIn(translate(explainedTextTexts[key]), { target: about });
}

/** Labels that begin or end with white space, or are nothing else, stand in quotation marks. */
function shown(label: string): string {
  return label === label.trim() && label !== "" ? oneLine(label) : `"${oneLine(label)}"`;
}

function oneLine(text: string): string {
  return text.replace(/\r?\n/g, "⏎").replace(/\t/g, " ");
}

/** A piece of somebody's text in Markdown, as it is. */
function code(text: string): string {
  const inner = oneLine(text);
  const fence = "`".repeat(Math.max(0, ...[...inner.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  return inner.startsWith("`") || inner.endsWith("`") ? `${fence} ${inner} ${fence}` : `${fence}${inner}${fence}`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$]/g, "\\$&").replace(/&/g, "&amp;");
}

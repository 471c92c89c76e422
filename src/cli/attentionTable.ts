/** @file Attention as lines of a terminal: who attends to whom, which heads stand out, and what attention does not show. */
import type { AttentionSummary } from "../protocol/attention.js";
import { evidenceSentences } from "../protocol/attentionTexts.js";
import { isTextTask } from "../protocol/tasks.js";
import { queryOf } from "../worker/patchRow.js";
import { shownMap } from "./attentionOnImage.js";
import type { Translate } from "./localize.js";
import { shownLinks, type ShownAttention } from "./shownAttention.js";
import { alignColumns, cut } from "./terminal.js";

/** Longer texts show the strongest links, larger matrices none of their numbers. */
const [mostLinks, mostColumns] = [40, 16];
const strongestPatches = 5;

/** Sentences such as "cat attends most to sat (0.342)". For texts one per token that is no special one; for images the patches that the class token, or the mean of all queries, attends to most. */
export function analysisLines(summary: AttentionSummary, shown: ShownAttention, hidesSpecial: boolean, translate: Translate): string[] {
  const { tokens } = summary;
  const say = (token: string, other: string, weight: number) => {
    const data = { token, other, weight: weight.toFixed(3) };
    return shown.stem === "relevance" ? translate("{other} is most relevant to {token} ({weight})", data) : translate("{token} attends most to {other} ({weight})", data);
  };
  if (isTextTask(summary.task)) {
    // A word that stands in the text twice is told apart by its place.
    const nameOf = (i: number) => cut(tokens[i]!.token, 24) + (tokens.some(({ token }, other) => other !== i && token === tokens[i]!.token) ? ` #${i}` : "");
    return shownLinks(shown).filter(({ from }) => !tokens[from]!.special).map(({ from, to, weight }) => say(nameOf(from), nameOf(to), weight));
  }
  const map = shownMap(summary, shown, hidesSpecial);
  if (!map) return [];
  const name = queryName(summary, translate);
  return Array.from(map.data.keys()).toSorted((a, b) => map.data[b]! - map.data[a]!).slice(0, strongestPatches)
    .map((patch) => say(name, translate("patch {row},{column}", { row: Math.floor(patch / map.shape[1]!) + 1, column: (patch % map.shape[1]!) + 1 }), map.data[patch]!));
}

/** Whose attention a map shows. */
function queryName(summary: Pick<AttentionSummary, "tokens">, translate: Translate): string {
  const query = queryOf(summary);
  return query === "mean" ? translate("the mean of all queries") : summary.tokens[query]!.token;
}

/** What a map shows, as its caption. */
export function queryTitle(summary: Pick<AttentionSummary, "tokens" | "target">, { stem }: Pick<ShownAttention, "stem">, translate: Translate): string {
  const query = queryName(summary, translate);
  return stem === "relevance" ? translate("What is relevant to {query}, for {target}.", { query, target: summary.target?.label ?? "?" }) : translate("What {query} attends to.", { query });
}

/** The lines between predictions and files. */
export function attentionLines(summary: AttentionSummary, shown: ShownAttention, analysis: readonly string[], translate: Translate): string[] {
  const { layers, tokens } = summary;
  const heads = [...new Set(layers.map((layer) => layer.heads))].join("/");
  const sizes = tokens.length > 0 ? translate("{layers} layers, {heads} heads, {tokens} tokens", { layers: layers.length, heads, tokens: tokens.length }) : translate("{layers} layers, {heads} heads; layers differ in their tokens", { layers: layers.length, heads });
  const left = analysis.length - mostLinks;
  return [
    `${sizes} · ${shown.name}`,
    ...(shown.layer === null || shown.windows ? [] : matrixLines(shown)).map((line) => `  ${line}`),
    ...analysis.slice(0, mostLinks).map((line) => `  ${line}`), ...(left > 0 ? [`  ${translate("and {count} more tokens", { count: left })}`] : []),
    ...headLines(summary, translate),
    evidenceSentences(summary).map(({ text, data }) => translate(text, data)).join(" "),
  ];
}

/** The weights of a small matrix, query rows and key columns. */
function matrixLines({ matrix, rows, columns }: ShownAttention): string[] {
  if (rows.length > mostColumns || columns.length > mostColumns) return [];
  const numbers = rows.map((name, row) => [cut(name, 12), ...columns.map((_, key) => matrix.data[row * columns.length + key]!.toFixed(2))]);
  return alignColumns([["", ...columns.map((name) => cut(name, 8))], ...numbers], columns.map((_, i) => i + 1));
}

/** The heads at both ends of entropy and of distance. */
function headLines({ entropy, distance }: AttentionSummary, translate: Translate): string[] {
  const heads = entropy.shape[1]!;
  const ends = ({ data }: AttentionSummary["entropy"]) => {
    const order = Array.from(data.keys()).filter((i) => !Number.isNaN(data[i]!)).toSorted((a, b) => data[a]! - data[b]!);
    const place = (i: number) => `${Math.floor(i / heads)}.${i % heads} (${data[i]!.toFixed(2)})`;
    return order.length === 0 ? undefined : { low: place(order[0]!), high: place(order.at(-1)!) };
  };
  const [spread, far] = [ends(entropy), ends(distance)];
  return [
    ...(spread ? [translate("Sharpest head, as layer.head: {low} nats; most spread: {high} nats", spread)] : []),
    ...(far ? [translate("Head that looks nearest: {low} on average; farthest: {high}", far)] : []),
  ];
}

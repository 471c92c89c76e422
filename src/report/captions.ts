/** @file What is said about a map: its title, and its details as rows of a table. */
import type { Explanation } from "../protocol/api.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { percent, shortNumber } from "./markup.js";

/** "tabby 45.2 %", or "tabby rather than lynx". */
export function targetName({ target, versus }: Pick<Explanation, "target" | "versus">, translate: Translate): string {
  return versus === undefined ? `${target.label} ${percent(target.probability)}` : translate(reportTexts.rather, { target: target.label, versus: versus.label });
}

/** What is told in detail, of a map or a text. */
type DetailedExplanation = Pick<Explanation, "as" | "layer" | "score" | "parameters" | "facts" | "ms" | "evaluations" | "completeness"> & { readonly method: string };

/** Name and value, in the order they are read. */
export function detailRows(explanation: DetailedExplanation, ends: readonly [low: number, high: number], translate: Translate): (readonly [name: string, value: string])[] {
  const { method, as, layer, score, parameters, facts, ms, evaluations, completeness } = explanation;
  const list = (record: Readonly<Record<string, number | string | boolean>>) => Object.entries(record).map(([name, value]) => `${name} ${typeof value === "number" && !Number.isInteger(value) ? shortNumber(value) : value}`).join(", ");
  const rows: readonly (readonly [name: keyof typeof reportTexts, value: string | undefined])[] = [
    ["method", method], ["library", as], ["layer", layer], ["score", score], ["parameters", list(parameters)], ["facts", list(facts)],
    ["gap", completeness ? translate(reportTexts.gapOf, { gap: shortNumber(completeness.gap), share: percent(completeness.relative) }) : undefined],
    ["time", `${Math.round(ms.compute)} ms`], ["evaluations", translate(reportTexts.evaluationCounts, { forward: evaluations.forward, gradient: evaluations.gradient })],
    ["scale", `${shortNumber(ends[0])} – ${shortNumber(ends[1])}`],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[translate(reportTexts[name]), value] as const]));
}

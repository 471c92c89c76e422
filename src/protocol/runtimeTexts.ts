/** @file What is said of the runtimes of a machine, in the editor and in the terminal, in English: each the key of its translation. */
import type { ModelFamily } from "../engine/ir/flops.js";
import { alignColumns } from "./alignColumns.js";
import type { MeasureProgress, RuntimeStatus } from "./api.js";
import type { Translate } from "./reportTexts.js";

const familyTitles: Readonly<Record<ModelFamily, string>> = { convolutions: "convolutions", attention: "transformers" };
const takenFor: Readonly<Record<ModelFamily, string>> = { convolutions: "taken by auto for convolutions", attention: "taken by auto for transformers" };

const sentences = {
  rate: "{rate} GFLOP/s", taken: "taken by auto", unfit: "not taken by auto: {reason}", emulated: "not taken by auto: the processor plays the graphics card",
  measuring: "Measuring {runtime} ({number} of {count})",
  measured: "auto takes the fastest for the kind of model, and the next one when that fails.",
  standing: "auto takes the first that works, in this order; how fast they are was not measured yet.",
} as const;

/** Every text of this file, for the test of translations. */
export const runtimeTexts: readonly string[] = [...Object.values(familyTitles), ...Object.values(takenFor), ...Object.values(sentences)];

export const measuringText = ({ runtime, index, count }: MeasureProgress, say: Translate): string => say(sentences.measuring, { runtime, number: index + 1, count });

const families = Object.keys(familyTitles) as ModelFamily[];

/** A line per runtime: whether it works, its speed, whether `auto` takes it, and its version and device or what is wrong; then how `auto` chooses. */
export function runtimeLines(statuses: readonly RuntimeStatus[], say: Translate): string[] {
  const isMeasured = statuses.some((status) => status.takenFor.some((family) => status.rates[family] !== undefined));
  const head = statuses.some(({ rates }) => Object.keys(rates).length > 0) ? [["", "", ...families.map((family) => say(familyTitles[family])), "", ""]] : [];
  const table = alignColumns([...head, ...statuses.map((status) => rowOf(status, say))], [2, 3]);
  return [...table.map((line) => `  ${line}`), "", say(isMeasured ? sentences.measured : sentences.standing)];
}

function rowOf(status: RuntimeStatus, say: Translate): string[] {
  const { name, ok, detail, reason, place, rates } = status;
  const speeds = families.map((family) => (rates[family] === undefined ? "" : say(sentences.rate, { rate: rateText(rates[family]) })));
  return [ok ? "✓" : "✗", name, ...speeds, takenText(status, say), [ok ? detail : reason, place, refusedText(status, say)].filter((text) => text !== "").join(" · ")];
}

function takenText({ takenFor: taken }: RuntimeStatus, say: Translate): string {
  return taken.length === families.length ? say(sentences.taken) : taken.map((family) => say(takenFor[family])).join();
}

/** Why `auto` does not take a runtime that works. */
function refusedText({ ok, isEmulated, unfit }: RuntimeStatus, say: Translate): string {
  if (!ok) return "";
  if (isEmulated) return say(sentences.emulated);
  return unfit === "" ? "" : say(sentences.unfit, { reason: unfit });
}

/** Operations per millisecond as GFLOP/s: "183", "8.4". */
function rateText(flopsPerMs: number): string {
  const rate = flopsPerMs / 1e6;
  return rate.toFixed(rate < 10 ? 1 : 0);
}

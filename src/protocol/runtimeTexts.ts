/** @file What is said of the runtimes of a machine, in the editor and in the terminal, in English: each the key of its translation. */
import type { ModelFamily } from "../engine/ir/flops.js";
import { alignColumns } from "./alignColumns.js";
import type { MeasureProgress, RuntimeStatus } from "./api.js";
import type { Translate } from "./reportTexts.js";

const familyRates: Readonly<Record<ModelFamily, string>> = { convolutions: "convolutions {rate} GFLOP/s", attention: "transformers {rate} GFLOP/s" };
const takenFor: Readonly<Record<ModelFamily, string>> = { convolutions: "taken by auto for convolutions", attention: "taken by auto for transformers" };

const sentences = {
  taken: "taken by auto", unfit: "not taken by auto: {reason}", emulated: "not taken by auto: the processor plays the graphics card",
  measuring: "Measuring {runtime} ({number} of {count})",
  measured: "auto takes the runtime that was measured to be the fastest with models of this kind, and the next one when it fails.",
  standing: "auto takes the first that works, in this order: how fast they are was not measured yet.",
} as const;

/** Every text of this file, for the test of translations. */
export const runtimeTexts: readonly string[] = [...Object.values(familyRates), ...Object.values(takenFor), ...Object.values(sentences)];

export const measuringText = ({ runtime, index, count }: MeasureProgress, say: Translate): string => say(sentences.measuring, { runtime, number: index + 1, count });

/** A line per runtime: whether it works, its speed, its version and device or what is wrong, and whether `auto` takes it; then how `auto` chooses. */
export function runtimeLines(statuses: readonly RuntimeStatus[], say: Translate): string[] {
  const isMeasured = statuses.some((status) => status.takenFor.some((family) => status.rates[family] !== undefined));
  return [...alignColumns(statuses.map((status) => rowOf(status, say))).map((line) => `  ${line}`), say(isMeasured ? sentences.measured : sentences.standing)];
}

function rowOf(status: RuntimeStatus, say: Translate): string[] {
  const { name, ok, detail, reason, place, rates } = status;
  const speeds = (Object.keys(familyRates) as ModelFamily[]).flatMap((family) => (rates[family] === undefined ? [] : [say(familyRates[family], { rate: rateText(rates[family]) })]));
  const told = [ok ? detail : reason, place, choiceOf(status, say)].filter((text) => text !== "");
  return [ok ? "✓" : "✗", name, speeds.join(", "), told.join(" · ")];
}

/** What `auto` makes of a runtime. */
function choiceOf({ ok, isEmulated, unfit, takenFor: families }: RuntimeStatus, say: Translate): string {
  if (ok && isEmulated) return say(sentences.emulated);
  if (ok && unfit !== "") return say(sentences.unfit, { reason: unfit });
  return families.length === Object.keys(takenFor).length ? say(sentences.taken) : families.map((family) => say(takenFor[family])).join();
}

/** Operations per millisecond as GFLOP/s: "183", "8.4". */
function rateText(flopsPerMs: number): string {
  const rate = flopsPerMs / 1e6;
  return rate.toFixed(rate < 10 ? 1 : 0);
}

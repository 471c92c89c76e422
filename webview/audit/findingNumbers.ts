/** @file The numbers of a finding: how many images share a region and what happens without it; what other preprocessing would do. Pure. */
import type { PreprocessingTrial, SharedRegion } from "../../src/protocol/audit.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";

/** A number with its name. */
export interface NumberRow {
  readonly name: Source;
  readonly value: string;
}

/** A region's counts and its counter-tests. */
export function regionNumbers({ inRegion, images, elsewhereShare, pValue, masked, planted }: SharedRegion): NumberRow[] {
  const of = (count: number, all: number) => t("{count} of {all}", { count, all });
  return [
    { name: "Over half of the mass there", value: t("{count} of {all} images; {share} of others", { count: inRegion, all: images, share: numbers.percent(elsewhereShare) }) },
    { name: "By chance", value: pValue < 0.001 ? "p < 0.001" : `p = ${pValue.toFixed(3)}` },
    ...(masked ? [
      { name: "Answers that change when it is masked", value: t("{changed}; {elsewhere} with another place masked", { changed: of(masked.changed, masked.tried), elsewhere: of(masked.changedElsewhere, masked.tried) }) },
      { name: "Corrected by masking", value: of(masked.corrected, masked.tried) },
      { name: "Mean probability of the class", value: `${numbers.percent(masked.before)} → ${numbers.percent(masked.after)}` },
    ] as const : []),
    ...(planted ? [{ name: "Turned when it is put on other images", value: of(planted.turned, planted.tried) } as const] : []),
  ];
}

/** Right answers before and with a change of the preprocessing. */
export function trialNumbers({ images, right, rightChanged }: PreprocessingTrial): NumberRow[] {
  return [
    { name: "Right as described", value: t("{count} of {all}", { count: right, all: images }) },
    { name: "Right with the change", value: t("{count} of {all}", { count: rightChanged, all: images }) },
  ];
}

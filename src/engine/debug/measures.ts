/** @file Numbers that several judgements need, out of what was gathered. */
import type { Gathered, VariantFamily, VariantResult } from "./evidence.js";

/** Whether the answer is another class than the true one. */
export function isMistake(gathered: Pick<Gathered, "true" | "predicted">): boolean {
  return gathered.true.index !== gathered.predicted.index;
}

/** The same change filled in two ways; a finding that one filling alone makes comes from the filling. */
export interface MaskPair {
  readonly hot: VariantResult;
  /** As much masked elsewhere. */
  readonly control: VariantResult;
}

/** The counter-tests, filled from the surroundings first; empty where none were run. */
export function maskPairs({ variants }: Pick<Gathered, "variants">): readonly MaskPair[] {
  return ["", "-mean"].flatMap((fill) => {
    const [hot, control] = ["mask-hot", "mask-elsewhere"].map((id) => variants.find((variant) => variant.id === id + fill));
    return hot && control ? [{ hot, control }] : [];
  });
}

/** How much more masking the hot region does than masking as much elsewhere: the fall of the predicted class's probability and the rise of the true one's, the smaller of the two fillings. 0 where nothing was run. */
export function maskEffect(gathered: Gathered): { readonly fall: number; readonly rise: number } {
  const pairs = maskPairs(gathered);
  if (pairs.length === 0) return { fall: 0, rise: 0 };
  const { predicted, true: right } = gathered;
  return {
    fall: Math.min(...pairs.map(({ hot, control }) => Math.min(predicted.probability, control.predictedProbability) - hot.predictedProbability)),
    rise: Math.min(...pairs.map(({ hot, control }) => hot.trueProbability - Math.max(right.probability, control.trueProbability))),
  };
}

/** Changes after which the thing in the picture is the same and as large: an answer that changes with them stands on a border. */
export const gentleFamilies: readonly VariantFamily[] = ["flip", "rotation", "brightness"];

/** The results of some families. */
export function triedOf({ variants }: Pick<Gathered, "variants">, families: readonly VariantFamily[]): readonly VariantResult[] {
  return variants.filter(({ family }) => families.includes(family));
}

/** Those of some families that bring the true class to the first place, surest first. */
export function fixesOf(gathered: Pick<Gathered, "variants">, families: readonly VariantFamily[]): readonly VariantResult[] {
  return triedOf(gathered, families).filter(({ fixes }) => fixes).toSorted((a, b) => b.trueProbability - a.trueProbability);
}

/**
 * Other preprocessing that brings the true class to the first place, likeliest first: what is more sure than not in the order it was tried, in which the commonest comes first and two changes together after single ones; then the rest.
 * The probability alone would mislead, since values that are far too large make a model sure of anything. What makes it unsure of everything is no fix either: less than half as sure as of its mistake does not count.
 */
export function preprocessingFixes(gathered: Pick<Gathered, "variants" | "predicted">): readonly VariantResult[] {
  const fixes = triedOf(gathered, ["preprocessing"]).filter(({ fixes: isFix, trueProbability }) => isFix && trueProbability * 2 >= gathered.predicted.probability);
  return fixes.toSorted((a, b) => Number(b.trueProbability >= 0.5) - Number(a.trueProbability >= 0.5));
}

/** Whether the model is as good as undecided among all classes; then a small margin says nothing of the two classes, and a small change may turn the answer anywhere. */
export function isUndecided({ entropy }: Pick<Gathered, "entropy">): boolean {
  return entropy.share > 0.9;
}

/** How many of the nearest labelled files bear a class. Nearly the same pictures are counted apart, since they say more. */
export function votesOf({ neighbours }: Pick<Gathered, "neighbours">, label: number): { readonly agree: number; readonly of: number } {
  const others = neighbours?.found.filter(({ isDuplicate }) => !isDuplicate) ?? [];
  return { agree: others.filter((near) => near.label === label).length, of: others.length };
}

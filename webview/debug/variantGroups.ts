/** @file What was tried, by family, and the few results that say most. Pure. */
import { variantFamilies } from "../../src/engine/debug/evidence.js";
import type { VariantFamily, VariantResult } from "../../src/protocol/debug.js";

/** A family with what was tried of it. */
export interface VariantGroup {
  readonly family: VariantFamily;
  readonly all: readonly VariantResult[];
  /** The few that say most: of masking all, of the others those that fix the prediction, or what helps most. */
  readonly telling: readonly VariantResult[];
}

const mostFixes = 2;

/** By family, in the families' order; those of which nothing was tried are left out. */
export function variantGroups(variants: readonly VariantResult[]): VariantGroup[] {
  return variantFamilies.flatMap((family) => {
    const all = variants.filter((one) => one.family === family);
    if (all.length === 0) return [];
    const best = all.toSorted((a, b) => b.trueProbability - a.trueProbability);
    const fixing = best.filter(({ fixes }) => fixes).slice(0, mostFixes);
    const few = new Set(fixing.length > 0 ? fixing : best.slice(0, 1));
    return [{ family, all, telling: family === "mask" ? all : all.filter((one) => few.has(one)) }];
  });
}

/** @file Whether the tests of a region confirm that answers depend on it. */
import { binomialTail } from "./statistics.js";
import type { CounterTest, PlantTest, SharedRegion } from "./summary.js";

/** Tests on fewer images decide nothing. */
const leastTried = 5;

/**
 * `confirmed`: taking the region away changes at least half of the answers, at least twice as many as an area of the same size elsewhere, and more than that by chance (binomial, 1 %).
 * `refuted`: it changes few, and hardly more than elsewhere, and the region does not carry the class onto other images either. Anything between stays suspected.
 */
export function verdictOf(masked: CounterTest | undefined, planted: PlantTest | undefined): SharedRegion["verdict"] {
  if (!masked || masked.tried < leastTried) return "suspected";
  const [share, elsewhere] = [masked.changed / masked.tried, masked.changedElsewhere / masked.tried];
  // One more than was seen: that none changed elsewhere does not mean that none can.
  const chance = (masked.changedElsewhere + 1) / (masked.tried + 1);
  if (share >= 0.5 && share >= 2 * elsewhere && binomialTail(masked.changed, masked.tried, chance) < 0.01) return "confirmed";
  const carries = planted !== undefined && planted.tried > 0 && planted.turned / planted.tried >= 0.25;
  return share < 0.25 && share - elsewhere < 0.1 && !carries ? "refuted" : "suspected";
}

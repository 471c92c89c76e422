/** @file Which classes a confusion matrix shows when a model has more of them than a picture holds. */
import type { ConfusionCell } from "../../engine/audit/summary.js";

/**
 * At most `most` class indices, ascending: all that have images or predictions where they fit, else those of the largest confusions, largest first.
 * Of equal confusions the one that comes first in `cells` counts.
 */
export function confusionClasses(cells: readonly ConfusionCell[], most: number): number[] {
  const used = new Set(cells.flatMap(({ label, predicted }) => [label, predicted]));
  const chosen = used.size <= most ? used : largestConfusions(cells, most);
  return [...chosen].toSorted((a, b) => a - b);
}

function largestConfusions(cells: readonly ConfusionCell[], most: number): Set<number> {
  const chosen = new Set<number>();
  for (const { label, predicted } of cells.filter((cell) => cell.label !== cell.predicted).toSorted((a, b) => b.images - a.images)) {
    const added = [label, predicted].filter((index) => !chosen.has(index));
    if (chosen.size + added.length <= most) for (const index of added) chosen.add(index);
  }
  return chosen;
}

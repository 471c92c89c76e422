/** @file Which class is taken for which: the confusion matrix, and what it says of each class. */
import type { ClassRow, ConfusionCell } from "./summary.js";

export interface Confusion {
  /** Counts one image; `label` is -1 where it has none, and then only its prediction counts. */
  add(label: number, predicted: number, confidence: number): void;
  /** The cells that are not empty, by label, then prediction. */
  cells(): ConfusionCell[];
  /** One row per name. */
  classes(labels: readonly string[]): ClassRow[];
}

/** An empty matrix. It holds cells that are not empty only: of a thousand classes' million cells few are. */
export function createConfusion(): Confusion {
  const counts = new Map<number, Map<number, number>>();
  const sums = new Map<number, { predicted: number; confidence: number }>();
  return {
    add(label, predicted, confidence) {
      const sum = sums.get(predicted) ?? { predicted: 0, confidence: 0 };
      sums.set(predicted, { predicted: sum.predicted + 1, confidence: sum.confidence + confidence });
      if (label < 0) return;
      const row = counts.get(label) ?? new Map<number, number>();
      counts.set(label, row.set(predicted, (row.get(predicted) ?? 0) + 1));
    },
    cells: () => cellsOf(counts),
    classes(labels) {
      const cells = cellsOf(counts);
      const labelled = new Map<number, number>();
      const answered = new Map<number, number>();
      for (const { label, predicted, images } of cells) {
        labelled.set(label, (labelled.get(label) ?? 0) + images);
        answered.set(predicted, (answered.get(predicted) ?? 0) + images);
      }
      return labels.map((label, index) => {
        const right = counts.get(index)?.get(index) ?? 0;
        const images = labelled.get(index) ?? 0;
        // Unlabelled images can be neither right nor wrong, so precision leaves them out.
        const judged = answered.get(index) ?? 0;
        const sum = sums.get(index);
        return {
          index, label, images, predicted: sum?.predicted ?? 0, right, precision: judged > 0 ? right / judged : null, recall: images > 0 ? right / images : null,
          f1: images + judged > 0 ? (2 * right) / (images + judged) : null, confidence: sum ? sum.confidence / sum.predicted : null,
        };
      });
    },
  };
}

function cellsOf(counts: ReadonlyMap<number, ReadonlyMap<number, number>>): ConfusionCell[] {
  const cells = [...counts].flatMap(([label, row]) => [...row].map(([predicted, images]) => ({ label, predicted, images })));
  return cells.toSorted((a, b) => a.label - b.label || a.predicted - b.predicted);
}

/** The most frequent confusions, equal ones by label, then prediction. */
export function confusedPairs(cells: readonly ConfusionCell[], limit: number): ConfusionCell[] {
  return cells.filter(({ label, predicted }) => label !== predicted).toSorted((a, b) => b.images - a.images || a.label - b.label || a.predicted - b.predicted).slice(0, limit);
}

/** @file Labels that are probably wrong: images that the model is as sure of as another class's own images. */
import type { ImageFacts } from "./factTable.js";

/** An image by its number, the class it looks like, and how likely the model holds both. */
export interface LabelSuspect {
  readonly image: number;
  readonly likely: number;
  readonly labelProbability: number;
  readonly likelyProbability: number;
}

/** Per class, the mean probability of that class among the images labelled so: how sure the model usually is. */
export function confidenceThresholds(facts: Iterable<ImageFacts>): Map<number, number> {
  const sums = new Map<number, { sum: number; images: number }>();
  for (const { label, trueProbability } of facts) {
    if (label < 0) continue;
    const { sum, images } = sums.get(label) ?? { sum: 0, images: 0 };
    sums.set(label, { sum: sum + trueProbability, images: images + 1 });
  }
  return new Map([...sums].map(([label, { sum, images }]) => [label, sum / images]));
}

/**
 * Confident learning (Northcutt, Jiang and Chuang, arXiv 1911.00068): an image counts as the likeliest of the classes whose probability reaches that class's threshold, and is suspect where that is not its label.
 * Only the five likeliest classes are known, and the label: a class beyond them, at most one in six likely, is never suspected. Largest difference of the two probabilities first, equal ones in the order given.
 */
export function labelSuspects(facts: Iterable<ImageFacts>): LabelSuspect[] {
  const thresholds = confidenceThresholds(facts);
  const suspects: LabelSuspect[] = [];
  for (const { image, label, trueProbability, top } of facts) {
    if (label < 0) continue;
    const reach = ([index, probability]: readonly [number, number]) => probability >= (thresholds.get(index) ?? Infinity);
    // The label comes first, so that it wins a tie.
    const [likeliest] = [[label, trueProbability] as const, ...top.filter(([index]) => index !== label)].filter(reach).toSorted((a, b) => b[1] - a[1]);
    if (likeliest !== undefined && likeliest[0] !== label) suspects.push({ image, likely: likeliest[0], labelProbability: trueProbability, likelyProbability: likeliest[1] });
  }
  return suspects.toSorted((a, b) => b.likelyProbability - b.labelProbability - (a.likelyProbability - a.labelProbability));
}

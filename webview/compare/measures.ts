/** @file Numbers of finished maps, measured once each: the tables and the order ask for them at every change. Pure. */
import { changeBetween, noiseShare } from "../../src/drawing/comparison.js";
import type { Explanation } from "../../src/protocol/api.js";

type Change = ReturnType<typeof changeBetween>;

const noises = new WeakMap<Explanation, number>();
const changes = new WeakMap<Explanation, { readonly before: Explanation; readonly change: Change }>();

/** The measured noise of the map as its method draws it, at the size of the model's input. */
export function noiseOf(explanation: Explanation): number {
  const noise = noises.get(explanation) ?? noiseShare(explanation.heatmap);
  noises.set(explanation, noise);
  return noise;
}

/** How a map changed from the one before. */
export function changeFrom(before: Explanation, after: Explanation): Change {
  const known = changes.get(after);
  if (known?.before === before) return known.change;
  const change = changeBetween(before, after);
  changes.set(after, { before, change });
  return change;
}

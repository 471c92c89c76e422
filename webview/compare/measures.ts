/** @file The noise of finished maps, measured once each: the tables and the order both ask for it at every change. Pure. */
import { noiseShare } from "../../src/drawing/comparison.js";
import type { Explanation } from "../../src/protocol/api.js";

const noises = new WeakMap<Explanation, number>();

/** The measured noise of the map as its method draws it, at the size of the model's input. */
export function noiseOf(explanation: Explanation): number {
  const noise = noises.get(explanation) ?? noiseShare(explanation.heatmap);
  noises.set(explanation, noise);
  return noise;
}

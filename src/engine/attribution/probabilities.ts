/** @file Logits to probabilities, in float64. */
import type { OutputActivation } from "../preprocess/description.js";

/** One probability per class: of classes that exclude each other, or of each by itself. A lone score is that of a yes, whatever the activation. */
export function probabilities(logits: ArrayLike<number>, activation: OutputActivation): Float64Array {
  return activation === "softmax" && logits.length > 1 ? softmax(logits) : Float64Array.from(logits, sigmoid);
}

/** How undecided the probabilities are: of one answer among the classes, or of a yes and a no for each. `share` is of the most there can be. */
export function entropyOf(shares: Float64Array, activation: OutputActivation): { readonly nats: number; readonly share: number } {
  const term = (share: number) => (share > 0 ? -share * Math.log(share) : 0);
  const ofEach = activation === "sigmoid" || shares.length === 1;
  const nats = shares.reduce((sum, share) => sum + term(share) + (ofEach ? term(1 - share) : 0), 0);
  return { nats, share: nats / (ofEach ? shares.length * Math.LN2 : Math.log(shares.length)) };
}

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

export function softmax(logits: ArrayLike<number>): Float64Array {
  const peak = logits[argMax(logits)]!;
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - peak));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** The index of the first of the largest, passing over one. */
export function argMax(values: ArrayLike<number>, except = -1): number {
  let best = except === 0 ? 1 : 0;
  for (let i = best + 1; i < values.length; i++) if (i !== except && values[i]! > values[best]!) best = i;
  return best;
}

/** @file Class activation maps from a layer's activation A and gradient g, both `[channels, places]`: sums over channels, signed, before any ReLU. Added up in float64. */
import type { LayerMap } from "./layerMap.js";

/** `[rows, columns]` of the layer's grid, row-major. */
export type CamFormula = (activation: LayerMap, gradient: LayerMap) => Float32Array;

/** `sum over c of w(c) * A(c)`. */
export function weighted({ channels, data }: LayerMap, weight: (c: number) => number): Float32Array {
  const places = data.length / channels;
  const total = new Float64Array(places);
  for (let c = 0; c < channels; c++) {
    const w = weight(c);
    for (let p = 0; p < places; p++) total[p]! += w * data[c * places + p]!;
  }
  return Float32Array.from(total);
}

/** Adds up `term(i)` over the places of channel c. */
export function overPlaces({ channels, data }: LayerMap, c: number, term: (i: number) => number): number {
  const places = data.length / channels;
  let total = 0;
  for (let i = c * places; i < (c + 1) * places; i++) total += term(i);
  return total;
}

/** Grad-CAM (Selvaraju et al., arXiv 1610.02391): channels weighted by their mean gradient. */
export const gradCam: CamFormula = (activation, gradient) => {
  const places = activation.data.length / activation.channels;
  return weighted(activation, (c) => overPlaces(gradient, c, (i) => gradient.data[i]!) / places);
};

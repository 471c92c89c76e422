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

/** XGrad-CAM (Fu et al., arXiv 2008.02312): `w(c) = sum(g A) / (sum(A) + epsilon)`. Where a channel's activations nearly cancel, the quotient is what rounding makes of it. */
export const xGradCam = (epsilon: number): CamFormula => (activation, gradient) =>
  weighted(activation, (c) => overPlaces(activation, c, (i) => gradient.data[i]! * activation.data[i]!) / (overPlaces(activation, c, (i) => activation.data[i]!) + epsilon));

/** `sum over c of term(g(c), A(c))` at each place. */
const overChannels = (term: (g: number, a: number) => number): CamFormula => ({ channels, data }, gradient) => {
  const places = data.length / channels;
  const total = new Float64Array(places);
  for (let c = 0, i = 0; c < channels; c++) for (let p = 0; p < places; p++, i++) total[p]! += term(gradient.data[i]!, data[i]!);
  return Float32Array.from(total);
};

/** LayerCAM (Jiang et al., IEEE TIP 2021): each place weighted by its own positive gradient. */
export const layerCam = overChannels((g, a) => Math.max(0, g) * a);

/** HiResCAM (Draelos & Carin, arXiv 2011.08891): gradient times activation, place by place. */
export const hiResCam = overChannels((g, a) => g * a);

/** pytorch-grad-cam's GradCAMElementWise: the positive part of gradient times activation. */
export const elementwise = overChannels((g, a) => Math.max(0, g * a));

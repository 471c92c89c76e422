/** @file Numbers and small pictures of every head, gathered layer by layer while weights come in. */
import { headStatistics, positionsInText, positionsOnImage, type TokenPositions } from "../drawing/attention/headStatistics.js";
import { thumbnails, thumbnailSide } from "../drawing/attention/thumbnails.js";
import type { FoundLayer } from "../engine/attribution/attention/attentionLayers.js";
import type { AttentionSummary, AttentionWeights } from "../protocol/attention.js";

type Statistics = Pick<AttentionSummary, "entropy" | "distance" | "thumbnails">;

export interface StatisticsGatherer {
  add(layer: number, weights: AttentionWeights): void;
  all(): Statistics;
}

/** For layers of a text, or of an image. Layers with fewer heads than others are padded with not-a-number. */
export function gatherStatistics(layers: readonly FoundLayer[], isText: boolean): StatisticsGatherer {
  const heads = Math.max(0, ...layers.map(({ shape }) => shape[1]));
  const side = Math.min(thumbnailSide, Math.max(1, ...layers.flatMap(({ shape }) => shape.slice(2))));
  const [entropy, distance] = [0, 1].map(() => new Float32Array(layers.length * heads).fill(Number.NaN)) as [Float32Array, Float32Array];
  const pictures = new Uint8Array(layers.length * heads * side * side);
  return {
    add: (layer, weights) => {
      const found = headStatistics(weights, positionsOf(layers[layer]!, isText));
      entropy.set(found.entropy, layer * heads);
      distance.set(found.distance, layer * heads);
      pictures.set(thumbnails(weights, side), layer * heads * side * side);
    },
    all: () => ({ entropy: { shape: [layers.length, heads], data: entropy }, distance: { shape: [layers.length, heads], data: distance }, thumbnails: { side, heads, values: pictures } }),
  };
}

/** Keys stand where queries do in self-attention only. */
function positionsOf({ site, shape, places }: FoundLayer, isText: boolean): TokenPositions | undefined {
  if (!site.isSquare) return undefined;
  return isText ? positionsInText(shape[2]) : places && positionsOnImage(places.cells, places.grid[1]);
}

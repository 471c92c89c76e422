/** @file A layer's values seen as channels over a grid, whatever layout the model keeps them in. */
import { sizeOf } from "../../ir/tensor.js";
import type { Layer } from "../layers.js";
import type { Spatial } from "../spatial.js";

/** `[channels, rows * columns]`, row-major. Prefix tokens are left out. */
export interface LayerMap {
  readonly channels: number;
  readonly grid: readonly [rows: number, columns: number];
  readonly data: Float32Array;
}

/** Where channel `c` and place `p` stand in the values of one image. */
const indexings: Readonly<Record<Spatial["layout"], (c: number, p: number, channels: number, places: number, prefix: number) => number>> = {
  map: (c, p, _, places) => c * places + p,
  tokensLast: (c, p, _, places, prefix) => c * (places + prefix) + prefix + p,
  mapLast: (c, p, channels) => p * channels + c,
  tokens: (c, p, channels, _, prefix) => (prefix + p) * channels + c,
};

/** Where the elements of channel `c` stand in one image's values, prefix tokens included: every `step`th from `first`, `count` of them. */
export function channelElements({ shape, spatial: { layout } }: Layer, c: number): { readonly first: number; readonly step: number; readonly count: number } {
  const size = sizeOf(shape.slice(1));
  const isFirst = layout === "map" || layout === "tokensLast";
  const count = size / (isFirst ? shape[1]! : shape.at(-1)!);
  return isFirst ? { first: c * count, step: 1, count } : { first: c, step: size / count, count };
}

/** One image's values of a layer; `row` is its place in the batch. Values that lie as wanted already are not copied. */
export function layerMap({ shape, spatial }: Layer, values: Float32Array, row = 0): LayerMap {
  const { layout, grid, prefix } = spatial;
  const places = grid[0] * grid[1];
  const channels = layout === "map" || layout === "tokensLast" ? shape[1]! : shape.at(-1)!;
  const size = channels * (places + prefix);
  const own = values.subarray(row * size, (row + 1) * size);
  if (layout === "map") return { channels, grid, data: own };
  const at = indexings[layout];
  const data = new Float32Array(channels * places);
  for (let c = 0; c < channels; c++) for (let p = 0; p < places; p++) data[c * places + p] = own[at(c, p, channels, places, prefix)]!;
  return { channels, grid, data };
}

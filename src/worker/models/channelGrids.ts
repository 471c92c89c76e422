/** @file A layer's activation as one grid per channel, whatever order its axes have. Pure. */
import type { Layer } from "../../engine/attribution/layers.js";

/** The channels of one image's activation. */
export interface ChannelGrids {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The values of a channel, row by row. */
  channel(index: number): Float32Array;
}

/** The activation of the first image over the grid alone: tokens that stand for no place are left out. */
export function overGrid({ spatial: { layout, grid: [height, width], prefix }, shape }: Layer, data: Float32Array): ChannelGrids {
  const cells = height * width;
  const isFirst = layout === "map" || layout === "tokensLast";
  const channels = isFirst ? shape[1]! : shape.at(-1)!;
  // Channels first: each is one stretch; else they lie side by side at every place.
  const [start, step, stride] = isFirst ? [prefix, 1, layout === "map" ? cells : shape[2]!] : [prefix * channels, channels, 1];
  return {
    height, width, channels,
    channel: (index) => Float32Array.from({ length: cells }, (_, cell) => data[start + index * stride + cell * step]!),
  };
}

/** The mean over the channels at each place, and the channels with the largest mean magnitude, largest first. What is not a number counts as nothing. */
export function strongestChannels({ height, width, channels, channel }: ChannelGrids, count: number): { readonly mean: Float32Array; readonly strongest: readonly number[] } {
  const sum = new Float64Array(height * width);
  const strengths: { readonly index: number; readonly strength: number }[] = [];
  for (let index = 0; index < channels; index++) {
    let strength = 0;
    channel(index).forEach((value, cell) => {
      if (!Number.isFinite(value)) return;
      sum[cell]! += value;
      strength += Math.abs(value);
    });
    strengths.push({ index, strength });
  }
  const strongest = strengths.toSorted((a, b) => b.strength - a.strength || a.index - b.index).slice(0, count).map(({ index }) => index);
  return { mean: Float32Array.from(sum, (value) => value / Math.max(1, channels)), strongest };
}

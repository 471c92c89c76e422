/** @file The graph that tells what a record keeps of an image: its scores, a class activation map, and the mean of each channel. Only these few numbers leave it, where the layers themselves would be thousands. */
import { buildForward, buildGradient, cotangentOf } from "../attribution/programs.js";
import type { Layer } from "../attribution/layers.js";
import type { Spatial } from "../attribution/spatial.js";
import { GraphBuilder } from "../ir/builder.js";
import type { Graph } from "../ir/graph.js";
import { verify } from "../ir/verify.js";
import { prune } from "../passes/prune.js";
import type { MapSource } from "./mapSource.js";

/** The outputs beside the logits. */
export const recordOutputs = {
  /** `[batch, ...grid]`: the map before its positive part is taken. */
  map: "whylight/record_map",
  /** `[batch, channels]`: the mean of each channel over the grid. */
  features: "whylight/record_features",
} as const;

/** The axes of the grid and of the channels. */
const axesOf: Readonly<Record<Spatial["layout"], { readonly grid: readonly number[]; readonly channels: number }>> = {
  map: { grid: [2, 3], channels: 1 }, mapLast: { grid: [1, 2], channels: 3 }, tokens: { grid: [1], channels: 2 }, tokensLast: { grid: [2], channels: 1 },
};

/** A layer's value over the grid alone: without the tokens that stand for no place. */
function overGrid(builder: GraphBuilder, value: string, { spatial: { layout, grid, prefix } }: Layer): string {
  if (prefix === 0) return value;
  const axis = axesOf[layout].grid.slice(0, 1);
  return builder.add("Slice", [value, builder.ints([prefix]), builder.ints([prefix + grid[0] * grid[1]]), builder.ints(axis)]);
}

const mean = (builder: GraphBuilder, value: string, axes: readonly number[], keepdims: 0 | 1) => builder.add("ReduceMean", [value, builder.ints(axes)], { keepdims });

function addFeatures(builder: GraphBuilder, layer: Layer): string {
  return builder.rename(mean(builder, overGrid(builder, layer.name, layer), axesOf[layer.spatial.layout].grid, 0), recordOutputs.features);
}

/** How a gradient weighs its layer's activation: its mean over the grid (Grad-CAM), or place by place (HiResCAM). */
const weighers: Readonly<Record<MapSource["formula"], (builder: GraphBuilder, gradient: string, grid: readonly number[]) => string>> = {
  "grad-cam": (builder, gradient, grid) => mean(builder, gradient, grid, 1),
  "hires-cam": (_, gradient) => gradient,
};

function addMap(builder: GraphBuilder, { layer, formula }: MapSource): string {
  const { grid, channels } = axesOf[layer.spatial.layout];
  const [activation, gradient] = [layer.name, cotangentOf(layer.name)].map((value) => overGrid(builder, value, layer)) as [string, string];
  const weighed = builder.add("Mul", [weighers[formula](builder, gradient, grid), activation]);
  return builder.rename(builder.add("ReduceSum", [weighed, builder.ints([channels])], { keepdims: 0 }), recordOutputs.map);
}

/** From images and seed to the logits, the map of the class that the seed names, and the features at `layer`. */
export function buildRecords(graph: Graph, logits: string, layer: Layer, source: MapSource): Graph {
  const builder = new GraphBuilder(buildGradient(graph, logits, "logit", [...new Set([source.layer.name, layer.name])]), "record/");
  return verify(prune(builder.build([logits, addMap(builder, source), addFeatures(builder, layer)])), "buildRecords");
}

/** From images to the logits and the features at `layer`, without differentiating. */
export function buildFeatures(graph: Graph, logits: string, layer: Layer): Graph {
  const builder = new GraphBuilder(buildForward(graph, logits, [layer.name]), "record/");
  return verify(prune(builder.build([logits, addFeatures(builder, layer)])), "buildFeatures");
}

/** @file What each layer of a model makes of an image, as small pictures. */
import { colorTable } from "../../drawing/colormap.js";
import { resizeBilinear } from "../../drawing/heatmap.js";
import type { Layer } from "../../engine/attribution/layers.js";
import { rangeOf } from "../../engine/attribution/maps.js";
import { throwIfCancelled } from "../../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { familyOf } from "../../engine/ir/flops.js";
import type { Graph } from "../../engine/ir/graph.js";
import { sizeOf, type Tensor } from "../../engine/ir/tensor.js";
import { verify } from "../../engine/ir/verify.js";
import { prune } from "../../engine/passes/prune.js";
import type { ActivationPicture, LayerThumbnail, ThumbnailsRequest } from "../../protocol/models.js";
import { guardProgram } from "../guardProgram.js";
import type { JobContext, JobResources } from "../jobs.js";
import { encodeRgb } from "../renderImage.js";
import { readJob, withPath } from "../runJob.js";
import { overGrid, strongestChannels, type ChannelGrids } from "./channelGrids.js";

/** Activations that leave the model in one run, in bytes: a large model's all at once would not fit. */
const groupBytes = 96 * 2 ** 20;
const groupLayers = 24;
/** The longer side of a picture, in pixels; layers are shown in their own cells, larger ones reduced. */
const pictureSide = 112;
const shownChannels = 6;

/**
 * The layers' pictures for an image, first layer first; told in groups as they are made. Each group is a program of its own, cut off above its last layer and freed when it has run.
 * Paths are absolute.
 */
export async function layerThumbnails(resources: JobResources, request: ThumbnailsRequest, context: JobContext): Promise<readonly LayerThumbnail[]> {
  const { model, input } = await readJob(resources, request, context, { isScored: false });
  const prepared = model.prepared(input.tensor.shape);
  const layers = chosenLayers(prepared.layers, request.layers);
  const made: LayerThumbnail[] = [];

  await resources.runtimes.withRuntime(request.runtime, async (runtime) => {
    // A runtime that takes over goes on where the one before it failed.
    while (made.length < layers.length) {
      throwIfCancelled(context.signal);
      const group = nextGroup(layers, made.length);
      context.onProgress?.("computing", made.length, layers.length);
      try {
        const program = await guardProgram(runtime, graphOf(prepared.graph, group), model.readRange);
        try {
          const outputs = await program.run({ [model.imageModel().input]: input.tensor });
          throwIfCancelled(context.signal);
          const pictures = await Promise.all(group.map((layer) => thumbnailOf(layer, outputs[layer.name]!)));
          made.push(...pictures);
          context.onThumbnails?.(pictures, made.length, layers.length);
        } finally {
          program.dispose();
        }
      } catch (thrown) {
        if (toWhylightError(thrown).code !== "cancelled") model.checkUnchanged();
        throw withPath(toWhylightError(thrown), request);
      }
    }
  }, resources.speeds.plan(familyOf(prepared.graph)));
  return made;
}

function chosenLayers(layers: readonly Layer[], names: readonly string[]): readonly Layer[] {
  if (names.length === 0) return layers;
  const unknown = names.find((name) => !layers.some((layer) => layer.name === name));
  if (unknown !== undefined) throw new WhylightError("layerUnknown", { layer: unknown, suggestion: layers.at(-1)?.name ?? "" });
  return layers.filter(({ name }) => names.includes(name));
}

/** As many layers from `start` on as fit into a run, at least one. */
function nextGroup(layers: readonly Layer[], start: number): readonly Layer[] {
  let bytes = 0;
  const end = layers.findIndex((layer, i) => i >= start && (i - start >= groupLayers || ((bytes += 4 * sizeOf(layer.shape)) > groupBytes && i > start)));
  return layers.slice(start, end < 0 ? undefined : end);
}

function graphOf(graph: Graph, layers: readonly Layer[]): Graph {
  return verify(prune({ ...graph, outputs: layers.map(({ name }) => name) }), "layerThumbnails");
}

async function thumbnailOf(layer: Layer, activation: Tensor): Promise<LayerThumbnail> {
  const grids = overGrid(layer, activation.data as Float32Array);
  const { mean, strongest } = strongestChannels(grids, shownChannels);
  return {
    layer: layer.name, shape: layer.shape, mean: await pictureOf(mean, grids),
    channels: await Promise.all(strongest.map(async (index) => ({ index, ...(await pictureOf(grids.channel(index), grids)) }))),
  };
}

async function pictureOf(data: Float32Array, { height, width }: ChannelGrids): Promise<ActivationPicture> {
  const range = rangeOf(data);
  const factor = Math.min(1, pictureSide / Math.max(height, width));
  const [rows, columns] = [height, width].map((side) => Math.max(1, Math.round(side * factor))) as [number, number];
  const small = resizeBilinear({ shape: [height, width], data }, [rows, columns]).data;
  const [low, high] = range;
  const colors = colorTable("viridis");
  const rgb = new Uint8Array(small.length * 3);
  small.forEach((value, i) => {
    const at = high > low && value > low ? Math.round((255 * (Math.min(value, high) - low)) / (high - low)) : 0;
    rgb.set(colors.subarray(3 * at, 3 * at + 3), 3 * i);
  });
  return { range, picture: { bytes: await encodeRgb(rgb, columns, rows), mime: "image/png", width, height } };
}

/** @file Score-CAM (Wang et al., arXiv 1910.01279): channels weighted by the score of the image seen through them. */
import type { MethodContext } from "../context.js";
import type { Layer } from "../layers.js";
import { rangeOf, resizeBilinear } from "../maps.js";
import { defineMethod } from "../method.js";
import type { PlainTensor } from "../parameters.js";
import { softmax } from "../probabilities.js";
import { combineLayers } from "./combineLayers.js";
import { weighted } from "./formulas.js";
import { layerMap, type LayerMap } from "./layerMap.js";

/** pytorch-grad-cam's: what keeps the min-max of a constant channel finite. */
const epsilon = 1e-8;

/** What one layer asks to be evaluated: the chosen channels, of which those that vary have a mask of their own and all others share the empty one. */
interface Plan {
  readonly layer: Layer;
  readonly map: LayerMap;
  /** The most varying first, so that `varying` begins it. */
  readonly chosen: readonly number[];
  readonly varying: readonly number[];
  /** How many images that makes. */
  readonly images: number;
}

/**
 * Raw map: `sum over c of softmax(s)(c) A(c)`, `s(c)` the score of the image times channel c, which is brought to the image's size (bilinear, corners aligned) and
 * min-max scaled, as pytorch-grad-cam has it. `channels` takes only that many channels, those with the largest variance over the grid; the softmax is over these.
 */
export const scoreCamMethod = defineMethod({
  family: "cam", form: "grid", layers: "many",
  parameters: { channels: { kind: "number", default: "all", words: ["all"], min: 1, integer: true } },
  run: async (context, { channels }) => {
    const activations = await context.activations();
    const plans = context.layers.map((layer, i) => plan(layer, layerMap(layer, activations[i]!.slice()), channels));
    context.expect(...plans.map(({ images }) => ({ pass: "forward", images }) as const));
    const maps: PlainTensor[] = [];
    for (const each of plans) maps.push(await scoreCam(context, each));
    const used = plans.map(({ chosen, map }) => (chosen.length === map.channels ? `${map.channels}` : `${chosen.length} of ${map.channels}`));
    return combineLayers(context, maps, { channels: used.join(", ") });
  },
});

function plan(layer: Layer, map: LayerMap, channels: number | "all"): Plan {
  const variance = Array.from({ length: map.channels }, (_, c) => varianceOf(map, c));
  const order = variance.map((_, c) => c).sort((a, b) => variance[b]! - variance[a]! || a - b);
  const chosen = channels === "all" ? order : order.slice(0, channels);
  const varying = chosen.filter((c) => variance[c]! > 0);
  return { layer, map, chosen, varying, images: varying.length + (varying.length < chosen.length ? 1 : 0) };
}

async function scoreCam(context: MethodContext, { layer, map, chosen, varying, images }: Plan): Promise<PlainTensor> {
  const scores = new Float64Array(images);
  const mask = maskImage(context);
  await context.forEachScore(
    images, (i, into) => { if (i < varying.length) mask(channelOf(map, varying[i]!), into); else into.fill(0); }, (i, { score }) => { scores[i] = score; },
  );
  // A channel that is the same everywhere masks everything away; all of these see the same empty image.
  const shares = softmax(chosen.map((_, i) => scores[Math.min(i, images - 1)]!));
  const weights = new Float64Array(map.channels);
  chosen.forEach((c, i) => { weights[c] = shares[i]!; });
  return { shape: layer.spatial.grid, data: weighted(map, (c) => weights[c]!) };
}

/** Writes the image times a channel's map. */
function maskImage({ input: { shape }, x, pixels }: MethodContext) {
  const [height, width] = (pixels.layout === "NHWC" ? shape.slice(1, 3) : shape.slice(2)) as [number, number];
  const plane = height * width;
  const channels = x.length / plane;
  const place = pixels.layout === "NHWC" ? (i: number) => Math.floor(i / channels) : (i: number) => i % plane;
  return (channel: PlainTensor, into: Float32Array): void => {
    const { data } = resizeBilinear(channel, [height, width], "corners");
    const [low, high] = rangeOf(data);
    for (let i = 0; i < into.length; i++) into[i] = x[i]! * ((data[place(i)]! - low) / (high - low + epsilon));
  };
}

function channelOf({ data, grid, channels }: LayerMap, c: number): PlainTensor {
  const places = data.length / channels;
  return { shape: grid, data: data.subarray(c * places, (c + 1) * places) };
}

function varianceOf({ data, channels }: LayerMap, c: number): number {
  const places = data.length / channels;
  const own = data.subarray(c * places, (c + 1) * places);
  const mean = own.reduce((total, value) => total + value, 0) / places;
  // An exactly constant channel must have none, whatever rounding makes of its mean.
  return own.every((value) => value === own[0]) ? 0 : own.reduce((total, value) => total + (value - mean) ** 2, 0) / places;
}

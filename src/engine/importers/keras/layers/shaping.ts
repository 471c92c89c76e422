/** @file Layers that move values: they count axes as Keras does, so channels are brought back to their place first. */
import type { KerasValue } from "../kerasGraph.js";
import { intsOf, isChannelsFirst, numberOf, rules, sizesOf, variables, type LayerCall, type LayerRule, type LayerRules } from "../layerRule.js";
import { resized } from "./preprocessing.js";

function flatten({ graph, config, x }: LayerCall): KerasValue {
  if (x.rank === 2) return x;
  const value = graph.last(x);
  const ordered = isChannelsFirst(config) && x.rank > 2 ? graph.writer.add("Transpose", [value], { perm: [0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2), 1] }) : value;
  return graph.plain(graph.writer.add("Reshape", [ordered, graph.writer.ints([0, -1])]), 2);
}

function reshape({ graph, config, x }: LayerCall): KerasValue {
  const shape = intsOf(config, "target_shape", config.values["target_shape"]);
  return graph.plain(graph.writer.add("Reshape", [graph.last(x), graph.writer.ints([0, ...shape])]), shape.length + 1);
}

function permute({ graph, config, x, refuse }: LayerCall): KerasValue {
  const dims = intsOf(config, "dims", config.values["dims"]);
  if (dims.toSorted((a, b) => a - b).join() !== Array.from({ length: x.rank - 1 }, (_, i) => i + 1).join()) return refuse("its dims are no order of the axes");
  return graph.plain(graph.writer.add("Transpose", [graph.last(x)], { perm: [0, ...dims] }), x.rank);
}

function repeatVector({ graph, config, x }: LayerCall): KerasValue {
  const { writer } = graph;
  return graph.plain(writer.add("Tile", [writer.add("Unsqueeze", [x.value, writer.ints([1])]), writer.ints([1, numberOf(config, "n", 1), 1])]), 3);
}

/** `[before, after]` of each spatial axis: one number, one per axis, or a pair per axis. */
function bordersOf({ config, x, refuse }: LayerCall, key: string): readonly (readonly [number, number])[] {
  const count = x.rank - 2;
  const value = config.values[key] ?? 1;
  const list: readonly unknown[] = Array.isArray(value) ? (count === 1 && !Array.isArray(value[0]) ? [value] : value) : Array<unknown>(count).fill(value);
  const borders = list.map((side) => (Array.isArray(side) ? side as readonly unknown[] : [side, side]));
  if (borders.length !== count) return refuse(`its ${key} is unreadable`);
  return borders.map(([before, after, ...rest]) => (isBorder(before) && isBorder(after) && rest.length === 0 ? [before, after] as const : refuse(`its ${key} is unreadable`)));
}

const isBorder = (size: unknown): size is number => Number.isInteger(size) && (size as number) >= 0;

function zeroPadding(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const borders = bordersOf(call, "padding");
  return result(graph.writer.add("Pad", [value, graph.writer.ints([0, 0, ...borders.map(([before]) => before), 0, 0, ...borders.map(([, after]) => after)])], { mode: "constant" }));
}

function cropping(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const borders = bordersOf(call, "cropping");
  const toEnd = Number.MAX_SAFE_INTEGER;
  const parts = [borders.map(([before]) => before), borders.map(([, after]) => (after === 0 ? toEnd : -after)), borders.map((_, i) => i + 2)];
  return result(graph.writer.add("Slice", [value, ...parts.map((part) => graph.writer.ints(part))]));
}

function upSampling(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const factors = sizesOf(config, "size", x.rank - 2, config.values["length"] as number | undefined ?? 2);
  return result(resized(call, value, { scales: factors }));
}

/** Rows of a table. */
function embedding({ graph, config, x, refuse }: LayerCall): KerasValue {
  if (config.values["mask_zero"] === true) return refuse("it masks zeros, which later layers would have to follow");
  return graph.plain(graph.writer.add("Gather", [graph.writer.weight("embeddings", [-1, -1]), graph.writer.add("Cast", [graph.last(x)], { to: "int64" })], { axis: 0 }), x.rank + 1);
}

/** What does nothing outside of training. */
const identity: LayerRule = { write: ({ x }) => x };

export const shapingLayers: LayerRules = {
  Flatten: { write: flatten }, Reshape: { write: reshape }, Permute: { write: permute }, RepeatVector: { write: repeatVector },
  ...rules(["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"], { write: zeroPadding }),
  ...rules(["Cropping1D", "Cropping2D", "Cropping3D"], { write: cropping }),
  ...rules(["UpSampling1D", "UpSampling2D", "UpSampling3D"], { write: upSampling }),
  Embedding: { variables: variables(["embeddings"]), write: embedding },
  ...rules([
    "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "StochasticDepth",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomShear", "RandomHeight", "RandomWidth", "RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorJitter", "RandomGaussianBlur", "RandomErasing", "RandomPerspective", "RandomSharpness", "RandomPosterization", "RandomInvert", "RandomColorDegeneration", "RandomElasticTransform", "MixUp", "CutMix", "RandAugment", "AugMix",
  ], identity),
};

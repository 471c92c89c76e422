/** @file Pooling over windows and over whole images. */
import type { KerasValue } from "../kerasGraph.js";
import { flagOf, isChannelsFirst, rules, sizesOf, wordOf, type LayerCall, type LayerRules } from "../layerRule.js";

const pooled = (op: string) => ({ graph, config, x, refuse }: LayerCall): KerasValue => {
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const count = x.rank - 2;
  const window = sizesOf(config, "pool_size", count, config.values["pool_length"] as number | undefined ?? 2);
  const padding = wordOf(config, "padding", "valid");
  if (padding !== "valid" && padding !== "same") return refuse(`its padding ${padding} is unknown`);
  const strides = sizesOf(config, "strides", count, window);
  return result(graph.writer.add(op, [value], { kernel_shape: window, strides, ...(padding === "same" ? { auto_pad: "SAME_UPPER" } : { pads: Array<number>(2 * count).fill(0) }) }));
};

/** Over all places of an image or sequence; without `keepdims` `[batch, channels]` remains. */
const reduced = (op: string) => ({ graph, config, x }: LayerCall): KerasValue => {
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const keeps = flagOf(config, "keepdims", false);
  const made = graph.writer.add(op, [value, graph.writer.ints(Array.from({ length: x.rank - 2 }, (_, i) => i + 2))], { keepdims: keeps ? 1 : 0 });
  return keeps ? result(made) : graph.plain(made, 2);
};

const dimensions = ["1D", "2D", "3D"];
const named = (...names: readonly string[]) => names.flatMap((name) => dimensions.map((count) => `${name}${count}`));

export const poolingLayers: LayerRules = {
  ...rules(named("MaxPooling", "MaxPool"), { write: pooled("MaxPool") }),
  ...rules(named("AveragePooling", "AvgPool"), { write: pooled("AveragePool") }),
  ...rules(named("GlobalAveragePooling", "GlobalAvgPool"), { write: reduced("ReduceMean") }),
  ...rules(named("GlobalMaxPooling", "GlobalMaxPool"), { write: reduced("ReduceMax") }),
};

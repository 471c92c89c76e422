/** @file Layers that prepare images inside the model: scaling, centring, resizing, cropping. */
import type { Attributes } from "../../../ir/graph.js";
import { cubicResize } from "../../tabulatedCubic.js";
import type { KerasValue } from "../kerasGraph.js";
import { flagOf, intsOf, isChannelsFirst, numberOf, wordOf, type LayerCall, type LayerRules } from "../layerRule.js";

/** How TensorFlow resizes: pixel centres count half, nothing is smoothed; cubic weights outside the image are shared out among those inside, and where sizes are known they are TensorFlow's own (`cubicResize`). */
const interpolations: Readonly<Record<string, Attributes>> = {
  nearest: { mode: "nearest", coordinate_transformation_mode: "half_pixel", nearest_mode: "round_prefer_ceil" },
  bilinear: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
  bicubic: { mode: "cubic", coordinate_transformation_mode: "half_pixel", cubic_coeff_a: -0.5, exclude_outside: 1 },
};

/** The spatial axes of a channels-first value resized, by factors or to sizes; `x` is the value as Keras counts its axes. */
export function resized({ graph: { writer }, config, refuse, x }: Pick<LayerCall, "graph" | "config" | "refuse" | "x">, value: string, to: { readonly scales: readonly number[] } | { readonly sizes: readonly number[] }, named = wordOf(config, "interpolation", "nearest")): string {
  const interpolation = Object.hasOwn(interpolations, named) ? interpolations[named]! : refuse(`its interpolation ${named} is not supported`);
  const antialias: Attributes = flagOf(config, "antialias", false) ? { antialias: 1 } : {};
  const from = isChannelsFirst(config) ? x.sizes?.slice(2) : x.sizes?.slice(1, -1);
  const sizes = "sizes" in to ? to.sizes : to.scales.map((scale, i) => (from?.[i] ?? Number.NaN) * scale);
  const cubic = interpolation["mode"] === "cubic" && antialias["antialias"] === undefined && from ? cubicResize(writer, value, from, sizes, "half_pixel") : undefined;
  if (cubic !== undefined) return cubic;
  if ("scales" in to) return writer.add("Resize", [value, "", writer.constant("scales", { dtype: "float32", shape: [to.scales.length + 2], data: Float32Array.from([1, 1, ...to.scales]) })], { ...interpolation, ...antialias });
  return writer.add("Resize", [value, "", "", writer.ints(to.sizes)], { ...interpolation, ...antialias, axes: to.sizes.map((_, i) => i + 2) });
}

const sideOf = ({ config, refuse }: LayerCall, key: "height" | "width") => {
  const side = numberOf(config, key, 0);
  return Number.isInteger(side) && side >= 1 && side <= 1 << 16 ? side : refuse(`its ${key} is no size`);
};

function resizing(call: LayerCall): KerasValue {
  const { graph, config, x, refuse } = call;
  if (x.rank !== 4) return refuse("it resizes something else than images");
  const keepsRatio = ["crop_to_aspect_ratio", "pad_to_aspect_ratio"].find((key) => flagOf(config, key, false));
  if (keepsRatio !== undefined) return refuse(`its option ${keepsRatio} is not supported`);
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const sizes = [sideOf(call, "height"), sideOf(call, "width")];
  return { ...result(resized(call, value, { sizes }, wordOf(config, "interpolation", "bilinear"))), sizes: isChannelsFirst(config) ? [undefined, undefined, ...sizes] : [undefined, ...sizes, undefined] };
}

function centerCrop(call: LayerCall): KerasValue {
  const { graph, config, x, refuse } = call;
  if (x.rank !== 4) return refuse("it crops something else than images");
  const sides = [sideOf(call, "height"), sideOf(call, "width")];
  const axes = isChannelsFirst(config) ? [2, 3] : [1, 2];
  if (axes.some((axis, i) => (x.sizes?.[axis] ?? Infinity) < sides[i]!)) return refuse("it crops to more than the image has");
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  return result(graph.writer.add("CenterCropPad", [value, graph.writer.ints(sides)], { axes: [2, 3] }));
}

/** `x * scale + offset`, each one number or one per channel. */
function rescaling({ graph, config, x, refuse }: LayerCall): KerasValue {
  const along = (key: string, fallback: number) => perChannel(graph.constant(config.values[key] ?? fallback, refuse));
  const perChannel = (constant: KerasValue) => (constant.rank === 1 ? graph.alongChannels(constant.value, x) : constant.value);
  const scaled = graph.writer.add("Mul", [x.value, along("scale", 1)]);
  return { ...x, value: graph.writer.add("Add", [scaled, along("offset", 0)]) };
}

/** `(x - mean) / max(sqrt(variance), epsilon)`; the numbers are in the configuration, or were learned from data. */
function normalization({ graph, config, x, refuse }: LayerCall): KerasValue {
  const { writer } = graph;
  const axes = config.values["axis"] === null ? [] : intsOf(config, "axis", config.values["axis"] ?? -1).map((axis) => (axis < 0 ? axis + x.rank : axis));
  if (axes.length > 1 || (axes.length === 1 && axes[0] !== x.rank - 1)) return refuse("it normalises along an axis that is not the last");
  const statistic = (key: "mean" | "variance") => {
    const given = config.values[key];
    const flat = Array.isArray(given) ? given.flat(8) as unknown[] : given;
    const found = given === undefined || given === null ? writer.weight(key) : graph.constant(flat, refuse).value;
    return axes.length === 0 ? found : graph.alongChannels(writer.add("Reshape", [found, writer.ints([-1])]), x);
  };
  const deviation = writer.add("Max", [writer.add("Sqrt", [statistic("variance")]), writer.scalar(1e-7)]);
  if (flagOf(config, "invert", false)) return { ...x, value: writer.add("Add", [writer.add("Mul", [x.value, deviation]), statistic("mean")]) };
  return { ...x, value: writer.add("Div", [writer.add("Sub", [x.value, statistic("mean")]), deviation]) };
}

export const preprocessingLayers: LayerRules = {
  Resizing: { write: resizing },
  CenterCrop: { write: centerCrop },
  Rescaling: { write: rescaling },
  Normalization: { variables: (config) => (config.values["mean"] === undefined || config.values["mean"] === null ? [{ name: "mean" }, { name: "variance" }] : []), write: normalization },
};

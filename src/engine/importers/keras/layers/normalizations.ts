/** @file Normalisations with learned scales. */
import { float32 } from "../../../ir/tensor.js";
import type { KerasValue } from "../kerasGraph.js";
import { flagOf, intsOf, numberOf, variables, type LayerCall, type LayerRules } from "../layerRule.js";

/** `gamma` or `beta`; where the layer has none, as many ones or zeros as `like` has elements. */
function scaleOf({ graph: { writer } }: LayerCall, name: "gamma" | "beta", like: string): string {
  if (writer.has(name)) return writer.weight(name);
  const shape = writer.shapeOf(like) ?? [];
  return writer.constant(name, float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(name === "gamma" ? 1 : 0)));
}

const counted = (axis: number, { rank }: KerasValue) => (axis < 0 ? axis + rank : axis);

function batchNormalization(call: LayerCall): KerasValue {
  const { graph, config, x, refuse } = call;
  const axes = intsOf(config, "axis", config.values["axis"] ?? -1);
  const axis = counted(axes[0]!, x);
  if (axes.length !== 1 || (axis !== 1 && axis !== x.rank - 1)) return refuse("it normalises along an axis that is neither the first nor the last");
  const { value, result } = graph.onImages(x, axis !== x.rank - 1);
  const scales = [scaleOf(call, "gamma", "moving_mean"), scaleOf(call, "beta", "moving_mean"), graph.writer.weight("moving_mean", [-1]), graph.writer.weight("moving_variance", [-1])];
  return result(graph.writer.add("BatchNormalization", [value, ...scales], { epsilon: numberOf(config, "epsilon", 1e-3) }));
}

/** Over the last axes together. */
function layerNormalization(call: LayerCall): KerasValue {
  const { graph, config, x, refuse } = call;
  const axes = intsOf(config, "axis", config.values["axis"] ?? -1).map((axis) => counted(axis, x)).toSorted((a, b) => a - b);
  if (axes.some((axis, i) => axis !== x.rank - axes.length + i)) return refuse("it normalises over axes that are not the last ones");
  const attributes = { axis: axes[0]!, epsilon: numberOf(config, "epsilon", 1e-3) };
  const value = graph.last(x);
  const { writer } = graph;
  if (flagOf(config, "rms_scaling", false)) return graph.plain(writer.add("RMSNormalization", [value, scaleOf(call, "gamma", "gamma")], attributes), x.rank);
  if (writer.has("gamma") || writer.has("beta")) {
    const scales = [scaleOf(call, "gamma", "beta"), ...(writer.has("beta") ? [writer.weight("beta")] : [])];
    return graph.plain(writer.add("LayerNormalization", [value, ...scales], attributes), x.rank);
  }
  // One element serves all where the layer learned no scale.
  return graph.plain(writer.add("LayerNormalization", [value, writer.constant("gamma", float32([1], [1]))], attributes), x.rank);
}

function rmsNormalization({ graph, config, x, refuse }: LayerCall): KerasValue {
  const axes = intsOf(config, "axis", config.values["axis"] ?? -1).map((axis) => counted(axis, x));
  if (axes.join() !== String(x.rank - 1)) return refuse("it normalises over axes that are not the last one");
  return graph.plain(graph.writer.add("RMSNormalization", [graph.last(x), graph.writer.weight("scale", [-1])], { axis: -1, epsilon: numberOf(config, "epsilon", 1e-6) }), x.rank);
}

/** Groups of channels; `-1` groups each channel alone. */
function groupNormalization(call: LayerCall): KerasValue {
  const { graph, config, x, refuse } = call;
  const axis = counted(numberOf(config, "axis", -1), x);
  if ((axis !== 1 && axis !== x.rank - 1) || x.rank < 3) return refuse("it normalises along an axis that is neither the first nor the last");
  const channels = (graph.writer.shapeOf("gamma") ?? graph.writer.shapeOf("beta"))?.[0];
  if (channels === undefined) return refuse("it learned neither scale nor centre");
  const groups = numberOf(config, "groups", 32);
  const { value, result } = graph.onImages(x, axis !== x.rank - 1);
  const scales = [scaleOf(call, "gamma", "beta"), scaleOf(call, "beta", "gamma")];
  return result(graph.writer.add("GroupNormalization", [value, ...scales], { num_groups: groups === -1 ? channels : groups, epsilon: numberOf(config, "epsilon", 1e-3) }));
}

/** Every vector along the axes divided by its length. */
function unitNormalization({ graph, config, x }: LayerCall): KerasValue {
  const axes = intsOf(config, "axis", config.values["axis"] ?? -1).map((axis) => graph.axisOf(x, axis));
  const length = graph.writer.add("ReduceL2", [x.value, graph.writer.ints(axes)], { keepdims: 1 });
  return { ...x, value: graph.writer.add("Div", [x.value, graph.writer.add("Max", [length, graph.writer.scalar(1e-12)])]) };
}

const gammaAndBeta = variables(["gamma", "scale"], ["beta", "center"]);

export const normalizationLayers: LayerRules = {
  BatchNormalization: { variables: variables(["gamma", "scale"], ["beta", "center"], ["moving_mean"], ["moving_variance"]), write: batchNormalization },
  LayerNormalization: { variables: (config) => (flagOf(config, "rms_scaling", false) ? [{ name: "gamma" }] : gammaAndBeta(config)), write: layerNormalization },
  RMSNormalization: { variables: variables(["scale"]), write: rmsNormalization },
  GroupNormalization: { variables: gammaAndBeta, write: groupNormalization },
  UnitNormalization: { write: unitNormalization },
  // Of keras.applications.convnext: one learned factor per channel.
  LayerScale: { variables: variables(["gamma"]), write: ({ graph, x }) => ({ ...x, value: graph.writer.add("Mul", [x.value, graph.alongChannels(graph.writer.weight("gamma", [-1]), x)]) }) },
};

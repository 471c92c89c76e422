/** @file Activation functions, by name and as layers. */
import { isRecord, type Fields } from "../../../preprocess/fields.js";
import { clipped, gelu, hardSigmoid, hardSwish, mish, relu, relu6, sigmoid, silu, tanh, tanhGelu } from "../../activations.js";
import type { GraphWriter } from "../../graphWriter.js";
import type { KerasGraph, KerasValue, Refuse } from "../kerasGraph.js";
import { numberOf, variables, flagOf, type LayerCall, type LayerRules } from "../layerRule.js";

type Activate = (graph: KerasGraph, x: KerasValue) => KerasValue;

const operator = (op: string, attributes: Readonly<Record<string, number>> = {}): Activate => (graph, x) => graph.unary(op, x, attributes);
const written = (write: (writer: GraphWriter, x: string) => string): Activate => (graph, x) => ({ ...x, value: write(graph.writer, x.value) });
const overAxis = (op: string) => (graph: KerasGraph, x: KerasValue, axis = -1): KerasValue => graph.unary(op, x, { axis: graph.axisOf(x, axis) });
const softmax = overAxis("Softmax");

/** Keras 2 approximated it otherwise. */
const hardSigmoidOf: Activate = (graph, x) => (graph.major < 3 ? graph.unary("HardSigmoid", x, { alpha: 0.2, beta: 0.5 }) : written(hardSigmoid)(graph, x));

const activations: Readonly<Record<string, Activate>> = {
  linear: (_, x) => x, relu: written(relu), relu6: written(relu6), sigmoid: written(sigmoid), tanh: written(tanh), silu: written(silu), swish: written(silu), mish: written(mish),
  gelu: written(gelu), gelu_new: written(tanhGelu), hard_sigmoid: hardSigmoidOf, hard_silu: written(hardSwish), hard_swish: written(hardSwish),
  leaky_relu: (graph, x) => graph.unary("LeakyRelu", x, { alpha: 0.2 }), elu: operator("Elu", { alpha: 1 }), celu: operator("Celu", { alpha: 1 }),
  selu: operator("Selu", { alpha: 1.6732631921768188, gamma: 1.0507010221481323 }),
  softplus: operator("Softplus"), softsign: operator("Softsign"), exponential: operator("Exp"), softmax, log_softmax: overAxis("LogSoftmax"),
  tanh_shrink: (graph, x) => graph.broadcast("Sub", [x, graph.unary("Tanh", x)]),
  log_sigmoid: (graph, x) => graph.unary("Neg", graph.unary("Softplus", graph.unary("Neg", x))),
  hard_tanh: written(clipped((_, x) => x, -1, 1)), hard_shrink: operator("Shrink", { lambd: 0.5, bias: 0 }), soft_shrink: operator("Shrink", { lambd: 0.5, bias: 0.5 }),
};

/** The activation that a configuration names: by its name, as a function of Keras's own, or as a layer. */
export function activate(graph: KerasGraph, x: KerasValue, named: unknown, refuse: Refuse): KerasValue {
  const inner = isRecord(named) && isRecord(named["config"]) ? named["config"] : undefined;
  const rule = inner && typeof named === "object" && Object.hasOwn(activationLayers, String((named as { class_name?: unknown }).class_name)) ? activationLayers[String((named as { class_name?: unknown }).class_name)] : undefined;
  if (inner && rule && rule.variables === undefined) {
    const config: Fields = { file: "", at: "activation", values: inner };
    return rule.write({ graph, x, tensors: [x], args: [x], kwargs: {}, config, className: "", refuse }) as KerasValue;
  }
  const name = named === undefined || named === null ? "linear" : String(isRecord(named) ? named["config"] ?? named["class_name"] : named);
  return Object.hasOwn(activations, name) ? activations[name]!(graph, x) : refuse(`its activation ${name} is not one of Keras's own`);
}

/** The layer's `activation` on its result. */
export function activated({ graph, config, refuse }: LayerCall, x: KerasValue, key = "activation"): KerasValue {
  return activate(graph, x, config.values[key], refuse);
}

/** `max_value`, `threshold` and the slope below it, in as few operators as they need. */
function reluLayer({ graph, x, config }: LayerCall): KerasValue {
  const [slope, threshold] = [numberOf(config, "negative_slope", 0), numberOf(config, "threshold", 0)];
  const most = config.values["max_value"] === null || config.values["max_value"] === undefined ? undefined : numberOf(config, "max_value", 0);
  const { writer } = graph;
  if (slope === 0 && threshold === 0) return { ...x, value: most === undefined ? writer.add("Relu", [x.value]) : writer.add("Clip", [x.value, writer.scalar(0), writer.scalar(most)]) };
  let value = threshold === 0 ? writer.add("LeakyRelu", [x.value], { alpha: slope }) : "";
  if (threshold !== 0) {
    const below = writer.add("Mul", [writer.add("Sub", [x.value, writer.scalar(threshold)]), writer.scalar(slope)]);
    value = writer.add("Where", [writer.add("GreaterOrEqual", [x.value, writer.scalar(threshold)]), x.value, below]);
  }
  return { ...x, value: most === undefined ? value : writer.add("Min", [value, writer.scalar(most)]) };
}

/** A slope for each element, or for each channel where the other axes are shared; it has the axes of an image without the batch. */
function prelu({ graph, x }: LayerCall): KerasValue {
  const alpha = graph.writer.weight("alpha");
  const slope = x.first ? graph.writer.add("Transpose", [alpha], { perm: [x.rank - 2, ...Array.from({ length: x.rank - 2 }, (_, i) => i)] }) : alpha;
  return { ...x, value: graph.writer.add("PRelu", [x.value, slope]) };
}

export const activationLayers: LayerRules = {
  Activation: { write: (call) => activated(call, call.x) },
  ReLU: { write: reluLayer },
  LeakyReLU: { write: ({ graph, x, config }) => graph.unary("LeakyRelu", x, { alpha: numberOf(config, "negative_slope", numberOf(config, "alpha", 0.3)) }) },
  PReLU: { variables: variables(["alpha"]), write: prelu },
  ELU: { write: ({ graph, x, config }) => graph.unary("Elu", x, { alpha: numberOf(config, "alpha", 1) }) },
  ThresholdedReLU: { write: ({ graph, x, config }) => graph.unary("ThresholdedRelu", x, { alpha: numberOf(config, "theta", 1) }) },
  Softmax: {
    write: ({ graph, x, config, refuse }) => {
      const axis = config.values["axis"] ?? -1;
      const only = Array.isArray(axis) && axis.length === 1 ? (axis as readonly unknown[])[0] : axis;
      return typeof only === "number" ? softmax(graph, x, only) : refuse("it is a softmax over several axes");
    },
  },
  GELU: { write: ({ graph, x, config }) => (flagOf(config, "approximate", false) ? activations["gelu_new"]! : activations["gelu"]!)(graph, x) },
};

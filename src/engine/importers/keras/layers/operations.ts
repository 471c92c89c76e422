/** @file Functions that models call between layers: Keras 3's operations, and TensorFlow's functions that Keras 2 wraps. */
import { isRecord } from "../../../preprocess/fields.js";
import type { KerasValue } from "../kerasGraph.js";
import { intsOf, wordOf, type LayerCall, type LayerRule, type LayerRules, type WriteLayer } from "../layerRule.js";
import { activate } from "./activations.js";
import { concatenated, mergingLayers, operandsOf } from "./merging.js";
import { resized } from "./preprocessing.js";

/** A parameter: of the operation's configuration, a keyword, or an argument at `place`. */
function parameter({ config, kwargs, args }: LayerCall, names: readonly string[], place: number): unknown {
  for (const name of names) {
    const found = config.values[name] ?? kwargs[name];
    if (found !== undefined && found !== null) return found;
  }
  return args[place];
}

const unary = (op: string): WriteLayer => ({ graph, x }) => graph.unary(op, x);
const activation = (name: string): WriteLayer => (call) => activate(call.graph, call.x, name === "gelu" && parameter(call, ["approximate"], 1) === true ? "gelu_new" : name, call.refuse);
const merging = (name: string): WriteLayer => mergingLayers[name]!.write;

const softmaxOf = (name: "Softmax" | "LogSoftmax"): WriteLayer => (call) => {
  const axis = parameter(call, ["axis"], 1) ?? -1;
  return typeof axis === "number" ? call.graph.unary(name, call.x, { axis: call.graph.axisOf(call.x, axis) }) : call.refuse("it is a softmax over several axes");
};

const reduce = (op: string): WriteLayer => (call) => {
  const { graph, x, config } = call;
  const given = parameter(call, ["axis", "axes"], 1);
  const keeps = parameter(call, ["keepdims", "keep_dims"], 2) === true;
  const all = Array.from({ length: x.rank }, (_, i) => i);
  const axes = given === undefined ? all : intsOf(config, "axis", given).map((axis) => (axis < 0 ? axis + x.rank : axis));
  if (keeps) return { value: graph.writer.add(op, [x.value, graph.writer.ints(axes.map((axis) => graph.axisOf(x, axis)))], { keepdims: 1 }), rank: x.rank, first: x.first };
  return graph.plain(graph.writer.add(op, [graph.last(x), graph.writer.ints(axes)], { keepdims: 0 }), x.rank - axes.length);
};

function reshape(call: LayerCall): KerasValue {
  const { graph, x, config } = call;
  const shape = intsOf(config, "shape", parameter(call, ["newshape", "shape", "target_shape"], 1));
  return graph.plain(graph.writer.add("Reshape", [graph.last(x), graph.writer.ints(shape)]), shape.length);
}

function transpose(call: LayerCall): KerasValue {
  const { graph, x, config } = call;
  const axes = parameter(call, ["axes", "perm"], 1);
  const perm = axes === undefined ? Array.from({ length: x.rank }, (_, i) => x.rank - 1 - i) : intsOf(config, "axes", axes);
  return graph.plain(graph.writer.add("Transpose", [graph.last(x)], { perm }), x.rank);
}

function expandDims(call: LayerCall): KerasValue {
  const { graph, x, config } = call;
  const axes = intsOf(config, "axis", parameter(call, ["axis"], 1));
  return graph.plain(graph.writer.add("Unsqueeze", [graph.last(x), graph.writer.ints(axes)]), x.rank + axes.length);
}

function squeeze(call: LayerCall): KerasValue {
  const { graph, x, config, refuse } = call;
  const given = parameter(call, ["axis"], 1);
  const axes = given === undefined ? refuse("it removes axes that it does not name") : intsOf(config, "axis", given);
  return graph.plain(graph.writer.add("Squeeze", [graph.last(x), graph.writer.ints(axes)]), x.rank - axes.length);
}

function clip(call: LayerCall): KerasValue {
  const { graph, x, refuse } = call;
  const [low, high] = [parameter(call, ["x_min", "clip_value_min"], 1), parameter(call, ["x_max", "clip_value_max"], 2)];
  if (typeof low !== "number" || typeof high !== "number") return refuse("its bounds are no numbers");
  return { ...x, value: graph.writer.add("Clip", [x.value, graph.writer.scalar(low), graph.writer.scalar(high)]) };
}

const matmul: WriteLayer = (call) => {
  const [a, b] = operandsOf(call, ["x2", "b"]);
  if (a === undefined || b === undefined || call.kwargs["transpose_a"] === true || call.kwargs["transpose_b"] === true) return call.refuse("it multiplies in a way that is not supported");
  return call.graph.plain(call.graph.writer.add("MatMul", [call.graph.last(a), call.graph.last(b)]), Math.max(a.rank, b.rank));
};

const concatenate: WriteLayer = (call) => {
  const axis = parameter(call, ["axis"], 1) ?? -1;
  const operands = operandsOf({ ...call, args: call.args.filter((argument) => typeof argument !== "number") });
  return typeof axis === "number" ? concatenated(call, operands, axis) : call.refuse("its axis is no number");
};

function stack(call: LayerCall): KerasValue {
  const { graph: { writer }, graph, tensors, refuse } = call;
  const axis = parameter(call, ["axis"], 1) ?? 0;
  const rank = Math.max(...tensors.map((tensor) => tensor.rank)) + 1;
  if (typeof axis !== "number") return refuse("its axis is no number");
  const place = axis < 0 ? axis + rank : axis;
  return graph.plain(writer.add("Concat", tensors.map((tensor) => writer.add("Unsqueeze", [graph.last(tensor), writer.ints([place])])), { axis: place }), rank);
}

function flip(call: LayerCall): KerasValue {
  const { graph: { writer }, graph, x, config } = call;
  const given = parameter(call, ["axis"], 1);
  const axes = given === undefined ? Array.from({ length: x.rank }, (_, axis) => axis) : intsOf(config, "axis", given);
  const all = (value: number) => writer.ints(axes.map(() => value));
  return { ...x, value: writer.add("Slice", [x.value, all(Number.MAX_SAFE_INTEGER), all(-Number.MAX_SAFE_INTEGER), writer.ints(axes.map((axis) => graph.axisOf(x, axis))), all(-1)]) };
}

/** `x[1:, ..., 0, None]`: slices as Keras 3 (`__slice__`) and Keras 2 (`start`, `stop`, `step`) write them. */
function getItem(call: LayerCall): KerasValue {
  const { graph, refuse } = call;
  const { writer } = graph;
  const source = call.x;
  const given = parameter(call, ["slice_spec", "key"], 1);
  const items: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isNewAxis = (item: unknown) => item === null;
  const isRest = (item: unknown) => item === "..." || (isRecord(item) && item["class_name"] === "__ellipsis__");
  const counted = items.filter((item) => !isNewAxis(item) && !isRest(item)).length;
  const whole = { start: null, stop: null, step: null };
  const rest = items.flatMap((item) => (isRest(item) ? Array<unknown>(Math.max(0, source.rank - counted)).fill(whole) : [item]));
  let axis = 0;
  const cut: [axis: number, start: number, stop: number, step: number][] = [];
  const dropped: number[] = [];
  for (const item of rest) {
    if (isNewAxis(item)) return refuse("it adds axes while it slices");
    const fields = isRecord(item) ? (isRecord(item["config"]) ? item["config"] : item) : undefined;
    if (typeof item === "number") {
      cut.push([axis, item, item === -1 ? Number.MAX_SAFE_INTEGER : item + 1, 1]);
      dropped.push(axis);
    } else if (fields) {
      const [start, stop, step] = ["start", "stop", "step"].map((key) => fields[key] ?? undefined);
      if (![start, stop, step].every((bound) => bound === undefined || typeof bound === "number") || step === 0) return refuse("it slices by something else than numbers");
      const [stride = 1, end] = [step as number | undefined, Number.MAX_SAFE_INTEGER];
      if (start !== undefined || stop !== undefined || step !== undefined) cut.push([axis, start as number | undefined ?? (stride < 0 ? end : 0), stop as number | undefined ?? (stride < 0 ? -end : end), stride]);
    } else return refuse("it indexes with something else than numbers");
    axis++;
  }
  const column = (at: 0 | 1 | 2 | 3) => writer.ints(cut.map((row) => row[at]));
  const sliced = cut.length === 0 ? graph.last(source) : writer.add("Slice", [graph.last(source), column(1), column(2), column(0), column(3)]);
  return graph.plain(dropped.length === 0 ? sliced : writer.add("Squeeze", [sliced, writer.ints(dropped)]), source.rank - dropped.length);
}

function resizeImages(call: LayerCall): KerasValue {
  const { graph, x, config } = call;
  const sizes = intsOf(config, "size", parameter(call, ["size"], 1));
  const method = parameter(call, ["interpolation", "method"], 2) ?? "bilinear";
  return { value: resized(call, graph.first(x), { sizes }, typeof method === "string" ? method : "?"), rank: x.rank, first: true };
}

const square: WriteLayer = ({ graph, x }) => graph.broadcast("Mul", [x, x]);
const squareRoot: WriteLayer = unary("Sqrt");
const rootReciprocal: WriteLayer = ({ graph, x }) => graph.unary("Reciprocal", graph.unary("Sqrt", x));
const unchanged: WriteLayer = ({ x }) => x;

/** Operations by Keras 3's class and, after it, the TensorFlow functions that do the same. */
const operations: readonly (readonly [classes: string, functions: string, write: WriteLayer])[] = [
  ["Add", "math.add __operators__.add add nn.bias_add", merging("Add")], ["Subtract", "math.subtract __operators__.sub subtract", merging("Subtract")],
  ["Multiply", "math.multiply __operators__.mul multiply", merging("Multiply")], ["Divide TrueDivide", "math.divide math.truediv __operators__.truediv divide truediv", merging("Divide")],
  ["Maximum", "math.maximum maximum", merging("Maximum")], ["Minimum", "math.minimum minimum", merging("Minimum")], ["Power", "math.pow pow __operators__.pow", merging("Power")],
  ["Negative", "math.negative __operators__.neg negative", unary("Neg")], ["Absolute Abs", "math.abs abs", unary("Abs")], ["Exp", "math.exp exp", unary("Exp")], ["Log", "math.log", unary("Log")],
  ["Sqrt", "math.sqrt sqrt", squareRoot], ["Rsqrt", "math.rsqrt", rootReciprocal], ["Square", "math.square square", square], ["Sin", "math.sin sin", unary("Sin")], ["Cos", "math.cos cos", unary("Cos")],
  ["Relu", "nn.relu", activation("relu")], ["Relu6", "nn.relu6", activation("relu6")], ["Sigmoid", "nn.sigmoid math.sigmoid sigmoid", activation("sigmoid")], ["Tanh", "math.tanh nn.tanh tanh", activation("tanh")],
  ["Silu", "nn.silu nn.swish", activation("silu")], ["Gelu", "nn.gelu", activation("gelu")], ["HardSigmoid", "", activation("hard_sigmoid")], ["HardSilu", "", activation("hard_silu")], ["Elu", "nn.elu", activation("elu")], ["Selu", "nn.selu", activation("selu")],
  ["Softplus", "math.softplus nn.softplus", activation("softplus")], ["LeakyRelu", "", activation("leaky_relu")], ["Erf", "math.erf", unary("Erf")],
  ["Softmax", "nn.softmax", softmaxOf("Softmax")], ["LogSoftmax", "nn.log_softmax", softmaxOf("LogSoftmax")],
  ["Mean", "math.reduce_mean reduce_mean", reduce("ReduceMean")], ["Sum", "math.reduce_sum reduce_sum", reduce("ReduceSum")], ["Max Amax", "math.reduce_max reduce_max", reduce("ReduceMax")], ["Min Amin", "math.reduce_min reduce_min", reduce("ReduceMin")],
  ["Reshape", "reshape", reshape], ["Transpose", "transpose compat.v1.transpose", transpose], ["ExpandDims", "expand_dims", expandDims], ["Squeeze", "squeeze compat.v1.squeeze", squeeze],
  ["Concatenate", "concat", concatenate], ["Stack", "stack", stack], ["Flip", "reverse", flip], ["Matmul", "linalg.matmul matmul __operators__.matmul", matmul], ["Clip", "clip_by_value", clip], ["GetItem", "__operators__.getitem", getItem], ["Resize", "image.resize", resizeImages],
  ["Cast Identity StopGradient Copy", "cast identity stop_gradient convert_to_tensor", unchanged],
];

const table = (names: (row: (typeof operations)[number]) => string) => Object.fromEntries(operations.flatMap((row) => names(row).split(" ").filter((name) => name !== "").map((name): [string, LayerRule] => [name, { write: row[2] }])));

/** Keras 3's operations, by class. */
export const operationLayers: LayerRules = table(([classes]) => classes);

const functions = table(([, named]) => named);

/** Keras 2's wrapper of a TensorFlow function; the function's name is in its configuration. */
const wrapped: LayerRule = {
  write: (call) => {
    const named = wordOf(call.config, "function", "__operators__.getitem");
    const rule = Object.hasOwn(functions, named) ? functions[named] : undefined;
    return rule ? rule.write({ ...call, config: { ...call.config, values: {} } }) : call.refuse(`it calls the function tf.${named}, which is not supported`);
  },
};

export const wrappedLayers: LayerRules = { TFOpLambda: wrapped, SlicingOpLambda: wrapped };

/** @file Recurrent layers, as ONNX's: one direction each, or both at once. */
import type { Attributes } from "../../../ir/graph.js";
import { float32 } from "../../../ir/tensor.js";
import { isRecord, type Fields } from "../../../preprocess/fields.js";
import type { KerasValue } from "../kerasGraph.js";
import { flagOf, numberOf, wordOf, type LayerCall, type LayerRules, type Variable } from "../layerRule.js";

/** A kind of cell: ONNX's operator, its gates as places in Keras's order, and which activations it takes. */
interface Cell {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly gates: readonly number[];
  readonly activations: readonly ("recurrent_activation" | "activation")[];
}
const cells: Readonly<Record<string, Cell>> = {
  // Keras: input, forget, candidate, output. ONNX: input, output, forget, candidate.
  LSTM: { op: "LSTM", gates: [0, 3, 1, 2], activations: ["recurrent_activation", "activation", "activation"] },
  GRU: { op: "GRU", gates: [0, 1, 2], activations: ["recurrent_activation", "activation"] },
  SimpleRNN: { op: "RNN", gates: [0], activations: ["activation"] },
};

const activationNames: Readonly<Record<string, string>> = { tanh: "Tanh", sigmoid: "Sigmoid", relu: "Relu", hard_sigmoid: "HardSigmoid" };

/** One direction over `x` `[batch, time, width]`, with its weights in the writer's scope: every state `[batch, time, units]`, or the last `[batch, units]`. */
function recurrent(call: LayerCall, className: string, config: Fields, isReversed: boolean): string {
  const { graph: { writer }, graph, x, refuse } = call;
  const cell = Object.hasOwn(cells, className) ? cells[className]! : refuse(`its inner class ${className} is not supported`);
  if (flagOf(config, "return_state", false) || flagOf(config, "time_major", false) || call.tensors.length > 1) return refuse("it takes or gives states, or counts time first");
  const units = numberOf(config, "units", 0);
  const count = cell.gates.length;
  // `[width, gates * units]` as `[1, gates * units, width]`, gates in ONNX's order.
  const turned = (name: string) => {
    const apart = writer.add("Reshape", [writer.weight(name, [-1, count * units]), writer.ints([-1, count, units])]);
    return writer.add("Reshape", [writer.add("Transpose", [ordered(apart, 1)], { perm: [1, 2, 0] }), writer.ints([1, count * units, -1])]);
  };
  const ordered = (value: string, axis: number) => (count === 4 ? writer.add("Gather", [value, writer.ints(cell.gates)], { axis }) : value);
  const resetsAfter = cell.op === "GRU" && flagOf(config, "reset_after", false);
  const bias = () => {
    if (resetsAfter) return writer.add("Reshape", [writer.weight("bias", [2, count * units]), writer.ints([1, -1])]);
    const own = writer.add("Reshape", [ordered(writer.add("Reshape", [writer.weight("bias", [-1]), writer.ints([count, units])]), 0), writer.ints([1, -1])]);
    return writer.add("Concat", [own, writer.constant("zeros", float32([1, count * units], new Float32Array(count * units)))], { axis: 1 });
  };
  const inputs = [writer.add("Transpose", [graph.last(x)], { perm: [1, 0, 2] }), turned("kernel"), turned("recurrent_kernel"), ...(flagOf(config, "use_bias", true) ? [bias()] : [])];
  const activations = cell.activations.map((key) => activationNames[wordOf(config, key, key === "activation" ? "tanh" : "sigmoid")] ?? refuse(`its ${key} is not supported`));
  const slope = graph.major < 3 ? 0.2 : 1 / 6;
  const attributes: Attributes = {
    hidden_size: units, direction: isReversed ? "reverse" : "forward", activations, ...(resetsAfter ? { linear_before_reset: 1 } : {}),
    ...(activations.includes("HardSigmoid") ? { activation_alpha: activations.map(() => slope), activation_beta: activations.map(() => 0.5) } : {}),
  };
  const [all, last] = writer.addMany(cell.op, inputs, attributes, 2);
  if (!flagOf(config, "return_sequences", false)) return writer.add("Squeeze", [last!, writer.ints([0])]);
  return writer.add("Transpose", [writer.add("Squeeze", [all!, writer.ints([1])])], { perm: [1, 0, 2] });
}

const rankOf = (config: Fields) => (flagOf(config, "return_sequences", false) ? 3 : 2);

function oneDirection(call: LayerCall, className: string): KerasValue {
  const isReversed = flagOf(call.config, "go_backwards", false);
  if (isReversed && flagOf(call.config, "return_sequences", false)) return call.refuse("it gives its states backwards");
  return call.graph.plain(recurrent(call, className, call.config, isReversed), rankOf(call.config));
}

/** The layers of `Bidirectional`, as `class_name` and `config`; the backward one is a twin where it is not stated. */
function innerOf(config: Fields, key: "layer" | "backward_layer"): { readonly className: string; readonly config: Fields } | undefined {
  const value = config.values[key] ?? config.values["layer"];
  return isRecord(value) && isRecord(value["config"]) && typeof value["class_name"] === "string" ? { className: value["class_name"], config: { ...config, at: key, values: value["config"] } } : undefined;
}

const merges: Readonly<Record<string, string>> = { sum: "Add", mul: "Mul", ave: "Mean" };

function bidirectional(call: LayerCall): KerasValue {
  const { graph: { writer }, graph, config, refuse } = call;
  const [forward, backward] = [innerOf(config, "layer"), innerOf(config, "backward_layer")];
  if (!forward || !backward) return refuse("its layers are unreadable");
  const both = [writer.within("forward", () => recurrent(call, forward.className, forward.config, false)), writer.within("backward", () => recurrent(call, backward.className, backward.config, true))];
  const mode = wordOf(config, "merge_mode", "concat");
  if (mode === "concat") return graph.plain(writer.add("Concat", both, { axis: -1 }), rankOf(forward.config));
  return graph.plain(writer.add(merges[mode] ?? refuse(`its merge_mode ${mode} is not supported`), both), rankOf(forward.config));
}

const cellVariables = (config: Fields, prefix = "", place = ""): readonly Variable[] =>
  ["kernel", "recurrent_kernel", ...(flagOf(config, "use_bias", true) ? ["bias"] : [])].map((name, i) => ({ name: `${prefix}${name}`, place: `${place}cell/vars/${i}` }));

export const recurrentLayers: LayerRules = {
  ...Object.fromEntries(Object.keys(cells).map((name) => [name, { variables: (config: Fields) => cellVariables(config), write: (call: LayerCall) => oneDirection(call, name) }])),
  Bidirectional: {
    variables: (config) => (["layer", "backward_layer"] as const).flatMap((key, i) => {
      const inner = innerOf(config, key);
      return inner ? cellVariables(inner.config, i === 0 ? "forward/" : "backward/", i === 0 ? "forward_layer/" : "backward_layer/") : [];
    }),
    write: bidirectional,
  },
};

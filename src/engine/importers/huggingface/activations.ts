/** @file The activation functions that transformers configs name. */
import type { Attributes } from "../../ir/graph.js";
import type { Fields } from "../../preprocess/fields.js";
import type { GraphWriter } from "../graphWriter.js";
import { refuseOption, wordOption } from "./options.js";

/** Writes the function of a value; the result is called `module`, where that is given. */
export type Activation = (writer: GraphWriter, x: string, module?: string) => string;

const operator = (op: string, attributes: Attributes = {}): Activation => (writer, x, module) => writer.add(op, [x], attributes, module);
const gelu = operator("Gelu", { approximate: "none" });
const tanhGelu = operator("Gelu", { approximate: "tanh" });
const silu = operator("Swish");
const clipped = (inner: Activation, low: number, high: number): Activation => (writer, x, module) => writer.add("Clip", [inner(writer, x), writer.scalar(low), writer.scalar(high)], {}, module);

const activations: Readonly<Record<string, Activation>> = {
  gelu, gelu_python: gelu, gelu_10: clipped(gelu, -10, 10),
  gelu_new: tanhGelu, gelu_fast: tanhGelu, gelu_accurate: tanhGelu, gelu_pytorch_tanh: tanhGelu, gelu_python_tanh: tanhGelu,
  quick_gelu: (writer, x, module) => writer.add("Mul", [x, writer.add("Sigmoid", [writer.add("Mul", [x, writer.scalar(1.702)])])], {}, module),
  silu, swish: silu, mish: operator("Mish"), hardswish: operator("HardSwish"),
  relu: operator("Relu"), relu6: clipped((_, x) => x, 0, 6), leaky_relu: operator("LeakyRelu", { alpha: 0.01 }),
  relu2: (writer, x, module) => {
    const kept = writer.add("Relu", [x]);
    return writer.add("Mul", [kept, kept], {}, module);
  },
  sigmoid: operator("Sigmoid"), tanh: operator("Tanh"), linear: operator("Identity"),
};

/** The function that a config names in `key`. Throws `architectureUnknown` for one that is not known here. */
export function activationOption(writer: GraphWriter, config: Fields, key: string, fallback: string): Activation {
  const name = wordOption(config, key, fallback);
  return Object.hasOwn(activations, name) ? activations[name]! : refuseOption(writer, config, key);
}

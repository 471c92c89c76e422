/** @file The activation functions that transformers configs name. */
import type { Fields } from "../../preprocess/fields.js";
import { clipped, gelu, hardSwish, identity, leakyRelu, mish, quickGelu, relu, relu6, sigmoid, silu, squaredRelu, tanh, tanhGelu, type Activation } from "../activations.js";
import type { GraphWriter } from "../graphWriter.js";
import { refuseOption, wordOption } from "./options.js";

export type { Activation };

const activations: Readonly<Record<string, Activation>> = {
  gelu, gelu_python: gelu, gelu_10: clipped(gelu, -10, 10),
  gelu_new: tanhGelu, gelu_fast: tanhGelu, gelu_accurate: tanhGelu, gelu_pytorch_tanh: tanhGelu, gelu_python_tanh: tanhGelu, quick_gelu: quickGelu,
  silu, swish: silu, mish, hardswish: hardSwish, relu, relu6, leaky_relu: leakyRelu, relu2: squaredRelu, sigmoid, tanh, linear: identity,
};

/** A function that a library's code names, not a config. */
export const activationOf = (name: "gelu" | "relu" | "tanh"): Activation => activations[name]!;

/** The function that a config names in `key`. Throws `architectureUnknown` for one that is not known here. */
export function activationOption(writer: GraphWriter, config: Fields, key: string, fallback: string): Activation {
  const name = wordOption(config, key, fallback);
  return Object.hasOwn(activations, name) ? activations[name]! : refuseOption(writer, config, key);
}

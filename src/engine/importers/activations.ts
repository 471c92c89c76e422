/** @file Activation functions, as nodes. */
import type { Attributes } from "../ir/graph.js";
import type { GraphWriter } from "./graphWriter.js";

/** Writes the function of a value; the result is called `module`, where that is given. */
export type Activation = (writer: GraphWriter, x: string, module?: string) => string;

const operator = (op: string, attributes: Attributes = {}): Activation => (writer, x, module) => writer.add(op, [x], attributes, module);

export const relu = operator("Relu");
export const gelu = operator("Gelu", { approximate: "none" });
export const tanhGelu = operator("Gelu", { approximate: "tanh" });
export const silu = operator("Swish");
export const mish = operator("Mish");
export const hardSwish = operator("HardSwish");
export const leakyRelu = operator("LeakyRelu", { alpha: 0.01 });
export const sigmoid = operator("Sigmoid");
export const tanh = operator("Tanh");
export const identity = operator("Identity");
/** PyTorch's: `relu6(x + 3) / 6`. */
export const hardSigmoid = operator("HardSigmoid", { alpha: 1 / 6, beta: 0.5 });

/** `inner`, held between two numbers. */
export const clipped = (inner: Activation, low: number, high: number): Activation => (writer, x, module) => writer.add("Clip", [inner(writer, x), writer.scalar(low), writer.scalar(high)], {}, module);

export const relu6 = clipped((_, x) => x, 0, 6);

export const quickGelu: Activation = (writer, x, module) => writer.add("Mul", [x, writer.add("Sigmoid", [writer.add("Mul", [x, writer.scalar(1.702)])])], {}, module);

export const squaredRelu: Activation = (writer, x, module) => {
  const kept = relu(writer, x);
  return writer.add("Mul", [kept, kept], {}, module);
};

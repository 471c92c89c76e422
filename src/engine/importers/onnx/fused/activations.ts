/** @file ONNX Runtime's fused activations (domain com.microsoft), and convolutions and products with an activation behind them, taken apart. */
import { numberOf, numbersOf, textOf } from "../../../ir/attributes.js";
import type { Attributes, Node } from "../../../ir/graph.js";
import type { CanonicalRule } from "../canonical.js";
import { WhylightError } from "../../../errors.js";
import { nodeWriter, type NodeWriter } from "./nodeWriter.js";

const gelu: CanonicalRule = (node) => [{ ...node, op: "Gelu", attributes: { approximate: "none" } }];

/** The tanh approximation, after an optional bias. */
const fastGelu: CanonicalRule = (node, context) => {
  const { nodes, add } = nodeWriter(node, context);
  const [x, bias] = node.inputs as [string, string?];
  add("Gelu", [bias ? add("Add", [x, bias]) : x], { approximate: "tanh" }, node.outputs[0]);
  return nodes;
};

const biasGelu: CanonicalRule = (node, context) => {
  const { nodes, add } = nodeWriter(node, context);
  add("Gelu", [add("Add", node.inputs)], { approximate: "none" }, node.outputs[0]);
  return nodes;
};

/** `x * sigmoid(alpha * x)` */
const quickGelu: CanonicalRule = (node, context) => {
  const { nodes, add, scalar } = nodeWriter(node, context);
  const x = node.inputs[0]!;
  add("Mul", [x, add("Sigmoid", [add("Mul", [x, scalar(numberOf(node, "alpha", 1.702))])])], {}, node.outputs[0]);
  return nodes;
};

/** The activation named in a fused node, with its parameters in ONNX Runtime's order. */
function activated(writer: NodeWriter, node: Node, x: string, parameters: readonly number[]): void {
  const [alpha, beta] = parameters;
  const output = node.outputs[0];
  const named: Readonly<Record<string, () => string>> = {
    "": () => writer.add("Identity", [x], {}, output),
    Relu: () => writer.add("Relu", [x], {}, output),
    Tanh: () => writer.add("Tanh", [x], {}, output),
    Sigmoid: () => writer.add("Sigmoid", [x], {}, output),
    LeakyRelu: () => writer.add("LeakyRelu", [x], alpha === undefined ? {} : { alpha }, output),
    HardSigmoid: () => writer.add("HardSigmoid", [x], { ...(alpha === undefined ? {} : { alpha }), ...(beta === undefined ? {} : { beta }) }, output),
    Clip: () => writer.add("Clip", [x, ...parameters.slice(0, 2).map((bound) => writer.scalar(bound))], {}, output),
  };
  const name = textOf(node, "activation", "");
  const write = Object.hasOwn(named, name) ? named[name] : undefined;
  if (write === undefined) throw new WhylightError("opUnsupported", { op: `${node.op} (activation ${name})`, node: node.name });
  write();
}

const without = (attributes: Attributes, prefix: string): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(prefix)));

/** A fourth input is added before the activation. */
const fusedConv: CanonicalRule = (node, context) => {
  const writer = nodeWriter(node, context);
  const [x, w, bias, sum] = node.inputs as [string, string, string?, string?];
  const y = writer.add("Conv", bias ? [x, w, bias] : [x, w], without(node.attributes, "activation"));
  activated(writer, node, sum ? writer.add("Add", [y, sum]) : y, numbersOf(node, "activation_params") ?? []);
  return writer.nodes;
};

const fusedGemm: CanonicalRule = (node, context) => {
  const writer = nodeWriter(node, context);
  const parameters = ["activation_alpha", "activation_beta"].map((name) => node.attributes[name]).filter((value) => typeof value === "number");
  activated(writer, node, writer.add("Gemm", node.inputs, without(node.attributes, "activation")), parameters);
  return writer.nodes;
};

export const fusedActivationRules: Readonly<Record<string, CanonicalRule>> = {
  "com.microsoft::Gelu": gelu, "com.microsoft::FastGelu": fastGelu, "com.microsoft::BiasGelu": biasGelu, "com.microsoft::QuickGelu": quickGelu,
  "com.microsoft::FusedConv": fusedConv, "com.microsoft::FusedGemm": fusedGemm,
};

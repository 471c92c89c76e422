/** @file Canonical forms of quantisation: layers on integers become layers on real numbers between `DequantizeLinear` and `QuantizeLinear`. */
import { numberOf } from "../../ir/attributes.js";
import type { Attributes, Node } from "../../ir/graph.js";
import type { CanonicalRule } from "./canonical.js";
import { dtypeOf } from "./tensorProto.js";

const without = (attributes: Attributes, ...names: string[]): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

/** The type of the result, when the node names one. */
const quantizeLinear: CanonicalRule = (node) => {
  const type = numberOf(node, "output_dtype", 0);
  const attributes = without(node.attributes, "output_dtype", "saturate", "precision");
  return [{ ...node, attributes: type === 0 || node.inputs[2] ? attributes : { ...attributes, output_dtype: dtypeOf(type, `QuantizeLinear "${node.name}"`) } }];
};

/** Names of the values a taken-apart node leaves between its parts; the last part keeps the node's own. */
function parts(node: Node) {
  const name = (hint: string) => `${node.outputs[0]!}:${hint}`;
  const make = (op: string, hint: string, inputs: readonly string[], attributes: Attributes = {}): Node => ({ op, name: name(hint), inputs, outputs: [name(hint)], attributes });
  return { name, make };
}

const qLinearMatMul: CanonicalRule = (node) => {
  const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = node.inputs as [string, string, string, string, string, string, string, string];
  const { name, make } = parts(node);
  return [
    make("DequantizeLinear", "a", [a, aScale, aZero], { axis: -2 }),
    make("DequantizeLinear", "b", [b, bScale, bZero], { axis: -1 }),
    make("MatMul", "real", [name("a"), name("b")]),
    { ...node, op: "QuantizeLinear", inputs: [name("real"), yScale, yZero], attributes: {} },
  ];
};

/** The bias counts in steps of the product of both scales. */
const qLinearConv: CanonicalRule = (node) => {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = node.inputs as [string, string, string, string, string, string, string, string, string?];
  const { name, make } = parts(node);
  const biasNodes = bias === undefined ? [] : [
    make("Cast", "steps", [bias], { to: "float32" }),
    make("Mul", "step", [xScale, wScale]),
    make("Mul", "bias", [name("steps"), name("step")]),
  ];
  return [
    make("DequantizeLinear", "x", [x, xScale, xZero]),
    make("DequantizeLinear", "w", [w, wScale, wZero], { axis: 0 }),
    ...biasNodes,
    make("Conv", "real", [name("x"), name("w"), ...(bias === undefined ? [] : [name("bias")])], node.attributes),
    { ...node, op: "QuantizeLinear", inputs: [name("real"), yScale, yZero], attributes: {} },
  ];
};

export const quantizedCanonical: Readonly<Record<string, CanonicalRule>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: (node) => [{ ...node, attributes: without(node.attributes, "output_dtype") }],
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
};

/** @file BatchNormalization in its canonical form: of stored statistics one node, of the batch's own statistics plain operators. */
import { numberOf } from "../../ir/attributes.js";
import type { Attributes, Node } from "../../ir/graph.js";
import { float32, int64 } from "../../ir/tensor.js";
import type { CanonicalContext, CanonicalRule, RawNode } from "./canonical.js";

/** Normalises by stored statistics; by the batch's own where the node says that it trains, as PyTorch writes the standardised weights of a convolution. */
export const batchNormalization: CanonicalRule = (node, context) => {
  const [, ...statistics] = node.outputs;
  const isTraining = numberOf(node, "training_mode", 0) === 1 || (context.opset < 14 && statistics.some((output) => output !== ""));
  // Explanations run models as they predict: running statistics that are asked for make an operator that nobody knows, which is named where unknown ones are.
  if (isTraining && statistics.some((output) => output !== "" && context.isUsed(output))) return [{ ...node, op: `${node.op} (training_mode)` }];
  if (numberOf(node, "spatial", 1) === 0) return [{ ...node, op: `${node.op} (spatial = 0)` }];
  if (isTraining) return byBatch(node, context);
  return [{ ...node, outputs: node.outputs.slice(0, 1), attributes: { epsilon: numberOf(node, "epsilon", 1e-5) } }];
};

/** `(x - mean) / sqrt(mean((x - mean)²) + epsilon) * scale + bias`, per channel over all other axes. */
function byBatch(node: RawNode, { constant }: CanonicalContext): readonly Node[] {
  const [x, scale, bias] = node.inputs as [string, string, string];
  const y = node.outputs[0]!;
  const nodes: Node[] = [];
  const value = (what: string) => `${y}:${what}`;
  const add = (op: string, inputs: readonly string[], what: string, attributes: Attributes = {}) => {
    nodes.push({ op, name: what === "" ? node.name : value(what), inputs, outputs: [what === "" ? y : value(what)], attributes });
    return nodes.at(-1)!.outputs[0]!;
  };
  const numbers = (what: string, values: readonly number[]) => constant(value(what), int64([values.length], values));
  // [batch, channels, all the rest], whatever the rank.
  const rows = add("Reshape", [x, numbers("rows.shape", [0, 0, -1])], "rows");
  const axes = numbers("axes", [0, 2]);
  const centred = add("Sub", [rows, add("ReduceMean", [rows, axes], "mean", { keepdims: 1 })], "centred");
  const variance = add("ReduceMean", [add("Mul", [centred, centred], "square"), axes], "variance", { keepdims: 1 });
  const deviation = add("Sqrt", [add("Add", [variance, constant(value("epsilon"), float32([], [numberOf(node, "epsilon", 1e-5)]))], "shifted")], "deviation");
  const column = numbers("column", [-1, 1]);
  const scaled = add("Mul", [add("Div", [centred, deviation], "normal"), add("Reshape", [scale, column], "scale")], "scaled");
  const moved = add("Add", [scaled, add("Reshape", [bias, column], "bias")], "moved");
  add("Reshape", [moved, add("Shape", [x], "shape")], "");
  return nodes;
}

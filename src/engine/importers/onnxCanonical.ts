/** @file What changed between opsets, undone: every node takes the form of opset 21. */
import { WhylightError } from "../errors.js";
import type { Attributes, Initializer, Node } from "../ir/graph.js";
import { numberOf, numbersOf, tensorOf } from "../ir/attributes.js";
import { reduceOps } from "../ir/ops.js";
import { float32, int64, type Tensor } from "../ir/tensor.js";
import { dtypeOf } from "./onnxTensor.js";

/** A node as the file has it. */
export type RawNode = Node;

interface Context {
  readonly opset: number;
  /** Adds an initializer and returns its name. */
  constant(hint: string, tensor: Tensor): string;
}

type Rule = (node: RawNode, context: Context) => readonly Node[];

const without = (attributes: Attributes, ...names: string[]): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

/** Moves a list attribute that later opsets made an input. `since` is the opset from which it is one. */
const listToInput = (attribute: string, since: number): Rule => (node, { opset, constant }) => {
  const values = numbersOf(node, attribute);
  if (opset >= since || values === undefined) return [node];
  return [{ ...node, inputs: [node.inputs[0]!, constant(`${node.name}.${attribute}`, int64([values.length], values))], attributes: without(node.attributes, attribute) }];
};

const constantNode: Rule = (node, { constant }) => {
  const value = ((): Tensor | undefined => {
    const { value_float: f, value_int: i } = node.attributes;
    const [floats, ints] = [numbersOf(node, "value_floats"), numbersOf(node, "value_ints")];
    if (typeof f === "number") return float32([], [f]);
    if (typeof i === "number") return int64([], [i]);
    if (floats) return float32([floats.length], floats);
    return ints ? int64([ints.length], ints) : tensorOf(node, "value");
  })();
  if (value === undefined) throw new WhylightError("opUnsupported", { op: "Constant", node: node.name });
  constant(node.outputs[0]!, value);
  return [];
};

const slice: Rule = (node, { opset, constant }) => {
  const [starts, ends] = [numbersOf(node, "starts"), numbersOf(node, "ends")];
  if (opset >= 10 || !starts || !ends) return [node];
  const axes = numbersOf(node, "axes") ?? starts.map((_, i) => i);
  const inputs = [starts, ends, axes].map((values, i) => constant(`${node.name}.${i}`, int64([values.length], values)));
  return [{ ...node, inputs: [node.inputs[0]!, ...inputs], attributes: {} }];
};

const pad: Rule = (node, { opset, constant }) => {
  const pads = numbersOf(node, "pads");
  if (opset >= 11 || !pads) return [node];
  const inputs = [constant(`${node.name}.pads`, int64([pads.length], pads)), constant(`${node.name}.value`, float32([], [numberOf(node, "value", 0)]))];
  return [{ ...node, inputs: [node.inputs[0]!, ...inputs], attributes: without(node.attributes, "pads", "value") }];
};

const clip: Rule = (node, { opset, constant }) => {
  if (opset >= 11) return [node];
  const bounds = [numberOf(node, "min", -3.4028234663852886e38), numberOf(node, "max", 3.4028234663852886e38)];
  return [{ ...node, inputs: [node.inputs[0]!, ...bounds.map((bound, i) => constant(`${node.name}.${i}`, float32([], [bound])))], attributes: {} }];
};

/** Before opset 13 softmax ran over all axes from `axis` on, as if they were one. */
const softmax: Rule = (node, { opset }) => {
  if (opset >= 13) return [node];
  const axis = numberOf(node, "axis", 1);
  if (axis === -1) return [node];
  const [x, y] = [node.inputs[0]!, node.outputs[0]!];
  const [flat, soft, shape] = [`${y}:flat`, `${y}:soft`, `${y}:shape`];
  return [
    { op: "Flatten", name: flat, inputs: [x], outputs: [flat], attributes: { axis } },
    { op: node.op, name: node.name, inputs: [flat], outputs: [soft], attributes: { axis: -1 } },
    { op: "Shape", name: shape, inputs: [x], outputs: [shape], attributes: {} },
    { op: "Reshape", name: y, inputs: [soft, shape], outputs: [y], attributes: {} },
  ];
};

/** Equal parts are counted by an attribute since opset 18, and by the outputs before. */
const split: Rule = (node, context) => listToInput("split", 13)(node, context).map((moved) => {
  const isCounted = (moved.inputs[1] ?? "") !== "" || moved.attributes["num_outputs"] !== undefined;
  return isCounted ? moved : { ...moved, attributes: { ...moved.attributes, num_outputs: moved.outputs.length } };
});

/** Inference keeps only the first output of operators that have more when training. */
const firstOutput: Rule = (node) => [{ ...node, outputs: node.outputs.slice(0, 1) }];

const dropout: Rule = (node) => [{ ...node, op: "Identity", inputs: node.inputs.slice(0, 1), outputs: node.outputs.slice(0, 1), attributes: {} }];

const cast: Rule = (node) => [{ ...node, attributes: { to: dtypeOf(numberOf(node, "to", 1), `Cast "${node.name}"`) } }];

const rules: Readonly<Record<string, Rule>> = {
  Constant: constantNode,
  Dropout: dropout,
  Cast: cast,
  BatchNormalization: (node) => [{ ...node, outputs: node.outputs.slice(0, 1), attributes: { epsilon: numberOf(node, "epsilon", 1e-5) } }],
  LayerNormalization: firstOutput,
  Slice: slice,
  Pad: pad,
  Clip: clip,
  Softmax: softmax,
  LogSoftmax: softmax,
  Squeeze: listToInput("axes", 13),
  Unsqueeze: listToInput("axes", 13),
  Split: split,
  ...Object.fromEntries(reduceOps.map((op) => [op, listToInput("axes", op === "ReduceSum" ? 13 : 18)])),
};

/** The nodes in canonical form; new constants go into `initializers`. */
export function canonicalize(nodes: readonly RawNode[], opset: number, initializers: Map<string, Initializer>): Node[] {
  const context: Context = {
    opset,
    constant: (hint, tensor) => {
      initializers.set(hint, tensor);
      return hint;
    },
  };
  return nodes.flatMap((node) => rules[node.op]?.(node, context) ?? [node]);
}

/** @file What changed between opsets, undone: every node takes the form of opset 21. */
import { WhylightError } from "../../errors.js";
import { isInMemory, type Attributes, type Initializer, type Node } from "../../ir/graph.js";
import { numberOf, numbersOf, tensorOf } from "../../ir/attributes.js";
import { reduceOps } from "../../ir/ops.js";
import { float32, int64, toNumbers, type Tensor } from "../../ir/tensor.js";
import { fusedActivationRules } from "./fused/activations.js";
import { fusedNormalizationRules } from "./fused/normalizations.js";
import { indexingCanonical } from "./indexing.js";
import { batchNormalization } from "./batchNormalization.js";
import { quantizedCanonical } from "./quantized.js";
import { dtypeOf } from "./tensorProto.js";

/** A node as the file has it. */
export type RawNode = Node;

/** What a rule may ask and add. */
export interface CanonicalContext {
  readonly opset: number;
  /** Whether another node or the graph's result reads a value. */
  isUsed(value: string): boolean;
  /** The elements of a constant that is known when the node is read. */
  known(value: string): readonly number[] | undefined;
  /** Adds an initializer and returns its name. */
  constant(hint: string, tensor: Tensor): string;
}

/** Gives the canonical nodes that stand for one. */
export type CanonicalRule = (node: RawNode, context: CanonicalContext) => readonly Node[];

const without = (attributes: Attributes, ...names: string[]): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

/** Moves a list attribute that later opsets made an input. `since` is the opset from which it is one. */
const listToInput = (attribute: string, since: number): CanonicalRule => (node, { opset, constant }) => {
  const values = numbersOf(node, attribute);
  if (opset >= since || values === undefined) return [node];
  return [{ ...node, inputs: [node.inputs[0]!, constant(`${node.name}.${attribute}`, int64([values.length], values))], attributes: without(node.attributes, attribute) }];
};

const constantNode: CanonicalRule = (node, { constant }) => {
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

const slice: CanonicalRule = (node, { opset, constant }) => {
  const [starts, ends] = [numbersOf(node, "starts"), numbersOf(node, "ends")];
  if (opset >= 10 || !starts || !ends) return [node];
  const axes = numbersOf(node, "axes") ?? starts.map((_, i) => i);
  const inputs = [starts, ends, axes].map((values, i) => constant(`${node.name}.${i}`, int64([values.length], values)));
  return [{ ...node, inputs: [node.inputs[0]!, ...inputs], attributes: {} }];
};

const pad: CanonicalRule = (node, { opset, constant }) => {
  const pads = numbersOf(node, "pads");
  if (opset >= 11 || !pads) return [node];
  const inputs = [constant(`${node.name}.pads`, int64([pads.length], pads)), constant(`${node.name}.value`, float32([], [numberOf(node, "value", 0)]))];
  return [{ ...node, inputs: [node.inputs[0]!, ...inputs], attributes: without(node.attributes, "pads", "value") }];
};

const clip: CanonicalRule = (node, { opset, constant }) => {
  if (opset >= 11) return [node];
  const bounds = [numberOf(node, "min", -3.4028234663852886e38), numberOf(node, "max", 3.4028234663852886e38)];
  return [{ ...node, inputs: [node.inputs[0]!, ...bounds.map((bound, i) => constant(`${node.name}.${i}`, float32([], [bound])))], attributes: {} }];
};

/** Before opset 13 softmax ran over all axes from `axis` on, as if they were one. */
const softmax: CanonicalRule = (node, { opset }) => {
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
const split: CanonicalRule = (node, context) => listToInput("split", 13)(node, context).map((moved) => {
  const isCounted = (moved.inputs[1] ?? "") !== "" || moved.attributes["num_outputs"] !== undefined;
  return isCounted ? moved : { ...moved, attributes: { ...moved.attributes, num_outputs: moved.outputs.length } };
});

/** Outputs that nobody reads are left out. */
const usedOutputs: CanonicalRule = (node, { isUsed }) => [{ ...node, outputs: node.outputs.slice(0, 1 + node.outputs.findLastIndex((output, i) => i === 0 || isUsed(output))) }];

/** Explanations run models as they predict: a node that may train becomes an operator that nobody knows, so that it is named where unknown ones are. */
const trains = (node: RawNode, form: string): Node => ({ ...node, op: `${node.op} (${form})` });

/** Nothing is dropped; the mask says so where somebody reads it. */
const dropout: CanonicalRule = (node, { isUsed, known, opset }) => {
  const [x, , training] = node.inputs as [string, string?, string?];
  if (opset >= 12 && training && known(training)?.[0] !== 0) return [trains(node, "training_mode")];
  const [y, mask] = node.outputs as [string, string?];
  const kept: Node = { op: "Identity", name: node.name, inputs: [x], outputs: [y], attributes: {} };
  if (!mask || !isUsed(mask)) return [kept];
  const shape = `${mask}:shape`;
  return [
    kept,
    { op: "Shape", name: shape, inputs: [x], outputs: [shape], attributes: {} },
    { op: "ConstantOfShape", name: mask, inputs: [shape], outputs: [mask], attributes: { value: { dtype: "bool", shape: [1], data: Uint8Array.of(1) } } },
  ];
};

const cast: CanonicalRule = (node) => [{ ...node, attributes: { to: dtypeOf(numberOf(node, "to", 1), `Cast "${node.name}"`) } }];

const rules: Readonly<Record<string, CanonicalRule>> = {
  Constant: constantNode,
  Dropout: dropout,
  Cast: cast,
  CastLike: (node) => [{ ...node, attributes: {} }],
  BatchNormalization: batchNormalization,
  LayerNormalization: usedOutputs,
  MaxPool: usedOutputs,
  ...quantizedCanonical,
  Gemm: (node) => [{ ...node, attributes: without(node.attributes, "broadcast") }],
  Hardmax: softmax,
  Slice: slice,
  Pad: pad,
  Clip: clip,
  Softmax: softmax,
  LogSoftmax: softmax,
  Squeeze: listToInput("axes", 13),
  Unsqueeze: listToInput("axes", 13),
  Split: split,
  ...indexingCanonical,
  ...fusedActivationRules,
  ...fusedNormalizationRules,
  ...Object.fromEntries(reduceOps.map((op) => [op, listToInput("axes", op === "ReduceSum" ? 13 : 18)])),
};

/** The nodes in canonical form; new constants go into `initializers`. */
export function canonicalize(nodes: readonly RawNode[], opsetOf: (node: RawNode) => number, initializers: Map<string, Initializer>, outputs: readonly string[]): Node[] {
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs]);
  const context: Omit<CanonicalContext, "opset"> = {
    isUsed: (value) => used.has(value),
    known: (value) => {
      const initializer = initializers.get(value);
      return initializer && isInMemory(initializer) ? toNumbers(initializer) : undefined;
    },
    constant: (hint, tensor) => {
      initializers.set(hint, tensor);
      return hint;
    },
  };
  return nodes.flatMap((node) => rules[node.op]?.(node, { ...context, opset: opsetOf(node) }) ?? [node]);
}

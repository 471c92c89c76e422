/** @file ONNX Runtime's fused normalisations and embeddings, taken apart. */
import { WhylightError } from "../../../errors.js";
import { numberOf } from "../../../ir/attributes.js";
import type { Node } from "../../../ir/graph.js";
import type { CanonicalRule } from "../canonical.js";
import { nodeWriter, type NodeWriter } from "./nodeWriter.js";

/** Statistics that only training reads are refused where something reads them. */
function refuse(node: Node, isUsed: (value: string) => boolean, outputs: readonly number[]): void {
  const read = outputs.find((i) => node.outputs[i] !== undefined && node.outputs[i] !== "" && isUsed(node.outputs[i]));
  if (read !== undefined) throw new WhylightError("opUnsupported", { op: `${node.op} (output ${read})`, node: node.name });
}

/** `x / sqrt(mean(x²) + epsilon) * scale` over the last axis. */
function rootMeanSquare({ add, scalar, ints }: NodeWriter, x: string, scale: string, epsilon: number, output: string | undefined): void {
  const square = add("ReduceMean", [add("Mul", [x, x]), ints([-1])], { keepdims: 1 });
  add("Mul", [add("Div", [x, add("Sqrt", [add("Add", [square, scalar(epsilon)])])]), scale], {}, output);
}

/** Adds what is there. */
const total = ({ add }: NodeWriter, terms: readonly (string | undefined)[]) => terms.filter((term): term is string => term !== undefined && term !== "").reduce((a, b) => add("Add", [a, b]));

/** The sum before a normalisation is an output too. */
function keepSum({ add }: NodeWriter, sum: string, output: string | undefined): void {
  if (output) add("Identity", [sum], {}, output);
}

const simplified: CanonicalRule = (node, context) => {
  refuse(node, context.isUsed, [1]);
  if (numberOf(node, "axis", -1) !== -1) throw new WhylightError("opUnsupported", { op: `${node.op} (axis ${numberOf(node, "axis", -1)})`, node: node.name });
  const writer = nodeWriter(node, context);
  rootMeanSquare(writer, node.inputs[0]!, node.inputs[1]!, numberOf(node, "epsilon", 1e-5), node.outputs[0]);
  return writer.nodes;
};

const skipSimplified: CanonicalRule = (node, context) => {
  refuse(node, context.isUsed, [1, 2]);
  const writer = nodeWriter(node, context);
  const [x, skip, scale, bias] = node.inputs as [string, string, string, string?];
  const sum = total(writer, [x, skip, bias]);
  rootMeanSquare(writer, sum, scale, numberOf(node, "epsilon", 1e-12), node.outputs[0]);
  keepSum(writer, sum, node.outputs[3]);
  return writer.nodes;
};

const skip: CanonicalRule = (node, context) => {
  refuse(node, context.isUsed, [1, 2]);
  const writer = nodeWriter(node, context);
  const [x, other, scale, shift, bias] = node.inputs as [string, string, string, string?, string?];
  const sum = total(writer, [x, other, bias]);
  writer.add("LayerNormalization", shift ? [sum, scale, shift] : [sum, scale], { axis: -1, epsilon: numberOf(node, "epsilon", 1e-12) }, node.outputs[0]);
  keepSum(writer, sum, node.outputs[3]);
  return writer.nodes;
};

/** Word, position and segment embeddings summed and normalised; the mask becomes the number of tokens per sequence. */
const embed: CanonicalRule = (node, context) => {
  const writer = nodeWriter(node, context);
  const { add, ints } = writer;
  const [ids, segments, words, positions, segmentRows, scale, shift, mask, positionIds] = node.inputs as [string, string, string, string, string, string, string, string?, string?];
  const length = () => add("Squeeze", [add("Shape", [ids], { start: 1, end: 2 })]);
  const zero = () => add("Squeeze", [ints([0])]);
  const one = () => add("Squeeze", [ints([1])]);
  const places = positionIds || add("Range", [zero(), length(), one()]);
  const sum = total(writer, [add("Gather", [words, ids], { axis: 0 }), add("Gather", [positions, places], { axis: 0 }), segments && segmentRows ? add("Gather", [segmentRows, segments], { axis: 0 }) : undefined]);
  add("LayerNormalization", [sum, scale, shift], { axis: -1, epsilon: numberOf(node, "epsilon", 1e-12) }, node.outputs[0]);
  if (node.outputs[1] && context.isUsed(node.outputs[1])) {
    if (!mask) throw new WhylightError("opUnsupported", { op: `${node.op} (output 1 without a mask)`, node: node.name });
    add("ReduceSum", [mask, ints([1])], { keepdims: 0 }, node.outputs[1]);
  }
  keepSum(writer, sum, node.outputs[2]);
  return writer.nodes;
};

export const fusedNormalizationRules: Readonly<Record<string, CanonicalRule>> = {
  SimplifiedLayerNormalization: simplified, "com.microsoft::SimplifiedLayerNormalization": simplified, "com.microsoft::SkipSimplifiedLayerNormalization": skipSimplified,
  "com.microsoft::SkipLayerNormalization": skip, "com.microsoft::EmbedLayerNormalization": embed,
};

/** @file Recognises layer normalisation written out, as exporters below opset 17 do, and makes it one node again. */
import { producers, typeOf, type Graph, type Initializer, type Node } from "../ir/graph.js";
import { isInMemory } from "../ir/graph.js";
import { toNumbers } from "../ir/tensor.js";
import { verify } from "../ir/verify.js";
import { prune } from "./prune.js";

/** `(x - mean) / sqrt(mean((x - mean)²) + epsilon) * scale + bias` over the last axis becomes `LayerNormalization`; the value keeps its name. */
export function fuseLayerNormalization(graph: Graph): Graph {
  const writer = producers(graph);
  const at = (value: string | undefined, op: string) => {
    const node = writer.get(value ?? "");
    return node?.op === op ? node : undefined;
  };
  const number = (value: string | undefined) => {
    const initializer: Initializer | undefined = graph.initializers.get(value ?? "");
    return initializer && isInMemory(initializer) && initializer.data.length === 1 ? toNumbers(initializer)[0] : undefined;
  };
  /** The operand that is a constant vector over the last axis, and the other. */
  const split = (node: Node | undefined) => {
    const index = node?.inputs.findIndex((input) => graph.initializers.has(input)) ?? -1;
    return index < 0 ? undefined : { constant: node!.inputs[index]!, other: node!.inputs[1 - index]! };
  };
  const isLastAxisMean = (node: Node | undefined) => {
    if (node?.attributes["keepdims"] === 0) return false;
    const axes = graph.initializers.get(node?.inputs[1] ?? "");
    const rank = node && typeOf(graph, node.inputs[0]!).shape?.length;
    return axes !== undefined && isInMemory(axes) && axes.data.length === 1 && (Number(axes.data[0]) === -1 || Number(axes.data[0]) === rank! - 1);
  };
  const fuse = (add: Node): Node | undefined => {
    const bias = split(add);
    const scale = split(at(bias?.other, "Mul"));
    const div = at(scale?.other, "Div");
    const [centred, deviation] = [at(div?.inputs[0], "Sub"), at(div?.inputs[1], "Sqrt")];
    const shifted = split(at(deviation?.inputs[0], "Add"));
    const variance = at(shifted?.other, "ReduceMean");
    const [power, mean] = [at(variance?.inputs[0], "Pow"), at(centred?.inputs[1], "ReduceMean")];
    const x = centred?.inputs[0];
    const epsilon = number(shifted?.constant);
    const isNorm = x !== undefined && epsilon !== undefined && power?.inputs[0] === div?.inputs[0] && number(power?.inputs[1]) === 2 && mean?.inputs[0] === x && isLastAxisMean(mean) && isLastAxisMean(variance);
    const channels = isNorm ? typeOf(graph, x).shape!.at(-1) : undefined;
    const isVector = (value: string) => String(typeOf(graph, value).shape) === String(channels);
    if (!isNorm || !isVector(scale!.constant) || !isVector(bias!.constant)) return undefined;
    return { op: "LayerNormalization", name: add.name, inputs: [x, scale!.constant, bias!.constant], outputs: add.outputs, attributes: { axis: -1, epsilon } };
  };
  const nodes = graph.nodes.map((node) => (node.op === "Add" ? (fuse(node) ?? node) : node));
  return verify(prune({ ...graph, nodes }), "fuseLayerNormalization");
}

/** @file Lets convolutions apply the activation that follows them, which saves a pass over memory. */
import type { Graph, Node } from "../../engine/ir/graph.js";

/** The attribute that carries a fused activation. */
export const activationAttribute = "whylight.activation";

/** Merges each `Relu` that is the only reader of a `Conv` into it. */
export function fuseActivations(graph: Graph): Graph {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const outputs = new Set(graph.outputs);

  const fusedInto = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const [reader, ...others] = readers.get(node.outputs[0]!) ?? [];
    if (node.op === "Conv" && reader?.op === "Relu" && others.length === 0 && !outputs.has(node.outputs[0]!)) fusedInto.set(node, reader);
  }
  const dropped = new Set(fusedInto.values());
  const nodes = graph.nodes.filter((node) => !dropped.has(node)).map((node) => {
    const relu = fusedInto.get(node);
    return relu === undefined ? node : { ...node, outputs: relu.outputs, attributes: { ...node.attributes, [activationAttribute]: "relu" } };
  });
  return { ...graph, nodes };
}

/** @file The part of a model above a layer, as a program of its own: from the layer's activation to the logits. */
import { dependents, type Graph } from "../../ir/graph.js";
import { verify } from "../../ir/verify.js";
import { prune } from "../../passes/prune.js";

/**
 * The values besides `layer` that the part above takes from the part below, such as the other arm of a residual connection around it. `graph` ends in its outputs.
 * Constants and what is computed from them alone stay in the part above.
 */
export function valuesBeside(graph: Graph, layer: string): readonly string[] {
  const pruned = prune(graph);
  const [above, varies] = [dependents(pruned, [layer]), dependents(pruned)];
  const taken = pruned.nodes.filter((node) => node.inputs.some((input) => above.has(input))).flatMap(({ inputs }) => inputs);
  return [...new Set(taken)].filter((value) => value !== "" && varies.has(value) && !above.has(value));
}

/** The graph whose inputs are `inputs`, values of `graph`, instead of its own; what wrote them is cut away. */
export function graphAbove(graph: Graph, inputs: readonly string[], logits: string): Graph {
  const given = new Set(inputs);
  const nodes = graph.nodes.filter(({ outputs }) => !outputs.some((output) => given.has(output)));
  return verify(prune({ ...graph, inputs: [...inputs], nodes, outputs: [logits] }), "graphAbove");
}

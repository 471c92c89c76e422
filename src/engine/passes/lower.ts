/** @file Rewrites operators a runtime lacks, or runs badly, into others. Each runtime names the rules it wants. */
import { GraphBuilder } from "../ir/builder.js";
import type { Graph, Node } from "../ir/graph.js";
import { verify } from "../ir/verify.js";
import { prune } from "./prune.js";

/** Returns the values that stand for the node's outputs, or `undefined` to leave the node as it is. */
export type LoweringRule = (graph: GraphBuilder, node: Node, context: LoweringContext) => readonly string[] | undefined;

export interface LoweringContext {
  /** The node as lowered so far that writes a value; `undefined` for inputs and initializers. */
  producer(value: string): Node | undefined;
  /** Replaces a node already passed, to ask it for one more output. Its first outputs must stay. */
  replace(node: Node): void;
}

/** The graph with every node rewritten by its operator's rule. Shapes must be concrete. */
export function lower(graph: Graph, rules: Readonly<Record<string, LoweringRule>>): Graph {
  if (!graph.nodes.some((node) => Object.hasOwn(rules, node.op))) return graph;
  const builder = new GraphBuilder({ ...graph, nodes: [] }, "lower/");
  const replaced = new Map<string, string>();
  const context: LoweringContext = { producer: (value) => builder.producer(value), replace: (node) => builder.replace(node) };
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((input) => replaced.get(input) ?? input) };
    const outputs = rules[node.op]?.(builder, node, context);
    if (outputs === undefined) builder.copy(node);
    else node.outputs.forEach((output, i) => replaced.set(output, outputs[i]!));
  }
  const outputs = graph.outputs.map((output) => {
    const stand = replaced.get(output);
    // An output keeps the name its readers know.
    return stand === undefined ? output : builder.rename(stand, output);
  });
  return verify(prune(builder.build(outputs)), "lower");
}

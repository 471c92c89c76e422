/** @file Takes operators apart into plain ones; the values they wrote keep their names. */
import { GraphBuilder } from "../../ir/builder.js";
import type { Graph, Node, ValueType } from "../../ir/graph.js";
import { verify } from "../../ir/verify.js";
import type { LoweringContext, LoweringRule } from "../lower.js";
import { prune } from "../prune.js";

/** The graph with every node taken apart that has a rule and is `chosen`. Shapes must be concrete. A rule that returns `undefined` leaves its node as it is. */
export function expand(graph: Graph, rules: Readonly<Record<string, LoweringRule>>, chosen: (node: Node) => boolean = () => true): Graph {
  const isApart = (node: Node) => Object.hasOwn(rules, node.op) && chosen(node);
  if (!graph.nodes.some(isApart)) return graph;
  const builder = new GraphBuilder({ ...graph, nodes: [] }, "expand/");
  const fixed = new Set([...graph.inputs, ...graph.initializers.keys(), ...graph.nodes.flatMap((node) => node.outputs)]);
  const replaced = new Map<string, string>();
  const names = new Map<string, string>();
  const context: LoweringContext = { producer: (value) => builder.producer(value), replace: (node) => builder.replace(node) };
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((input) => replaced.get(input) ?? input) };
    const outputs = isApart(original) ? rules[node.op]!(builder, node, context) : undefined;
    if (outputs === undefined) builder.copy(node);
    else original.outputs.forEach((output, i) => {
      const stand = outputs[i];
      if (output === "" || stand === undefined) return;
      replaced.set(output, stand);
      if (!fixed.has(stand) && !names.has(stand) && builder.producer(stand) !== undefined) names.set(stand, output);
    });
  }
  // An output that is another value under a second name needs a node that says so.
  for (const output of graph.outputs) if (replaced.has(output) && names.get(replaced.get(output)!) !== output) builder.rename(replaced.get(output)!, output);
  return verify(prune(renamed(builder.build(graph.outputs), names)), "expand");
}

/** The graph with values renamed everywhere. */
function renamed(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const nameOf = (value: string) => names.get(value) ?? value;
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(nameOf), outputs: node.outputs.map(nameOf) }));
  const types = new Map<string, ValueType>(graph.types);
  for (const [from, to] of names) types.set(to, graph.types.get(from)!);
  return { ...graph, nodes, types };
}

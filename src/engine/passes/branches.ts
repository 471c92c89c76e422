/** @file Puts the branch an `If` takes in its place, as soon as its condition is known. */
import { isSubgraph, type Graph, type Initializer, type Node } from "../ir/graph.js";
import { toNumbers } from "../ir/tensor.js";
import { verify } from "../ir/verify.js";
import { propagate } from "./propagate.js";

/** The graph without the `If` nodes whose condition follows from constants and from the given input shapes. Branches inside branches are resolved too. */
export function resolveBranches(graph: Graph, shapes: Readonly<Record<string, readonly number[]>> = {}): Graph {
  let current = graph;
  while (current.nodes.some(({ op }) => op === "If")) {
    const { constants } = propagate(current, shapes);
    const isKnown = (node: Node) => node.op === "If" && constants.has(node.inputs[0]!);
    if (!current.nodes.some(isKnown)) return current;
    const initializers = new Map<string, Initializer>(current.initializers);
    const nodes = current.nodes.flatMap((node) => (isKnown(node) ? inline(node, toNumbers(constants.get(node.inputs[0]!)!)[0] !== 0, initializers) : [node]));
    // Types are inferred anew by whoever goes on; what was recorded for the node may be too vague.
    current = { ...current, nodes, initializers };
  }
  return current === graph ? graph : verify({ ...current, types: new Map([...current.types, ...propagate(current, shapes).types]) }, "resolveBranches");
}

/** The nodes of a branch, its own values renamed so that they meet no others. */
function inline(node: Node, condition: boolean, initializers: Map<string, Initializer>): Node[] {
  const branch = node.attributes[condition ? "then_branch" : "else_branch"];
  if (!isSubgraph(branch)) throw new Error(`internal: "${node.name}" has no branch`);
  const outer = new Map(branch.inputs.map((name, i) => [name, node.inputs[i + 1]!]));
  const inner = (name: string) => (name === "" ? "" : (outer.get(name) ?? `${node.name}/${name}`));
  for (const [name, initializer] of branch.initializers) initializers.set(inner(name), initializer);
  const nodes = branch.nodes.map((each) => ({ ...each, name: `${node.name}/${each.name}`, inputs: each.inputs.map(inner), outputs: each.outputs.map(inner) }));
  const renames = node.outputs.flatMap((output, i): Node[] => (output === "" ? [] : [{ op: "Identity", name: `${node.name}:${i}`, inputs: [inner(branch.outputs[i]!)], outputs: [output], attributes: {} }]));
  return [...nodes, ...renames];
}

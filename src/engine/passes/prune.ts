/** @file Drops what the outputs do not need. */
import type { Graph } from "../ir/graph.js";

/** The same graph without nodes, initializers and types that no output depends on. Graph inputs stay when `keepInputs` (a model's), else go too. */
export function prune(graph: Graph, keepInputs = true): Graph {
  const needed = new Set(graph.outputs);
  const nodes = [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    node.inputs.forEach((input) => needed.add(input));
    return true;
  }).reverse();
  const inputs = keepInputs ? graph.inputs : graph.inputs.filter((input) => needed.has(input));
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  const alive = new Set([...inputs, ...initializers.keys(), ...nodes.flatMap((node) => node.outputs)]);
  const types = new Map([...graph.types].filter(([name]) => alive.has(name)));
  return { ...graph, inputs, nodes, initializers, types };
}

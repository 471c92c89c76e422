/** @file Legality: what every graph must satisfy after every pass. */
import { inferNode } from "./infer.js";
import { isInMemory, type Graph } from "./graph.js";
import { isConcrete } from "./shape.js";
import { sizeOf } from "./tensor.js";

/**
 * Returns the graph, or throws (an internal error: a pass is wrong) when a value is used before it is written, is written twice or has no type,
 * when an initializer's elements do not fit its shape, or when a recorded type contradicts inference. `pass` names the culprit.
 */
export function verify(graph: Graph, pass: string): Graph {
  const fail = (why: string): never => { throw new Error(`internal: after ${pass}: ${why}`); };
  const written = new Set<string>([...graph.inputs, ...graph.initializers.keys()]);
  if (written.size !== graph.inputs.length + graph.initializers.size) fail("an input is written twice");
  for (const [name, initializer] of graph.initializers) {
    if (isInMemory(initializer) && initializer.data.length !== sizeOf(initializer.shape)) fail(`initializer "${name}" has ${initializer.data.length} elements for [${initializer.shape.join(", ")}]`);
  }
  const constantOf = (value: string) => { const initializer = graph.initializers.get(value); return initializer && isInMemory(initializer) ? initializer : undefined; };
  for (const node of graph.nodes) {
    for (const input of node.inputs) if (input !== "" && !written.has(input)) fail(`${node.op} "${node.name}" reads "${input}" before it is written`);
    const inferred = inferNode(node, (value) => graph.types.get(value), constantOf);
    node.outputs.forEach((output, i) => {
      if (output === "") return;
      if (written.has(output)) fail(`"${output}" is written twice`);
      written.add(output);
      const [recorded, expected] = [graph.types.get(output), inferred[i]];
      if (recorded === undefined) return fail(`"${output}" has no type`);
      if (expected === undefined || recorded.dtype !== expected.dtype) return fail(`"${output}" is ${recorded.dtype}, its operator gives ${expected?.dtype}`);
      if (isConcrete(recorded.shape) && isConcrete(expected.shape) && String(recorded.shape) !== String(expected.shape)) {
        fail(`"${output}" is recorded as [${recorded.shape.join(", ")}], its operator gives [${expected.shape.join(", ")}]`);
      }
    });
  }
  for (const output of graph.outputs) if (!written.has(output)) fail(`output "${output}" is never written`);
  return graph;
}

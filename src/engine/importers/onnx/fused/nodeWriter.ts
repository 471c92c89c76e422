/** @file Writes the plain nodes that stand for one fused node. */
import type { Attributes, Node } from "../../../ir/graph.js";
import { float32, int64 } from "../../../ir/tensor.js";
import type { CanonicalContext } from "../canonical.js";

/** Collects nodes; names follow from the fused node's first output. */
export interface NodeWriter {
  readonly nodes: Node[];
  /** Adds a node and returns its output's name: a fresh one, or `output`, the fused node's own. */
  add(op: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  scalar(value: number): string;
  ints(values: readonly number[]): string;
}

/** A writer for the nodes that replace `node`. */
export function nodeWriter(node: Node, { constant }: CanonicalContext): NodeWriter {
  const nodes: Node[] = [];
  const stem = node.outputs.find((output) => output !== "") ?? node.name;
  let next = 0;
  const fresh = (hint: string) => `${stem}/${hint}_${next++}`;
  return {
    nodes,
    add: (op, inputs, attributes = {}, output = fresh(op)) => {
      nodes.push({ op, name: output, inputs, outputs: [output], attributes });
      return output;
    },
    scalar: (value) => constant(fresh("scalar"), float32([], [value])),
    ints: (values) => constant(fresh("ints"), int64([values.length], values)),
  };
}

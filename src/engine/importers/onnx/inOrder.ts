/** @file Puts nodes in an order in which every value is written before it is read. ONNX asks for it, and some tools forget what branches of `If` read. */
import type { Node } from "../../ir/graph.js";

/** The nodes as they stand where they are in order, else each as early as what it reads allows. Nodes that wait for each other stay at the end, for the verifier to name. */
export function inOrder(nodes: readonly Node[]): readonly Node[] {
  const writer = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => outputs.forEach((output) => { if (output !== "") writer.set(output, i); }));
  const isOrdered = nodes.every(({ inputs }, i) => inputs.every((input) => (writer.get(input) ?? -1) < i));
  if (isOrdered) return nodes;
  const placed = new Set<number>();
  const ordered: Node[] = [];
  const open = new Set<number>();
  // By a stack of its own: chains of nodes are longer than the call stack allows.
  nodes.forEach((_, first) => {
    const waiting = [first];
    for (let i = waiting.at(-1); i !== undefined; i = waiting.at(-1)) {
      const before = placed.has(i) ? undefined : nodes[i]!.inputs.map((input) => writer.get(input)).find((at) => at !== undefined && !placed.has(at) && !open.has(at));
      open.add(i);
      if (before !== undefined) waiting.push(before);
      else {
        waiting.pop();
        open.delete(i);
        if (!placed.has(i)) ordered.push(nodes[i]!);
        placed.add(i);
      }
    }
  });
  return ordered;
}

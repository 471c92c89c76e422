/** @file Takes a graph apart where another runtime must step in for some of its nodes. */
import type { Graph, Node } from "../engine/ir/graph.js";

/** Nodes that run together, as a graph of their own over values of the whole. */
export interface Stretch {
  readonly isInterpreted: boolean;
  readonly graph: Graph;
}

/**
 * The graph as stretches in an order in which they can run, as few as the dependencies allow. Every value that another stretch or the caller reads is an output of
 * its stretch. Outputs of the whole that no node writes belong to none.
 */
export function splitGraph(graph: Graph, isInterpreted: (node: Node) => boolean): Stretch[] {
  // Even stages are the runtime's, odd ones the interpreter's.
  const stageOf = new Map<string, number>();
  const stages = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    const parity = isInterpreted(node) ? 1 : 0;
    const stage = node.inputs.reduce((latest, input) => {
      const before = stageOf.get(input);
      return before === undefined ? latest : Math.max(latest, before % 2 === parity ? before : before + 1);
    }, parity);
    for (const output of node.outputs) if (output !== "") stageOf.set(output, stage);
    stages.set(stage, [...(stages.get(stage) ?? []), node]);
  }
  const readers = new Map<string, Set<number>>();
  for (const [stage, nodes] of stages) for (const node of nodes) for (const input of node.inputs) readers.set(input, (readers.get(input) ?? new Set()).add(stage));
  const isReadOutside = (value: string, stage: number) => graph.outputs.includes(value) || [...(readers.get(value) ?? [])].some((reader) => reader !== stage);

  return [...stages.keys()].sort((a, b) => a - b).map((stage) => {
    const nodes = stages.get(stage)!;
    const written = new Set(nodes.flatMap((node) => node.outputs));
    const read = [...new Set(nodes.flatMap((node) => node.inputs))].filter((value) => value !== "" && !written.has(value));
    return {
      isInterpreted: stage % 2 === 1,
      graph: {
        ...graph, nodes, inputs: read.filter((value) => !graph.initializers.has(value)), outputs: [...written].filter((value) => value !== "" && isReadOutside(value, stage)),
        initializers: new Map(read.flatMap((value) => (graph.initializers.has(value) ? [[value, graph.initializers.get(value)!] as const] : []))),
      },
    };
  });
}

/** @file Says which operators of a graph TensorFlow.js would leave to the interpreter, without TensorFlow.js, weights or memory. */
import { WhylightError } from "../../engine/errors.js";
import { isInMemory, typeOf, type Graph, type Node } from "../../engine/ir/graph.js";
import { isConcrete, normalizeAxis } from "../../engine/ir/shape.js";
import { toNumbers } from "../../engine/ir/tensor.js";
import { lower } from "../../engine/passes/lower.js";
import type { Fallback } from "../../engine/runtime.js";
import { lowerNode, whyNoKernel } from "./lowerNode.js";
import type { BackendKind, Operand, Site } from "./lowering.js";
import { graphLowerings } from "./graphLowerings.js";

/** What only a run could tell, and so is no reason to expect a fallback. */
class NotKnownHere extends Error {}

/** Operators of `graph`, whose shapes are all concrete, that the interpreter would run on this backend, each reason once. */
export function expectedFallbacks(kind: BackendKind, graph: Graph): Fallback[] {
  const lowered = lower(graph, graphLowerings[kind]);
  const constants = new Set(lowered.initializers.keys());
  const found = new Map<string, Fallback>();
  for (const node of lowered.nodes) {
    const reason = reasonFor(kind, lowered, node, constants);
    if (reason) found.set(`${node.op}\n${reason}`, { op: node.op, reason });
    if (node.inputs.every((input) => input === "" || constants.has(input))) for (const output of node.outputs) constants.add(output);
  }
  return [...found.values()];
}

function reasonFor(kind: BackendKind, graph: Graph, node: Node, constants: ReadonlySet<string>): string | undefined {
  const general = whyNoKernel(kind, node, graph);
  if (general !== undefined) return general;
  try {
    const lowered = lowerNode(drySite(kind, graph, node, constants));
    return typeof lowered === "string" ? lowered : undefined;
  } catch (thrown) {
    if (thrown instanceof NotKnownHere) return undefined;
    throw thrown;
  }
}

function drySite(kind: BackendKind, graph: Graph, node: Node, constants: ReadonlySet<string>): Site {
  const nowhere: Operand = () => { throw new NotKnownHere(); };
  const unsupported = (reason: string) => new WhylightError("opUnsupported", { op: node.op, node: node.name, reason });
  const shapeOf = (value: string) => {
    const { shape } = typeOf(graph, value);
    if (!isConcrete(shape)) throw new NotKnownHere();
    return shape;
  };
  const has = (input: number) => (node.inputs[input] ?? "") !== "";
  return {
    // Lowerings take functions out of it and call none before they run.
    tf: {} as Site["tf"],
    kind, node, layout: "nchw", count: node.inputs.length, has, unsupported,
    shape: (input) => shapeOf(node.inputs[input]!), dtype: (input) => typeOf(graph, node.inputs[input]!).dtype,
    outputShape: (output = 0) => shapeOf(node.outputs[output]!), outputDtype: (output = 0) => typeOf(graph, node.outputs[output]!).dtype,
    isConstant: (input) => constants.has(node.inputs[input]!),
    numbers: (input) => {
      if (!has(input)) return undefined;
      const value = node.inputs[input]!;
      if (!constants.has(value)) throw unsupported(`input ${input} is not constant`);
      const initializer = graph.initializers.get(value);
      if (initializer === undefined || !isInMemory(initializer)) throw new NotKnownHere();
      return toNumbers(initializer);
    },
    input: () => nowhere, derive: () => nowhere, constant: () => nowhere,
    axis: (axis, rank) => normalizeAxis(axis, rank), stored: (perAxis) => [...perAxis],
  };
}

/** @file Fixes a graph to concrete input shapes: infers, folds, makes windows explicit, prunes. */
import { WhylightError } from "../errors.js";
import { numbersOf, textOf, windowOf } from "../ir/attributes.js";
import type { Graph, Initializer, Node, ValueType } from "../ir/graph.js";
import { isConcrete } from "../ir/shape.js";
import { verify } from "../ir/verify.js";
import { resolveBranches } from "./branches.js";
import { expandComposites } from "./expand/expansions.js";
import { propagate } from "./propagate.js";
import { prune } from "./prune.js";

/** Fills in every type that can be known, symbols included. */
export function infer(graph: Graph): Graph {
  const resolved = resolveBranches(graph);
  return verify({ ...resolved, types: propagate(resolved).types }, "infer");
}

/** Replaces what depends on constants only by initializers (small ones; large ones are the runtime's to compute once). */
export function fold(graph: Graph, shapes: Readonly<Record<string, readonly number[]>> = {}): Graph {
  const { types, constants } = propagate(graph, shapes);
  const initializers = new Map<string, Initializer>(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    if (!node.outputs.every((output) => output === "" || constants.has(output))) return true;
    for (const output of node.outputs) if (output !== "") initializers.set(output, constants.get(output)!);
    return false;
  });
  return verify(prune({ ...graph, nodes, initializers, types }), "fold");
}

/**
 * The graph with every shape concrete, for inputs of the given shapes.
 * Throws `shapeUnknown` naming the first node whose shape depends on data, and `shapeMismatch` when the shapes do not suit the model.
 */
export function specialize(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Graph {
  const folded = fold(resolveBranches(graph, shapes), shapes);
  for (const node of folded.nodes) {
    if (node.op === "If") throw new WhylightError("opUnsupported", { op: "If (its condition depends on the data)", node: node.name });
    for (const output of node.outputs) if (output !== "" && !isConcrete(folded.types.get(output)?.shape)) throw new WhylightError("shapeUnknown", { op: node.op, node: node.name });
  }
  const expanded = expandComposites(folded);
  return verify(explicitWindows(removeIdentities(expanded === folded ? folded : fold(expanded))), "specialize");
}

/** Values that only rename another are read through, unless they are outputs. */
function removeIdentities(graph: Graph): Graph {
  const aliases = new Map<string, string>();
  const resolve = (value: string) => aliases.get(value) ?? value;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(resolve);
    if (node.op === "Identity" && !graph.outputs.includes(node.outputs[0]!)) aliases.set(node.outputs[0]!, inputs[0]!);
    else nodes.push({ ...node, inputs });
  }
  return verify(prune({ ...graph, nodes }), "removeIdentities");
}

const windowed = new Set(["Conv", "ConvInteger", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "MaxUnpool"]);

/** Writes kernel, strides, dilations and pads into every sliding window, so that no later pass needs a default or `auto_pad`. */
function explicitWindows(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) => (windowed.has(node.op) ? explicitWindow(node, graph.types) : node));
  return verify({ ...graph, nodes }, "explicitWindows");
}

function explicitWindow(node: Node, types: ReadonlyMap<string, ValueType>): Node {
  const shapeOf = (value: string | undefined) => types.get(value ?? "")?.shape;
  const [input, output] = [shapeOf(node.inputs[0]), shapeOf(node.outputs[0])];
  const kernel = numbersOf(node, "kernel_shape") ?? (shapeOf(node.inputs[1])?.slice(2) as number[] | undefined);
  if (kernel === undefined || !isConcrete(input) || !isConcrete(output)) throw new WhylightError("shapeUnknown", { op: node.op, node: node.name });
  const { strides, dilations, pads } = windowOf(node, kernel);
  const { auto_pad: _, output_shape: __, ...rest } = node.attributes;
  const autoPad = textOf(node, "auto_pad", "NOTSET");
  const isTransposed = node.op === "ConvTranspose";
  let explicit = pads;
  if (autoPad === "VALID") explicit = pads.map(() => 0);
  else if (autoPad.startsWith("SAME") || node.attributes["output_shape"] !== undefined) {
    // `wide` is the side that is padded: the input of Conv and pooling, the output of ConvTranspose.
    const [wide, narrow] = isTransposed ? [output, input] : [input, output];
    const extra = (isTransposed && numbersOf(node, "output_padding")) || kernel.map(() => 0);
    const totals = kernel.map((size, i) => Math.max(0, (narrow[i + 2]! - 1) * strides[i]! + dilations[i]! * (size - 1) + 1 + extra[i]! - wide[i + 2]!));
    // ONNX puts the odd one at the end for SAME_UPPER only; ConvTranspose with an output_shape and no auto_pad counts as SAME_LOWER.
    const lower = totals.map((total) => (autoPad === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2)));
    explicit = [...lower, ...totals.map((total, i) => total - lower[i]!)];
  }
  // An output_shape past the last window's end leaves the rest to output_padding.
  const reached = isTransposed ? kernel.map((size, i) => (input[i + 2]! - 1) * strides[i]! + dilations[i]! * (size - 1) + 1 - explicit[i]! - explicit[i + kernel.length]!) : [];
  const padding = isTransposed ? { output_padding: reached.map((size, i) => output[i + 2]! - size) } : {};
  return { ...node, attributes: { ...rest, kernel_shape: kernel, strides, ...(node.op === "MaxUnpool" ? {} : { dilations }), pads: explicit, ...padding } };
}

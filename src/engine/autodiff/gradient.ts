/** @file The reverse pass: from a graph to the graph of its gradient, made of forward operators only. */
import { WhylightError } from "../errors.js";
import { GraphBuilder } from "../ir/builder.js";
import type { Graph, Node } from "../ir/graph.js";
import { isFloat } from "../ir/tensor.js";
import { verify } from "../ir/verify.js";
import { expand } from "../passes/expand/expand.js";
import { plainForms } from "../passes/expand/expansions.js";
import { prune } from "../passes/prune.js";
import type { GradientRules } from "./rule.js";
import { gradientRules } from "./rules.js";

/** The graph grown by a gradient. */
export interface Differentiated {
  /** All nodes of the primal plus those of the gradient; not pruned, and with the primal's outputs. */
  readonly graph: Graph;
  /** For each value asked for, the name of its cotangent; `undefined` where the target does not depend on it. */
  readonly cotangents: ReadonlyMap<string, string | undefined>;
}

/**
 * Differentiates `target` with respect to every value of `wrt` (inputs or intermediate values alike).
 * `seed`, a value of the target's shape, is the cotangent to start from: a one-hot row makes one compiled program serve every class.
 * Only the path between `wrt` and `target` is differentiated. Shapes must be concrete.
 * Operators that have a plain form (recurrent layers) are taken apart on that path. Throws `gradientUndefined` when an operator on it has no rule.
 */
export function gradient(given: Graph, target: string, seed: string, wrt: readonly string[], rules: GradientRules = gradientRules): Differentiated {
  const onPath = new Set(nodesBetween(given, wrt, target).map(({ name, outputs }) => `${name}|${outputs.join()}`));
  // What is asked for and the seed may be no outputs, and must not be pruned.
  const kept = [...new Set([...given.outputs, target, seed, ...wrt])];
  const expanded = expand({ ...given, outputs: kept }, plainForms, ({ name, outputs }) => onPath.has(`${name}|${outputs.join()}`));
  const primal: Graph = { ...expanded, outputs: given.outputs };
  const graph = new GraphBuilder(primal, "grad/");
  const path = nodesBetween(primal, wrt, target);
  const reached = new Set<string>([...wrt, ...path.flatMap((node) => node.outputs)]);
  const integers = quantizedValues(path);
  const contributions = new Map<string, string[]>([[target, [seed]]]);
  const cotangents = new Map<string, string | undefined>();
  const settle = (value: string): string | undefined => {
    if (!cotangents.has(value)) cotangents.set(value, sum(graph, contributions.get(value) ?? []));
    return cotangents.get(value);
  };
  for (const node of [...path].reverse()) {
    const incoming = node.outputs.map(settle);
    if (incoming.every((cotangent) => cotangent === undefined)) continue;
    const rule = rules[node.op];
    if (rule === undefined) throw new WhylightError("gradientUndefined", { op: node.op, node: node.name });
    if (rule === "none") continue;
    const wanted = node.inputs.map((input) => reached.has(input) && (isFloat(graph.type(input).dtype) || integers.has(input)));
    if (!wanted.includes(true)) continue;
    rule(graph, node, incoming, wanted).forEach((cotangent, i) => {
      const input = node.inputs[i]!;
      if (cotangent !== undefined && wanted[i]) contributions.set(input, [...(contributions.get(input) ?? []), cotangent]);
    });
  }
  for (const value of wrt) settle(value);
  return { graph: verify(graph.build(primal.outputs), "gradient"), cotangents: new Map(wrt.map((value) => [value, cotangents.get(value)])) };
}

/** The primal pruned to what these outputs need, with its gradient outputs named. */
export function withOutputs(differentiated: Graph, outputs: readonly string[]): Graph {
  return verify(prune({ ...differentiated, outputs }, false), "prune");
}

function sum(graph: GraphBuilder, terms: readonly string[]): string | undefined {
  return terms.length === 0 ? undefined : terms.reduce((a, b) => graph.add("Add", [a, b]));
}

/** Operators whose integers stand for real numbers, and those that hand them on. */
const quantizing = new Set(["QuantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"]);
const handingOn = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Concat", "Split", "Slice", "Gather", "Expand", "Tile", "Identity", "MaxPool", "Pad", "Where"]);

/** Integers that carry a gradient: what quantisation made of real numbers. All others are counts, indices and the like. */
function quantizedValues(path: readonly Node[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { op, inputs, outputs } of path) {
    if (quantizing.has(op)) found.add(outputs[0]!);
    if (handingOn.has(op) && inputs.some((input) => found.has(input))) for (const output of outputs) found.add(output);
  }
  return found;
}

/** Nodes that depend on a value of `from` and that `to` depends on, in topological order. */
export function nodesBetween(graph: Graph, from: readonly string[], to: string): Node[] {
  const downstream = new Set(from);
  const dependents = graph.nodes.filter((node) => {
    const depends = node.inputs.some((input) => downstream.has(input));
    if (depends) node.outputs.forEach((output) => downstream.add(output));
    return depends;
  });
  const needed = new Set([to]);
  return dependents.reverse().filter((node) => {
    const isNeeded = node.outputs.some((output) => needed.has(output));
    if (isNeeded) node.inputs.forEach((input) => needed.add(input));
    return isNeeded;
  }).reverse();
}

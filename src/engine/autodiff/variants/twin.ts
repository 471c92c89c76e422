/** @file A graph that runs on two inputs side by side, so that every value can be held against the same value at the other input. */
import type { GraphBuilder } from "../../ir/builder.js";
import { typeOf, type Graph, type Node, type ValueType } from "../../ir/graph.js";
import { verify } from "../../ir/verify.js";
import { expand } from "../../passes/expand/expand.js";
import { plainForms } from "../../passes/expand/expansions.js";

/** The name of the second input. */
export const otherInput = "whylight/baseline";

/** The same value at the other input; the value itself where it does not depend on the input. */
export type Other = (value: string) => string;

/** Below this a difference of inputs is no ground to divide by, and the gradient stands in (Captum's 1e-10). */
export const least = 1e-10;

/**
 * The graph with everything that depends on `input` a second time, computed from `otherInput`; weights are shared. Two copies rather than a batch of two: many files are fixed to one image, and no
 * rule has to know which axis counts images. Operators that are differentiated in a plain form are taken apart first, so that what they are made of has a twin too.
 */
export function twin(given: Graph, input: string): { readonly graph: Graph; readonly other: Other } {
  const graph = expand(given, plainForms);
  const twins = new Map<string, string>([[input, otherInput]]);
  const copies: Node[] = [];
  for (const node of graph.nodes) {
    if (!node.inputs.some((value) => twins.has(value))) continue;
    for (const output of node.outputs) if (output !== "") twins.set(output, `whylight/baseline/${output}`);
    const renamed = (value: string) => twins.get(value) ?? value;
    copies.push({ ...node, name: `${node.name}/baseline`, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) });
  }
  const types = new Map<string, ValueType>(graph.types);
  for (const [value, copy] of twins) types.set(copy, typeOf(graph, value));
  const other: Other = (value) => twins.get(value) ?? value;
  const doubled = { ...graph, inputs: [...graph.inputs, otherInput], outputs: [...new Set(graph.outputs.flatMap((output) => [output, other(output)]))], nodes: [...graph.nodes, ...copies], types };
  return { graph: verify(doubled, "twin"), other };
}

/** `at / by`, and `instead` where `by` is too small to divide by. */
export function quotientOr(graph: GraphBuilder, at: string, by: string, instead: string): string {
  const isNear = graph.add("Less", [graph.add("Abs", [by]), graph.scalar(least)]);
  return graph.add("Where", [isNear, instead, graph.add("Div", [at, graph.add("Where", [isNear, graph.scalar(1), by])])]);
}

/** The mean of a value and its twin. */
export function mean(graph: GraphBuilder, value: string, other: string): string {
  return value === other ? value : graph.add("Mul", [graph.add("Add", [value, other]), graph.scalar(0.5)]);
}

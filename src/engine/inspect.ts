/** @file What stands in a model's way: operators that cannot be run, or not differentiated. */
import { gradientRules } from "./autodiff/rules.js";
import type { Graph } from "./ir/graph.js";
import { isOp } from "./ir/ops.js";
import { expansions, plainForms } from "./passes/expand/expansions.js";

/** An operator and the first node that uses it. */
export interface UnsupportedOperator {
  readonly op: string;
  readonly node: string;
  readonly problem: "run" | "differentiate";
}

/** Each unsupported operator once, in the order of the graph. An operator off the differentiated path may lack a gradient and do no harm. */
export function unsupportedOperators(graph: Graph): UnsupportedOperator[] {
  const found = new Map<string, UnsupportedOperator>();
  for (const { op, name } of graph.nodes) {
    const problem = !isOp(op) ? "run" : isDifferentiable(op) ? undefined : "differentiate";
    if (problem && !found.has(op)) found.set(op, { op, node: name, problem });
  }
  return [...found.values()];
}

/** By a rule, or once it is taken apart; what an `If` holds shows when it is resolved. */
function isDifferentiable(op: string): boolean {
  return op === "If" || [gradientRules, expansions, plainForms].some((table) => Object.hasOwn(table, op));
}

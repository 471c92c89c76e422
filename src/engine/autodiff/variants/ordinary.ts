/** @file The ordinary rule of an operator, for tables that bend it. */
import type { GradientRule } from "../rule.js";
import { gradientRules } from "../rules.js";

/** The rule of ordinary differentiation; the operator must have one. */
export function ordinary(op: string): GradientRule {
  const rule = gradientRules[op];
  if (rule === undefined || rule === "none") throw new Error(`internal: ${op} has no gradient rule`);
  return rule;
}

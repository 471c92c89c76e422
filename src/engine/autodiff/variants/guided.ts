/** @file Rules that let only positive cotangents through rectifiers: guided backpropagation and the deconvolution network. */
import type { Node } from "../../ir/graph.js";
import { only, type GradientRule, type GradientRules } from "../rule.js";
import { gradientRules } from "../rules.js";
import { ordinary } from "./ordinary.js";

/** `max(dy, 0)` before the ordinary rule of the operator: what falls where the rectifier was shut is lost too (Springenberg et al., arXiv 1412.6806). */
const guided = (rule: GradientRule): GradientRule => (graph, node, cotangents, wanted) => rule(graph, node, [graph.add("Relu", [only(cotangents)])], wanted);

/** `max(dy, 0)` and nothing else: the rectifier's own input is not asked (Zeiler & Fergus, arXiv 1311.2901). */
const deconvolved: GradientRule = (graph, _, cotangents) => [graph.add("Relu", [only(cotangents)])];

/** Whether a `Clip` is a ReLU6, which exporters write as a clip to 0 and 6. */
export function isRelu6(node: Node, constant: (value: string) => number | undefined): boolean {
  const [, low, high] = node.inputs;
  return node.op === "Clip" && low !== undefined && high !== undefined && constant(low) === 0 && constant(high) === 6;
}

/** The rule at ReLU6, and the ordinary one at any other clip. */
const atRelu6 = (rule: GradientRule): GradientRule => (graph, node, cotangents, wanted) =>
  (isRelu6(node, (value) => graph.constantValue(value)) ? rule : ordinary("Clip"))(graph, node, cotangents, wanted);

const variants: Readonly<Record<"guided" | "deconvolution", (op: string) => GradientRule>> = {
  guided: (op) => guided(ordinary(op)),
  deconvolution: () => deconvolved,
};

/**
 * The ordinary rules with another one at `Relu`, and at ReLU6 where asked for. Captum's hooks sit at `nn.ReLU` modules alone: ReLU6, LeakyReLU, GELU and the like stay ordinary there, and here.
 */
export function rectifierRules(variant: keyof typeof variants, withRelu6: boolean): GradientRules {
  const rule = variants[variant];
  return { ...gradientRules, Relu: rule("Relu"), ...(withRelu6 ? { Clip: atRelu6(rule("Clip")) } : {}) };
}


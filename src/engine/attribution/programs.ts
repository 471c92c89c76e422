/** @file The graphs that methods run: scores alone, gradients of a score, and activations. */
import { gradient } from "../autodiff/gradient.js";
import type { GradientRules } from "../autodiff/rule.js";
import { gradientRules } from "../autodiff/rules.js";
import { GraphBuilder } from "../ir/builder.js";
import type { Graph } from "../ir/graph.js";
import { verify } from "../ir/verify.js";
import { prune } from "../passes/prune.js";
import { addSeed, type Score } from "./target.js";

/** Rules that stand in for ordinary differentiation, with a name that tells their programs apart. */
export interface NamedRules {
  readonly name: string;
  readonly rules: GradientRules;
  /** What the reverse pass starts from at each explained class: 1 (the default), or its score, which relevance is a share of. */
  readonly start?: "one" | "score";
}

export const ordinaryRules: NamedRules = { name: "gradient", rules: gradientRules };

/** The forward pass alone, to the logits and, where asked for, values on the way. */
export function buildForward(graph: Graph, logits: string, values: readonly string[] = []): Graph {
  return verify(prune({ ...graph, outputs: [...new Set([logits, ...values])] }), "buildForward");
}

/** The name of the output that holds the cotangent of a value. */
export const cotangentOf = (value: string) => `whylight/d:${value}`;

/**
 * From image and seed to the logits, the cotangent of every value of `wrt` (see `cotangentOf`), and the values themselves unless they are inputs.
 * Where the score does not depend on a value its cotangent is zero.
 */
export function buildGradient(graph: Graph, logits: string, score: Score, wrt: readonly string[], { rules, start }: NamedRules = ordinaryRules): Graph {
  const seeded = new GraphBuilder(graph, "whylight/");
  const { scores, seed } = addSeed(seeded, logits, score);
  const from = start === "score" ? seeded.add("Mul", [scores, seed]) : seed;
  const differentiated = gradient(seeded.build([logits]), scores, from, wrt, rules);
  const builder = new GraphBuilder(differentiated.graph, "whylight/map_");
  const cotangents = wrt.map((value) => builder.rename(differentiated.cotangents.get(value) ?? builder.add("Mul", [value, builder.scalar(0)]), cotangentOf(value)));
  const values = wrt.filter((value) => !graph.inputs.includes(value));
  return verify(prune(builder.build([...new Set([logits, ...values, ...cotangents])])), "buildGradient");
}

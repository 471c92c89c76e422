/** @file Whether a network bends or has kinks: what a quadrature along a path may expect of its gradient. */
import { nodesBetween } from "../../autodiff/gradient.js";
import { typeOf, type Graph } from "../../ir/graph.js";
import { sizeOf } from "../../ir/tensor.js";

/** Operators whose slope jumps. */
const kinked = new Set(["Relu", "LeakyRelu", "PRelu", "ThresholdedRelu", "Clip", "Abs", "Max", "Min", "MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin", "HardSigmoid", "HardSwish", "Sign", "Floor", "Ceil", "Round"]);

/** Kinks in a classifier's head alone, as DistilBERT has, hardly show. */
const largestShare = 0.01;

/** Whether hardly any of what lies between two values, by its elements, comes out of a kink. Shapes must be concrete. */
export function isSmooth(graph: Graph, from: string, to: string): boolean {
  let [kinks, all] = [0, 0];
  for (const { op, outputs } of nodesBetween(graph, [from], to)) {
    const elements = sizeOf(typeOf(graph, outputs[0]!).shape as readonly number[]);
    all += elements;
    if (kinked.has(op)) kinks += elements;
  }
  return kinks <= largestShare * all;
}

/** @file DeepLIFT's rescale rule at a maximum over places. */
import { only, type GradientRule } from "../rule.js";
import { least, type HalvesOf } from "./halves.js";
import { ordinary } from "./ordinary.js";

/**
 * With m = max(y, y'), the step m - y' goes to where the image has its maximum and the step y - m to where the baseline has its own, each divided by x - x' there; overlapping windows add up.
 * Nothing is lost: where x equals x' at the image's maximum, m is y', and likewise at the baseline's.
 */
export const maximumRule = (op: string, halvesOf: HalvesOf): GradientRule => (graph, node, cotangents, wanted) => {
  const [x, y, dy, halves] = [node.inputs[0]!, node.outputs[0]!, only(cotangents), halvesOf(graph)];
  const rule = ordinary(op);
  const back = (cotangent: string) => rule(graph, node, [cotangent], wanted)[0]!;
  const other = halves.swapped(y);
  // In the baseline's rows `other` is the image's y, so the same expression gives y - m there, with its sign turned.
  const step = graph.add("Mul", [graph.add("Sub", [graph.add("Max", [y, other]), other]), halves.sign(y)]);
  const sent = back(graph.add("Mul", [dy, step]));
  const dx = graph.add("Mul", [halves.difference(x), halves.sign(x)]);
  const isNear = graph.add("Less", [graph.add("Abs", [dx]), graph.scalar(least)]);
  const multiplier = graph.add("Div", [graph.add("Add", [sent, halves.swapped(sent, x)]), graph.add("Where", [isNear, graph.scalar(1), dx])]);
  return [graph.add("Where", [isNear, back(dy), multiplier])];
};

/** @file Leaves of a language model's scores only those of the last token, so that the product with the vocabulary is computed once instead of for every token. */
import { producers, typeOf, type Graph, type Node } from "../../ir/graph.js";
import { GraphBuilder } from "../../ir/builder.js";
import { prune } from "../../passes/prune.js";
import { verify } from "../../ir/verify.js";

/** What treats every token's row by itself, with an operand that is the same for all. */
const byRow = new Set(["Add", "Sub", "Mul", "Div", "Tanh", "Cast", "Identity", "MatMul"]);

/** The name of the scores of the last token, `[batch, vocabulary]`. */
export const lastScores = "whylight/last_scores";

/** The graph whose only output is `lastScores`, of `scores` `[batch, tokens, vocabulary]` with concrete shapes. `tokens` is the number of tokens that are no padding. */
export function withLastRow(graph: Graph, scores: string, tokens: number): Graph {
  const writers = producers(graph);
  const tail: Node[] = [];
  const isFixed = (value: string) => graph.initializers.has(value);
  let value = scores;
  for (let node = writers.get(value); node && byRow.has(node.op); node = writers.get(value)) {
    const [moving, ...others] = node.inputs.filter((input) => !isFixed(input));
    // Below the product with the vocabulary there is nothing to save; a bias of one row per token is no operand for all.
    if (moving === undefined || others.length > 0 || typeOf(graph, moving).shape?.length !== 3 || node.inputs.some((input) => input !== moving && !isForAll(graph, input, node.op))) break;
    if (node.op === "MatMul" && node.inputs[0] !== moving) break;
    tail.unshift(node);
    value = moving;
    if (node.op === "MatMul") break;
  }
  const builder = new GraphBuilder({ ...graph, nodes: graph.nodes.filter((node) => !tail.includes(node)) }, "whylight/last_");
  let row = builder.add("Slice", [value, builder.ints([tokens - 1]), builder.ints([tokens]), builder.ints([1]), builder.ints([1])]);
  for (const { op, inputs, attributes } of tail) row = builder.add(op, inputs.map((input) => (isFixed(input) ? input : row)), attributes);
  const [batch, , vocabulary] = builder.shape(row);
  builder.copy({ op: "Reshape", name: lastScores, inputs: [row, builder.ints([batch!, vocabulary!])], outputs: [lastScores], attributes: {} });
  return verify(prune(builder.build([lastScores])), "withLastRow");
}

/** Whether an operand has no axis of tokens: a scalar, a row, or the matrix of a product. */
function isForAll(graph: Graph, value: string, op: string): boolean {
  const shape = typeOf(graph, value).shape ?? [];
  return shape.length <= (op === "MatMul" ? 2 : 1) || (shape.length === 3 && shape[1] === 1 && op !== "MatMul");
}

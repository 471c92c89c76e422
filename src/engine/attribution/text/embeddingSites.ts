/** @file Where a text model turns tokens into numbers: the word embeddings, and what its embedding module returns. */
import { producers, typeOf, type Graph } from "../../ir/graph.js";
import { isFloat } from "../../ir/tensor.js";
import { wordLookup } from "./lookups.js";
import { unsuitable } from "./textInputs.js";

/** Values of a graph with concrete shapes, `[batch, tokens, width]`. */
export interface EmbeddingSites {
  /** A row of the table per token. */
  readonly words: string;
  /** With positions, types and normalisation, before the first layer with weights: LayerNorm's result in BERT and its kin, the sum with the positions in GPT-2, the words themselves in Llama. */
  readonly embeddings: string;
}

/** Where the part of a model ends that treats every token by itself. */
const layers = new Set(["MatMul", "Gemm", "Einsum", "Conv", "ConvTranspose", "MatMulInteger", "LSTM", "GRU", "RNN"]);

/**
 * Finds both by structure. The embedding output is the last value that every way from the words to the scores passes, before any layer with weights.
 * Throws `modelUnsuitable` when no table is looked up by the token ids.
 */
export function embeddingSites(graph: Graph, ids: string, scores: string): EmbeddingSites {
  const lookup = wordLookup(graph, ids);
  if (lookup === undefined) throw unsuitable("no table of word embeddings is looked up by the token ids");
  const [batch, tokens] = typeOf(graph, ids).shape!;
  const isPerToken = (value: string) => {
    const { dtype, shape } = typeOf(graph, value);
    return isFloat(dtype) && shape?.length === 3 && shape[0] === batch && shape[1] === tokens;
  };
  const passed = passages(graph, lookup.node.outputs[0]!, scores).filter(isPerToken);
  if (passed.length === 0) throw unsuitable("its word embeddings do not keep one row per token");
  return { words: passed[0]!, embeddings: passed.at(-1)! };
}

/** The values that every way from `start` to `end` passes, in their order, up to the first layer with weights. */
function passages(graph: Graph, start: string, end: string): string[] {
  const between = valuesBetween(graph, start, end);
  if (!between.has(start)) throw unsuitable("its scores do not depend on the word embeddings");
  const nodes = graph.nodes.filter(({ outputs }) => outputs.some((output) => output !== start && between.has(output)));
  // How many nodes still to come read each value that is there: a value is passed by all where it alone is waited for.
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) for (const input of new Set(inputs)) if (between.has(input)) readers.set(input, (readers.get(input) ?? 0) + 1);
  const found = [start];
  const open = new Set([start]);
  for (const { op, inputs, outputs } of nodes) {
    if (layers.has(op)) break;
    for (const input of new Set(inputs)) {
      if (!between.has(input)) continue;
      readers.set(input, readers.get(input)! - 1);
      if (readers.get(input) === 0) open.delete(input);
    }
    for (const output of outputs) if (between.has(output)) open.add(output);
    if (open.size === 1) found.push([...open][0]!);
  }
  return [...new Set(found)];
}

/** What depends on `start` and leads to `end`, both included. */
function valuesBetween(graph: Graph, start: string, end: string): ReadonlySet<string> {
  const after = new Set([start]);
  for (const { inputs, outputs } of graph.nodes) if (inputs.some((input) => after.has(input))) for (const output of outputs) if (output !== "") after.add(output);
  const writers = producers(graph);
  const before = new Set<string>();
  const waiting = [end];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (before.has(value) || !after.has(value)) continue;
    before.add(value);
    if (value !== start) waiting.push(...(writers.get(value)?.inputs ?? []));
  }
  return before;
}

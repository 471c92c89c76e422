/** @file Finds embeddings: where rows of a table of weights are picked, and what picks them. */
import { dependents, isInMemory, producers, type Graph, type Node } from "../../ir/graph.js";
import { toNumbers, type DType } from "../../ir/tensor.js";

/** A `Gather` of rows of a matrix of weights. */
export interface Lookup {
  readonly node: Node;
  readonly rows: number;
  readonly width: number;
}

/** What a value may pass through before it picks rows: the same numbers, of another type or arranged otherwise. */
const renaming = new Set(["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Expand"]);

/** Every embedding of a graph, in its order. Tables may be stored in eight bits, and their rows become numbers afterwards. */
export function lookups(graph: Graph): readonly Lookup[] {
  const varies = dependents(graph);
  return graph.nodes.flatMap((node): readonly Lookup[] => {
    const [table] = node.inputs;
    if (node.op !== "Gather" || Number(node.attributes["axis"] ?? 0) !== 0 || varies.has(table!)) return [];
    const type = graph.types.get(table!);
    const [rows, width] = type?.shape ?? [];
    return type && isTable(type.dtype) && type.shape?.length === 2 && typeof rows === "number" && typeof width === "number" ? [{ node, rows, width }] : [];
  });
}

const isTable = (dtype: DType) => !/64$|bool|int32/.test(dtype) || dtype === "float64";

/** The value that another one is, but for its type and the arrangement of its elements. */
export function sourceOf(graph: Graph, value: string): string {
  const writers = producers(graph);
  let source = value;
  for (let writer = writers.get(source); writer && renaming.has(writer.op); writer = writers.get(source)) source = writer.inputs[0]!;
  return source;
}

/** The lookup that turns token ids into their embeddings: of several, that of the largest table. */
export function wordLookup(graph: Graph, ids: string): Lookup | undefined {
  return lookups(graph).filter(({ node }) => sourceOf(graph, node.inputs[1]!) === ids).toSorted((a, b) => b.rows - a.rows)[0];
}

/** Tables of so few rows hold token types. */
const fewRows = 8;

/**
 * How many tokens the table of positions has room for; `undefined` where there is none, as in models with relative positions.
 * Models that count positions from the token ids, such as RoBERTa's `padding + 1 + (1 ... n)`, use no rows below the first.
 */
export function longestByPositions(graph: Graph, words: Lookup, types: string | undefined): number | undefined {
  const sources = lookups(graph).filter(({ node, rows, width }) => node !== words.node && width === words.width && rows > fewRows && sourceOf(graph, node.inputs[1]!) !== types && node.inputs[0] !== words.node.inputs[0]);
  const table = sources.toSorted((a, b) => a.rows - b.rows)[0];
  return table && table.rows - firstPosition(graph, table.node.inputs[1]!);
}

/** The position of the first token: constants added on the way, and 1 where positions are counted by a running sum. */
function firstPosition(graph: Graph, index: string): number {
  const writers = producers(graph);
  const constant = (value: string) => {
    const initializer = graph.initializers.get(value);
    return initializer && isInMemory(initializer) && initializer.data.length === 1 ? toNumbers(initializer)[0]! : undefined;
  };
  const walk = (value: string): number => {
    const node = writers.get(value);
    if (node === undefined) return 0;
    if (node.op === "CumSum") return 1;
    if (node.op === "Add" || node.op === "Sub") {
      const [left, right] = [constant(node.inputs[0]!), constant(node.inputs[1]!)];
      if (right !== undefined) return walk(node.inputs[0]!) + (node.op === "Add" ? right : -right);
      if (left !== undefined && node.op === "Add") return walk(node.inputs[1]!) + left;
      // Of two values the count is one and the length of the past, 0, the other.
      return Math.max(walk(node.inputs[0]!), walk(node.inputs[1]!));
    }
    return renaming.has(node.op) || node.op === "Mul" ? walk(node.inputs[0]!) : 0;
  };
  return Math.max(0, walk(index));
}

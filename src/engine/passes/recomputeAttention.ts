/** @file Attention weights that a gradient computes again from queries and keys instead of keeping them from the forward pass: they grow with the square of the tokens, and are cheap beside the layers around them. */
import { GraphBuilder } from "../ir/builder.js";
import { dependents, producers, type Graph, type Node } from "../ir/graph.js";
import { sizeOf } from "../ir/tensor.js";
import { verify } from "../ir/verify.js";

/** What may lie between the product of queries and keys and its softmax. */
const elementwise = new Set(["Add", "Sub", "Mul", "Div", "Where", "Cast"]);

/** A softmax whose result is read on both passes. */
interface Kept {
  /** From the product to the softmax. */
  readonly chain: readonly Node[];
  /** What reads the weights on the way back, themselves or turned. */
  readonly late: ReadonlySet<Node>;
  /** A value of the way back that stands before all of them. */
  readonly after: string;
}

/**
 * The graph with every softmax of a product, where the gradient reads it, computed a second time on the way back. The second product's operand is made to depend on the cotangent that arrives there,
 * by a zero added: otherwise a runtime could see that it computes the same, or compute it at once. Shapes must be concrete.
 */
export function recomputeAttention(graph: Graph): Graph {
  const found = graph.nodes.flatMap((node) => (node.op === "Softmax" ? (keptWeights(graph, node) ?? []) : []));
  if (found.length === 0) return graph;
  const builder = new GraphBuilder({ ...graph, nodes: [] }, "again/");
  const again = new Map<Kept, string>();
  for (const node of graph.nodes) {
    const kept = found.find(({ late }) => late.has(node));
    if (kept === undefined) {
      builder.copy(node);
      continue;
    }
    const weights = again.get(kept) ?? computeAgain(builder, kept);
    again.set(kept, weights);
    builder.copy({ ...node, inputs: node.inputs.map((input) => (input === kept.chain.at(-1)!.outputs[0] ? weights : input)) });
  }
  return verify(builder.build(graph.outputs), "recomputeAttention");
}

function computeAgain(builder: GraphBuilder, { chain, after }: Kept): string {
  const zero = builder.add("Mul", [builder.add("Cast", [builder.add("Size", [after])], { to: "float32" }), builder.scalar(0)]);
  const [product, ...rest] = chain as [Node, ...Node[]];
  // Behind what turns them: the turned ones would be kept as well.
  const later = (operand: string): string => {
    const writer = builder.producer(operand);
    return writer?.op === "Transpose" ? builder.add("Transpose", [later(writer.inputs[0]!)], writer.attributes) : builder.add("Add", [operand, zero]);
  };
  let value = builder.add(product.op, product.inputs.map(later), product.attributes);
  let before = product;
  for (const node of rest) {
    const given = before.outputs[0]!;
    value = builder.add(node.op, node.inputs.map((input) => (input === given ? value : input)), node.attributes);
    before = node;
  }
  return value;
}

/** `undefined` where nothing would be gained: weights that are asked for, read on one pass only, or smaller than queries and keys. */
function keptWeights(graph: Graph, softmax: Node): Kept | undefined {
  const weights = softmax.outputs[0]!;
  const chain = chainTo(graph, softmax);
  if (chain === undefined || graph.outputs.includes(weights) || sizeIn(graph, weights) < chain[0]!.inputs.reduce((sum, input) => sum + sizeIn(graph, input), 0)) return undefined;
  const behind = dependents(graph, [weights]);
  const readersOf = (value: string) => graph.nodes.filter(({ inputs }) => inputs.includes(value));
  /** The other operand, where it is a cotangent: only the way back reads the weights together with what came of them. */
  const cotangentBeside = (value: string, reader: Node): string | undefined => {
    if (reader.op !== "Transpose") return reader.inputs.find((input) => input !== value && behind.has(input));
    const turned = readersOf(reader.outputs[0]!).map((next) => cotangentBeside(reader.outputs[0]!, next));
    return turned.includes(undefined) ? undefined : turned[0];
  };
  const readers = readersOf(weights).map((node) => ({ node, cotangent: cotangentBeside(weights, node) }));
  const late = readers.filter(({ cotangent }) => cotangent !== undefined);
  const after = late[0]?.cotangent;
  const place = (isIt: (node: Node) => boolean) => graph.nodes.findIndex(isIt);
  if (after === undefined || late.length === readers.length || place(({ outputs }) => outputs.includes(after)) > place((node) => node === late[0]!.node)) return undefined;
  return { chain, late: new Set(late.map(({ node }) => node)), after };
}

const sizeIn = (graph: Graph, value: string) => sizeOf(graph.types.get(value)!.shape as readonly number[]);

/** From a product of matrices to the softmax, along values of its size; `undefined` where it is none, or where as much would have to be kept beside it. */
function chainTo(graph: Graph, softmax: Node): Node[] | undefined {
  const writers = producers(graph);
  const size = sizeIn(graph, softmax.outputs[0]!);
  const chain = [softmax];
  for (;;) {
    const wide = chain[0]!.inputs.filter((input) => input !== "" && !graph.initializers.has(input) && sizeIn(graph, input) === size);
    const writer = wide.length === 1 ? writers.get(wide[0]!) : undefined;
    if (writer?.op === "MatMul") return [writer, ...chain];
    if (writer === undefined || !elementwise.has(writer.op)) return undefined;
    chain.unshift(writer);
  }
}

/** @file Rewrites nodes whose canonical form depends on the types of their operands, which the file does not state: one walk that infers as it goes. */
import { numberOf } from "../../ir/attributes.js";
import { isInMemory, type Graph, type Node, type ValueType } from "../../ir/graph.js";
import { inferNode } from "../../ir/infer.js";
import { isOp } from "../../ir/ops.js";
import { broadcastShapes, normalizeAxis, type Shape } from "../../ir/shape.js";
import { int64, type Tensor } from "../../ir/tensor.js";

interface TypedContext {
  type(value: string): ValueType | undefined;
  /** Adds a constant and returns its name. */
  constant(hint: string, tensor: Tensor): string;
}

/** Gives the nodes that stand for one; `undefined` leaves it as it is. */
type TypedRule = (node: Node, context: TypedContext) => readonly Node[] | undefined;

/** The same operand with axes of 1 after its own, so that it broadcasts from `axis` on instead of from the right. */
function openedRight(node: Node, operand: Shape, rank: number, axis: number, { constant }: TypedContext): readonly Node[] {
  const count = rank - axis - operand.length;
  const opened = `${node.outputs[0]!}:operand`;
  const axes = constant(`${opened}.axes`, int64([count], Array.from({ length: count }, (_, i) => operand.length + i)));
  return [
    { op: "Unsqueeze", name: opened, inputs: [node.inputs[1]!, axes], outputs: [opened], attributes: {} },
    { ...node, inputs: [node.inputs[0]!, opened] },
  ];
}

/** Before opset 7 the second operand could be laid along any axis of the first. */
const legacyBroadcast: TypedRule = (node, context) => {
  const { broadcast: _, axis, ...attributes } = node.attributes;
  if (axis === undefined && node.attributes["broadcast"] === undefined) return undefined;
  const plain = { ...node, attributes };
  const [a, b] = node.inputs.map((input) => context.type(input)?.shape);
  if (a === undefined || b === undefined || axis === undefined) return [plain];
  const at = normalizeAxis(numberOf(node, "axis", -1), a.length);
  return at + b.length >= a.length ? [plain] : openedRight(plain, b, a.length, at, context);
};

/** Files of opset 6 have one slope per channel as a vector; from opset 7 on it has to broadcast by itself. */
const prelu: TypedRule = (node, context) => {
  const [x, slope] = node.inputs.map((input) => context.type(input)?.shape);
  if (x === undefined || slope?.length !== 1 || slope[0] === 1 || x.length < 3 || slope[0] !== x[1] || broadcastShapes(x, slope) !== undefined) return undefined;
  return openedRight(node, slope, x.length, 1, context);
};

const castLike: TypedRule = (node, { type }) => {
  const like = type(node.inputs[1]!);
  return like && [{ ...node, op: "Cast", inputs: [node.inputs[0]!], attributes: { to: like.dtype } }];
};

const rules: Readonly<Record<string, TypedRule>> = {
  ...Object.fromEntries(["Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"].map((op) => [op, legacyBroadcast])),
  PRelu: prelu,
  CastLike: castLike,
};

/** The graph with typed rules applied; from the first unknown operator on nothing is known, and nothing rewritten. */
export function canonicalizeTyped(graph: Graph): Graph {
  if (!graph.nodes.some(({ op }) => Object.hasOwn(rules, op))) return graph;
  const types = new Map(graph.types);
  const initializers = new Map(graph.initializers);
  for (const [name, { dtype, shape }] of initializers) types.set(name, { dtype, shape });
  const context: TypedContext = {
    type: (value) => types.get(value),
    constant: (hint, tensor) => {
      initializers.set(hint, tensor);
      types.set(hint, { dtype: tensor.dtype, shape: tensor.shape });
      return hint;
    },
  };
  const constantOf = (value: string) => { const found = initializers.get(value); return found && isInMemory(found) ? found : undefined; };
  const nodes: Node[] = [];
  for (const node of graph.nodes) for (const written of rules[node.op]?.(node, context) ?? [node]) {
    nodes.push(written);
    if (!isOp(written.op)) continue;
    const inferred = inferNode(written, context.type, constantOf);
    written.outputs.forEach((output, i) => { if (output !== "" && inferred[i] !== undefined) types.set(output, inferred[i]); });
  }
  return { ...graph, nodes, initializers };
}

/** @file The typed graph: nodes with ONNX operator semantics over named values, each value written once. */
import type { DType, Tensor } from "./tensor.js";
import type { Shape } from "./shape.js";

/**
 * What ONNX attributes hold, once read: numbers, text, lists of either, a tensor, or a branch of `If`. The inputs of a branch are the values it takes
 * from around it, by position: they are the inputs of its node, after the condition.
 */
export type Attribute = number | string | readonly number[] | readonly string[] | Tensor | Graph;
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * One operator application. `op` is an ONNX operator name of the default domain at the canonical opset (18),
 * or one of this engine's own gradient operators (`MaxPoolGrad`), which each runtime lowers.
 * An absent optional input or output is the empty string, as in ONNX.
 */
export interface Node {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** The type of a value; `shape` is `undefined` while not even the rank is known. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape | undefined;
}

/** Bytes that stay in the user's file until a runtime asks: `length` bytes at `offset` of `file`, little-endian, row-major. */
export interface FileRange {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant: its elements here in memory, or where they lie. `stored` is the type they have there when it is not `dtype`: half floats are widened when loaded. */
export type Initializer = Tensor | { readonly dtype: DType; readonly shape: readonly number[]; readonly range: FileRange; readonly stored?: DType };

/** Whether an initializer's elements are in memory. */
export function isInMemory(initializer: Initializer): initializer is Tensor {
  return "data" in initializer;
}

/**
 * A computation. Nodes stand in topological order. Every input of a node is a graph input, an initializer or an output of an earlier node.
 * `types` holds what shape inference found for any of them.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  readonly types: ReadonlyMap<string, ValueType>;
}

/** Whether an attribute is a branch. */
export function isSubgraph(attribute: Attribute | undefined): attribute is Graph {
  return typeof attribute === "object" && "nodes" in attribute;
}

/** The type of a value the caller knows to exist. */
export function typeOf(graph: Graph, value: string): ValueType {
  const type = graph.types.get(value);
  if (type === undefined) throw new Error(`internal: value "${value}" has no type`);
  return type;
}

/** Every value that depends on these, by default on the graph's inputs; themselves included. */
export function dependents(graph: Graph, values: readonly string[] = graph.inputs): ReadonlySet<string> {
  const found = new Set(values);
  for (const node of graph.nodes) if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) if (output !== "") found.add(output);
  return found;
}

/** The node that writes each value. */
export function producers(graph: Graph): Map<string, Node> {
  const map = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== "") map.set(output, node);
  return map;
}

/** @file Appends nodes to a graph whose shapes are all concrete; every new value gets its type at once. */
import { WhylightError } from "../errors.js";
import type { Attributes, Graph, Initializer, Node, ValueType } from "./graph.js";
import { float32, int64, toNumbers, type DType, type Tensor } from "./tensor.js";
import { inferNode } from "./infer.js";

/** A value with a concrete shape, as gradient rules and lowerings see it. */
export interface ConcreteType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * Grows a copy of `base`. Names of new values start with `prefix` and are unique.
 * Shapes must be concrete: specialise the graph first.
 */
export class GraphBuilder {
  readonly #nodes: Node[];
  readonly #initializers: Map<string, Initializer>;
  readonly #types: Map<string, ValueType>;
  readonly #inputs: string[];
  readonly #constants = new Map<string, string>();
  readonly #base: Graph;
  readonly #prefix: string;
  #next = 0;

  constructor(base: Graph, prefix: string) {
    this.#base = base;
    this.#prefix = prefix;
    this.#nodes = [...base.nodes];
    this.#initializers = new Map(base.initializers);
    this.#types = new Map(base.types);
    this.#inputs = [...base.inputs];
  }

  /** Adds a node and returns its first output's name. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.addMany(op, inputs, attributes, 1)[0]!;
  }

  /** Adds a node with several outputs. */
  addMany(op: string, inputs: readonly string[], attributes: Attributes, count: number): readonly string[] {
    const name = this.#fresh(op);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    const node: Node = { op, name, inputs, outputs, attributes };
    const types = inferNode(node, (value) => this.#types.get(value), (value) => this.#constant(value));
    outputs.forEach((output, i) => this.#types.set(output, types[i]!));
    this.#nodes.push(node);
    return outputs;
  }

  /** Takes over a node as it is; its outputs keep their names and get their types anew. */
  copy(node: Node): void {
    const types = inferNode(node, (value) => this.#types.get(value), (value) => this.#constant(value));
    node.outputs.forEach((output, i) => { if (output !== "") this.#types.set(output, types[i]!); });
    this.#nodes.push(node);
  }

  /** The node that writes a value. */
  producer(value: string): Node | undefined {
    return this.#nodes.find((node) => node.outputs.includes(value));
  }

  /** Puts `node` in the place of the node that wrote its first output. */
  replace(node: Node): void {
    const at = this.#nodes.findIndex((candidate) => candidate.outputs[0] === node.outputs[0]);
    this.#nodes.splice(at, 1);
    const after = this.#nodes.splice(at);
    this.copy(node);
    this.#nodes.push(...after);
  }

  /** Gives a value another name, by an `Identity`; returns that name. */
  rename(value: string, name: string): string {
    this.copy({ op: "Identity", name, inputs: [value], outputs: [name], attributes: {} });
    return name;
  }

  /** A graph input of the given type. */
  input(name: string, type: ConcreteType): string {
    this.#inputs.push(name);
    this.#types.set(name, type);
    return name;
  }

  /** An int64 constant; equal ones are shared. */
  ints(values: readonly number[]): string {
    return this.#shared(`i${values.join(",")}`, () => int64([values.length], values));
  }

  /** A float scalar; equal ones are shared. */
  scalar(value: number): string {
    return this.#shared(`f${value}`, () => float32([], [value]));
  }

  /** Any constant. */
  constant(tensor: Tensor): string {
    const name = this.#fresh("constant");
    this.#initializers.set(name, tensor);
    this.#types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
    return name;
  }

  /** The type of a value; throws when its shape is not concrete. */
  type(value: string): ConcreteType {
    const type = this.#types.get(value);
    if (type?.shape === undefined || !type.shape.every((dim) => typeof dim === "number")) throw new Error(`internal: "${value}" has no concrete shape`);
    return type as ConcreteType;
  }

  /** The only element of a constant held in memory; `undefined` for anything else. */
  constantValue(value: string): number | undefined {
    const tensor = this.#constant(value);
    return tensor?.data.length === 1 ? toNumbers(tensor)[0] : undefined;
  }

  /** The elements of a constant held in memory; shapes, axes and pads are, once a graph is specialised. */
  constantNumbers(value: string): readonly number[] {
    const tensor = this.#constant(value);
    if (tensor === undefined) throw new WhylightError("shapeUnknown", { op: "constant", node: value });
    return toNumbers(tensor);
  }

  /** Whether `constantNumbers` knows a value. */
  isConstant(value: string): boolean {
    return this.#constant(value) !== undefined;
  }

  shape(value: string): readonly number[] {
    return this.type(value).shape;
  }

  /** The grown graph with these outputs. */
  build(outputs: readonly string[]): Graph {
    return { ...this.#base, inputs: this.#inputs, outputs, nodes: this.#nodes, initializers: this.#initializers, types: this.#types };
  }

  #constant(value: string): Tensor | undefined {
    const initializer = this.#initializers.get(value);
    return initializer !== undefined && "data" in initializer ? initializer : undefined;
  }

  #shared(key: string, make: () => Tensor): string {
    const known = this.#constants.get(key) ?? this.constant(make());
    this.#constants.set(key, known);
    return known;
  }

  #fresh(hint: string): string {
    let name: string;
    do name = `${this.#prefix}${hint}_${this.#next++}`; while (this.#types.has(name));
    return name;
  }
}

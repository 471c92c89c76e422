/** @file Walks a graph once, finding the type of every value and the elements of those that depend on constants only. */
import { WhylightError } from "../errors.js";
import { isInMemory, type Graph, type Initializer, type Node, type ValueType } from "../ir/graph.js";
import { inferNode } from "../ir/infer.js";
import { isOp } from "../ir/ops.js";
import { isConcrete, normalizeAxis, type Dim, type Shape } from "../ir/shape.js";
import { numberOf, textOf } from "../ir/attributes.js";
import { sizeOf, toNumbers, type Tensor } from "../ir/tensor.js";
import { kernels, runNode } from "../reference/interpreter.js";
import { fromTensor, toTensor } from "../reference/ndArray.js";

/** Larger constants are left to the runtime, which computes them once when it compiles. */
const foldLimit = 1 << 16;

export interface Propagated {
  readonly types: Map<string, ValueType>;
  /** Values known now, small enough to keep: initializers in memory and what follows from them. */
  readonly constants: Map<string, Tensor>;
}

/** Operators that read their input's shape and none of its elements. */
const shapeOnly = new Set(["Shape", "Size", "EyeLike"]);

/** How symbols move through the operators exporters use on shapes. */
const dimRules: Readonly<Record<string, (node: Node, inputs: readonly (readonly Dim[] | undefined)[], shape: Shape | undefined) => readonly Dim[] | undefined>> = {
  Shape: (node, _, shape) => shape?.slice(numberOf(node, "start", 0), node.attributes["end"] === undefined ? undefined : numberOf(node, "end", 0)),
  Gather: (_, [data, at]) => (data && at?.every((i) => typeof i === "number") ? at.map((i) => data[normalizeAxis(i as number, data.length)]!) : undefined),
  Slice: (_, [data, start, end, , step]) => (data && typeof start?.[0] === "number" && typeof end?.[0] === "number" && (step?.[0] ?? 1) === 1 ? data.slice(start[0], end[0]) : undefined),
  Concat: (_, inputs) => (inputs.every((dims) => dims !== undefined) ? inputs.flatMap((dims) => dims!) : undefined),
  Unsqueeze: (_, [data]) => data,
  Squeeze: (_, [data]) => data,
  Identity: (_, [data]) => data,
  Cast: (_, [data]) => data,
  Reshape: (_, [data]) => data,
  Add: (_, [a, b]) => combined(a, b, "+"),
  Sub: (_, [a, b]) => combined(a, b, "-"),
  Mul: (_, [a, b]) => combined(a, b, "*"),
  ReduceProd: (_, [data]) => data && short([data.reduce((product, dim) => combine(product, dim, "*"), 1)]),
};

const longestSymbol = 256;

/** Sizes computed from symbols are symbols; equal sums give equal ones. */
function combine(left: Dim, right: Dim, sign: "+" | "-" | "*"): Dim {
  if (sign === "*" && (left === 1 || right === 1)) return left === 1 ? right : left;
  if (typeof left === "string" || typeof right === "string") return `${left}${sign}${right}`;
  return sign === "+" ? left + right : sign === "-" ? left - right : left * right;
}

function combined(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined, sign: "+" | "-" | "*"): readonly Dim[] | undefined {
  if (a === undefined || b === undefined || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  return short(Array.from({ length: Math.max(a.length, b.length) }, (_, i) => combine(a[a.length === 1 ? 0 : i]!, b[b.length === 1 ? 0 : i]!, sign)));
}

/** A value added to itself over and over must not become a text that fills the memory. */
function short(dims: readonly Dim[]): readonly Dim[] | undefined {
  return dims.every((dim) => typeof dim === "number" || dim.length <= longestSymbol) ? dims : undefined;
}

/** What is known of values while nodes are added one by one. */
export class Propagation implements Propagated {
  readonly types = new Map<string, ValueType>();
  readonly constants = new Map<string, Tensor>();
  readonly #dims = new Map<string, readonly Dim[]>();

  input(name: string, type: ValueType): void {
    this.types.set(name, type);
  }

  initializer(name: string, initializer: Initializer): void {
    this.types.set(name, { dtype: initializer.dtype, shape: initializer.shape });
    if (isInMemory(initializer)) this.constants.set(name, initializer);
  }

  /** The elements of a short value, where some may be symbols: what `Shape` of a symbolic dimension gives. `undefined` where they are not known. */
  dimsOf(value: string): readonly Dim[] | undefined {
    const known = this.constants.get(value);
    return known && known.data.length <= 64 ? toNumbers(known) : this.#dims.get(value);
  }

  /** Adds a node, whose inputs were added before. Throws what the shape rules throw. */
  node(node: Node): void {
    if (!isOp(node.op)) throw new WhylightError("opUnsupported", { op: node.op, node: node.name });
    const { types, constants } = this;
    const inferred = inferNode(node, (value) => types.get(value), (value) => constants.get(value), (value) => this.dimsOf(value));
    node.outputs.forEach((output, i) => { if (output !== "") types.set(output, inferred[i]!); });
    const folded = fold(node, inferred, constants, types);
    if (folded) node.outputs.forEach((output, i) => { if (output !== "") constants.set(output, folded[i]!); });
    else {
      const moved = dimRules[node.op]?.(node, node.inputs.map((input) => this.dimsOf(input)), types.get(node.inputs[0]!)?.shape);
      if (moved && node.outputs[0] !== "") this.#dims.set(node.outputs[0]!, moved);
    }
  }
}

/** Infers every type, starting from the graph's inputs, whose types may be replaced by `shapes`. Throws what the shape rules throw. */
export function propagate(graph: Graph, shapes: Readonly<Record<string, readonly number[]>> = {}): Propagated {
  const propagation = new Propagation();
  for (const input of graph.inputs) propagation.input(input, { dtype: graph.types.get(input)!.dtype, shape: shapes[input] ?? graph.types.get(input)!.shape });
  for (const [name, initializer] of graph.initializers) propagation.initializer(name, initializer);
  for (const node of graph.nodes) propagation.node(node);
  return propagation;
}

/** Whether the interpreter's float64 holds every 64-bit integer of a tensor; the largest and smallest come back as they were. */
function isExactAsNumber({ data }: Tensor): boolean {
  return !(data instanceof BigInt64Array || data instanceof BigUint64Array) || (data as Iterable<bigint> & { every(check: (value: bigint) => boolean): boolean }).every((value) => BigInt(Number(value)) === value || value === 2n ** 63n - 1n);
}

/** The node's outputs, when they depend on known elements only and are small. */
function fold(node: Node, types: readonly ValueType[], constants: ReadonlyMap<string, Tensor>, known: ReadonlyMap<string, ValueType>): readonly Tensor[] | undefined {
  if (!types.every(({ shape }) => isConcrete(shape) && sizeOf(shape) <= foldLimit)) return undefined;
  // Kernels want windows written out, which follows once the shapes are known.
  if (textOf(node, "auto_pad", "NOTSET") !== "NOTSET" || node.attributes["output_shape"] !== undefined) return undefined;
  if (!Object.hasOwn(kernels, node.op) || node.attributes["layout"] === 1) return undefined;
  const source = known.get(node.inputs[0] ?? "");
  if (shapeOnly.has(node.op) && isConcrete(source?.shape)) return runNode(node, [{ dtype: source.dtype, shape: source.shape, data: new Float64Array() }]).map((array) => toTensor(array));
  // The bounds of a slice are clamped: what they lose beyond 2^53 changes nothing.
  const isExact = (input: string, i: number) => (node.op === "Slice" && i > 0) || isExactAsNumber(constants.get(input)!);
  if (!node.inputs.every((input, i) => input === "" || (constants.has(input) && isExact(input, i)))) return undefined;
  return runNode(node, node.inputs.map((input) => (input === "" ? undefined : fromTensor(constants.get(input)!)))).map((array) => toTensor(array));
}

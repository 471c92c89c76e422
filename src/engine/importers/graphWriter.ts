/** @file Writes the graph of a model whose files hold weights and a description, but no graph. */
import { WhylightError } from "../errors.js";
import { isInMemory, type Attributes, type Graph, type Initializer, type Node, type ValueType } from "../ir/graph.js";
import { isOp } from "../ir/ops.js";
import { float32, int64, toFloat32, type DType } from "../ir/tensor.js";
import type { Dim } from "../ir/shape.js";
import { infer } from "../passes/specialize.js";
import { weightsOf, type Weights } from "./weights.js";

/** Types that are computed in single precision: their elements stay as they are in the file and are widened when loaded. */
const widened = new Set<DType>(["float16", "bfloat16", "float64"]);

/**
 * Collects nodes, whose shapes may be symbolic. Values are called by the module that makes them, as the model's own library calls it ("layer4.1.conv2"),
 * since that is the name by which people ask for a layer: `within("layer4")` puts a scope around what is written in it.
 */
export class GraphWriter {
  readonly weights: Weights;
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #types = new Map<string, ValueType>();
  readonly #inputs: string[] = [];
  readonly #outputs: string[] = [];
  readonly #taken = new Set<string>();
  /** Names of initializers that are the checkpoint's. */
  readonly #ofCheckpoint = new Set<string>();
  #scope = "";

  constructor(name: string, weights: Weights = weightsOf("", new Map())) {
    this.#name = name;
    this.weights = weights;
  }

  /** The scope now, "" outside of all. */
  get scope(): string {
    return this.#scope;
  }

  /** Runs `write` with `scope` added to the names of values and weights. */
  within<Result>(scope: string, write: () => Result): Result {
    const outer = this.#scope;
    this.#scope = this.path(scope);
    try {
      return write();
    } finally {
      this.#scope = outer;
    }
  }

  /** A name inside the scope; "" is the scope itself. */
  path(name: string): string {
    return this.#scope === "" ? name : name === "" ? this.#scope : `${this.#scope}.${name}`;
  }

  /** A graph input; symbols such as "batch" stand for sizes left open. Throws `modelCorrupt` for a name that is taken. */
  input(name: string, dtype: DType, shape: readonly Dim[]): string {
    if (this.#taken.has(name)) throw new WhylightError("modelCorrupt", { path: this.weights.path, reason: `it names the input ${name} twice` });
    this.#inputs.push(name);
    this.#types.set(name, { dtype, shape });
    this.#taken.add(name);
    return name;
  }

  /** Makes a value an output of the graph, under this name. */
  output(value: string, name: string): void {
    if (value !== name) this.#nodes.push({ op: "Identity", name, inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push(name);
  }

  /** Adds a node and returns its first output's name. `module` is the name of the module whose result this is, inside the scope; without it the name follows from the operator. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}, module?: string): string {
    return this.addMany(op, inputs, attributes, 1, module)[0]!;
  }

  /** Adds a node with several outputs. */
  addMany(op: string, inputs: readonly string[], attributes: Attributes, count: number, module?: string): readonly string[] {
    if (!isOp(op)) throw new Error(`internal: "${op}" is no operator`);
    const name = this.#unique(module === undefined ? `${this.#scope}/${op}` : this.path(module));
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : this.#unique(`${name}:${i}`)));
    this.#nodes.push({ op, name, inputs, outputs, attributes });
    return outputs;
  }

  /** Calls a value that a node has just made by a module's name inside the scope; returns the name it got. Values that nobody made here keep theirs. */
  rename(value: string, module: string): string {
    const at = this.#nodes.findLastIndex(({ outputs }) => outputs.includes(value));
    if (at < 0 || value === this.path(module)) return value;
    const name = this.#unique(this.path(module));
    const renamed = (names: readonly string[]) => names.map((old) => (old === value ? name : old));
    for (let i = at; i < this.#nodes.length; i++) {
      const node = this.#nodes[i]!;
      this.#nodes[i] = { ...node, inputs: renamed(node.inputs), outputs: renamed(node.outputs), name: i === at ? name : node.name };
    }
    return name;
  }

  /** Whether the checkpoint has a weight of this name in the scope. */
  has(name: string): boolean {
    return this.weights.get(this.path(name)) !== undefined;
  }

  /** The shape of a weight in the scope; `undefined` where the checkpoint lacks it. */
  shapeOf(name: string): readonly number[] | undefined {
    return this.weights.get(this.path(name))?.shape;
  }

  /**
   * A weight of the checkpoint, by its name in the scope; the graph refers to it where it lies. Floats of other widths become float32.
   * Throws `modelCorrupt` when it is missing, or has another shape than `shape`, where -1 stands for any size.
   */
  weight(name: string, shape?: readonly number[]): string {
    const path = this.path(name);
    const found = this.weights.get(path);
    if (found === undefined) throw new WhylightError("modelCorrupt", { path: this.weights.path, reason: `the weight ${path} is missing` });
    if (shape && (shape.length !== found.shape.length || shape.some((size, axis) => size !== -1 && size !== found.shape[axis]))) {
      throw new WhylightError("modelCorrupt", { path: this.weights.path, reason: `the weight ${path} has the shape [${found.shape.join(", ")}], not [${shape.join(", ").replaceAll("-1", "any")}]` });
    }
    this.#ofCheckpoint.add(path);
    return this.initializer(path, found);
  }

  /** Whether an initializer is the checkpoint's own. */
  readonly isWeight = (name: string): boolean => this.#ofCheckpoint.has(name);

  /** An initializer from elsewhere than the checkpoint, under a name of its own. Adding it again under the same name gives the same. */
  initializer(name: string, initializer: Initializer): string {
    if (!this.#initializers.has(name)) {
      this.#taken.add(name);
      this.#initializers.set(name, widen(initializer));
    }
    return name;
  }

  /** An int64 vector; equal ones are shared. */
  ints(values: readonly number[]): string {
    return this.initializer(`ints[${values.join(",")}]`, int64([values.length], values));
  }

  /** An int64 scalar. */
  int(value: number): string {
    return this.initializer(`int(${value})`, int64([], [value]));
  }

  /** A float32 scalar; equal ones are shared. */
  scalar(value: number): string {
    return this.initializer(`scalar(${value})`, float32([], [value]));
  }

  /** Any constant, under a fresh name. */
  constant(hint: string, initializer: Initializer): string {
    return this.initializer(this.#unique(this.path(hint)), initializer);
  }

  /** The graph, with every type that can be known. Throws `shapeMismatch` where shapes do not fit. */
  build(): Graph {
    const used = new Set(this.#nodes.flatMap(({ inputs }) => inputs));
    const initializers = new Map([...this.#initializers].filter(([name]) => used.has(name)));
    return infer({ name: this.#name, inputs: this.#inputs, outputs: this.#outputs, nodes: this.#nodes, initializers, types: this.#types });
  }

  #unique(name: string): string {
    let unique = name;
    for (let i = 1; this.#taken.has(unique); i++) unique = `${name}_${i}`;
    this.#taken.add(unique);
    return unique;
  }
}

/** The initializer as it is computed with: floats of other widths as float32. */
export function widen(initializer: Initializer): Initializer {
  if (!widened.has(initializer.dtype)) return initializer;
  return isInMemory(initializer) ? float32(initializer.shape, toFloat32(initializer)) : { ...initializer, dtype: "float32", stored: initializer.dtype };
}

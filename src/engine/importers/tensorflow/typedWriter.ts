/** @file A graph writer that knows the types, and where possible the elements, of what is written so far: rules for TensorFlow's operators depend on them. */
import type { Attributes, Initializer, Node, ValueType } from "../../ir/graph.js";
import { type Dim, type Shape } from "../../ir/shape.js";
import { toNumbers, type DType } from "../../ir/tensor.js";
import { Propagation } from "../../passes/propagate.js";
import { GraphWriter, widen } from "../graphWriter.js";

export class TypedWriter extends GraphWriter {
  readonly #known = new Propagation();
  readonly #seen = new Set<string>();
  /** In the order in which they were written. */
  readonly nodes: Node[] = [];

  override input(name: string, dtype: DType, shape: readonly Dim[]): string {
    this.#known.input(name, { dtype, shape });
    return super.input(name, dtype, shape);
  }

  override initializer(name: string, initializer: Initializer): string {
    const written = super.initializer(name, initializer);
    if (!this.#seen.has(written)) this.#known.initializer(written, widen(initializer));
    this.#seen.add(written);
    return written;
  }

  override addMany(op: string, inputs: readonly string[], attributes: Attributes, count: number, module?: string): readonly string[] {
    const outputs = super.addMany(op, inputs, attributes, count, module);
    const node = { op, name: outputs[0]!, inputs, outputs, attributes };
    this.#known.node(node);
    this.nodes.push(node);
    return outputs;
  }

  typeOf(value: string): ValueType | undefined {
    return this.#known.types.get(value);
  }

  /** Types of everything written so far. */
  get types(): ReadonlyMap<string, ValueType> {
    return this.#known.types;
  }

  shapeOfValue(value: string): Shape | undefined {
    return this.#known.types.get(value)?.shape;
  }

  /** The elements of a value that depends on constants only and is small. */
  elements(value: string): readonly number[] | undefined {
    const tensor = this.#known.constants.get(value);
    return tensor && toNumbers(tensor);
  }

  /** Like `elements`, where some may be symbols. */
  dims(value: string): readonly Dim[] | undefined {
    return this.#known.dimsOf(value);
  }
}

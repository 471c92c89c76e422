/** @file A node's surroundings during planning, and the record of what its kernel will read. */
import type * as tfc from "@tensorflow/tfjs-core";
import { WhylightError } from "../../engine/errors.js";
import type { Graph, Node } from "../../engine/ir/graph.js";
import { normalizeAxis } from "../../engine/ir/shape.js";
import type { DType } from "../../engine/ir/tensor.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import type { TfjsBackend } from "./backend.js";
import { keyOf, type Constants, type Place } from "./constants.js";
import { toLogical, toStored, type Layout } from "./layout.js";
import type { Operand, Site } from "./lowering.js";

/** The plan so far, as far as a site looks into it. */
export interface Surroundings {
  readonly backend: TfjsBackend;
  readonly graph: Graph;
  readonly constants: Constants;
  readonly live: ReadonlyMap<string, tfc.Tensor>;
  /** A value's shape. Throws `shapeUnknown` when it is not concrete. */
  shapeOf(value: string): readonly number[];
  /** The layout a value of this rank has when `layout` is asked for. */
  layoutOf(value: string, layout: Layout): Layout;
  /** The key of a live value in a place, brought there once for all who want it so. */
  liveKey(value: string, place: Place): string;
}

/** The site of one node. */
export class NodeSite implements Site {
  readonly tf: TensorflowJs;
  readonly kind: Site["kind"];
  readonly count: number;
  /** Keys of live values the kernel reads. */
  readonly reads = new Set<string>();
  /** Keys of constants the kernel reads. */
  readonly claims = new Set<string>();
  readonly #around: Surroundings;
  readonly node: Node;
  readonly layout: Layout;

  constructor(around: Surroundings, node: Node, layout: Layout) {
    this.#around = around;
    this.node = node;
    this.layout = layout;
    this.tf = around.backend.tf;
    this.kind = around.backend.kind;
    this.count = node.inputs.length;
  }

  has(input: number): boolean {
    return (this.node.inputs[input] ?? "") !== "";
  }

  shape(input: number): readonly number[] {
    return this.#around.shapeOf(this.node.inputs[input]!);
  }

  dtype(input: number): DType {
    return this.#around.graph.types.get(this.node.inputs[input]!)!.dtype;
  }

  outputShape(output = 0): readonly number[] {
    return this.#around.shapeOf(this.node.outputs[output]!);
  }

  outputDtype(output = 0): DType {
    return this.#around.graph.types.get(this.node.outputs[output]!)!.dtype;
  }

  isConstant(input: number): boolean {
    return this.#around.constants.has(this.node.inputs[input]!);
  }

  numbers(input: number): readonly number[] | undefined {
    if (!this.has(input)) return undefined;
    if (!this.isConstant(input)) throw this.unsupported(`input ${input} is not constant`);
    return this.#around.constants.numbers(this.node.inputs[input]!);
  }

  input(input: number): Operand {
    return this.#operand(this.node.inputs[input]!, this.layout);
  }

  derive(inputs: readonly number[], key: string, make: (...tensors: tfc.Tensor[]) => tfc.Tensor): Operand {
    const { constants } = this.#around;
    const values = inputs.map((input) => this.node.inputs[input]!);
    if (values.every((value) => constants.has(value))) {
      const full = `${values.join(",")}#${key}`;
      constants.derived(values, full, make);
      return this.#constant(full);
    }
    const operands = values.map((value) => this.#operand(value, "nchw"));
    return () => make(...operands.map((operand) => operand()));
  }

  constant(key: string, make: () => tfc.Tensor): Operand {
    this.#around.constants.derived([], `#${key}`, make);
    return this.#constant(`#${key}`);
  }

  axis(axis: number, rank: number): number {
    return this.layout === "nhwc" && rank === 4 ? toLogical[normalizeAxis(axis, 4)]! : normalizeAxis(axis, rank);
  }

  stored<T>(perAxis: readonly T[]): T[] {
    return this.layout === "nhwc" && perAxis.length === 4 ? toStored.map((axis) => perAxis[axis]!) : [...perAxis];
  }

  unsupported(reason: string): WhylightError {
    return new WhylightError("opUnsupported", { op: this.node.op, node: this.node.name, reason });
  }

  #operand(value: string, layout: Layout): Operand {
    const { constants, live } = this.#around;
    if (constants.has(value)) {
      const wanted = this.#around.layoutOf(value, layout);
      constants.get(value, wanted);
      return this.#constant(keyOf(value, wanted));
    }
    const key = this.#around.liveKey(value, layout);
    this.reads.add(key);
    return () => live.get(key)!;
  }

  #constant(key: string): Operand {
    const { constants } = this.#around;
    this.claims.add(key);
    return () => constants.tensor(key);
  }
}

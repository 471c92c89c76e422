/** @file The tensors a program keeps: weights as they are needed, and everything that depends on weights only. */
import type * as tfc from "@tensorflow/tfjs-core";
import { typeOf, type Graph } from "../../engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../engine/ir/tensor.js";
import { loadInitializer } from "../../engine/ir/weights.js";
import type { ReadRange } from "../../engine/runtime.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import { toLogical, toStored, type Layout } from "./layout.js";
import { download, upload } from "./values.js";

/** Where a value is kept: on the backend in a layout, or as a plain tensor of this process. */
export type Place = Layout | "host";

/** The name under which a value is kept in a place. */
export function keyOf(value: string, place: Place): string {
  return place === "nchw" ? value : `${value}@${place}`;
}

/** Reorders a rank-4 tensor. */
export function toLayout(tf: TensorflowJs, tensor: tfc.Tensor, layout: Layout): tfc.Tensor {
  return tf.transpose(tensor, [...(layout === "nhwc" ? toStored : toLogical)]);
}

/** The elements of a value were asked for that only the backend has; `Constants.read` brings them here. */
export class NotReadYet extends Error {
  readonly value: string;

  constructor(value: string) {
    super(`internal: "${value}" has not been read back`);
    this.value = value;
  }
}

/**
 * Constant values under their keys. Weights are read when first asked for, and dropped after the node that needed them
 * unless a step claimed them, so that at most one node's worth of weights is held twice.
 */
export class Constants {
  readonly #tf: TensorflowJs;
  readonly #graph: Graph;
  readonly #readRange: ReadRange;
  readonly #tensors = new Map<string, tfc.Tensor>();
  readonly #hosts = new Map<string, Tensor>();
  readonly #claimed = new Set<string>();
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #computed = new Set<string>();

  constructor(tf: TensorflowJs, graph: Graph, readRange: ReadRange) {
    this.#tf = tf;
    this.#graph = graph;
    this.#readRange = readRange;
  }

  has(value: string): boolean {
    return this.#computed.has(value) || this.#graph.initializers.has(value);
  }

  /** Keeps a computed value; the tensor belongs to this store from now on. */
  add(value: string, layout: Layout, tensor: tfc.Tensor): void {
    this.#computed.add(value);
    this.#keep(value, keyOf(value, layout), tensor);
  }

  /** Keeps a value that the interpreter computed. */
  addHost(value: string, tensor: Tensor): void {
    this.#computed.add(value);
    this.#hosts.set(value, tensor);
  }

  /** The elements of a constant as numbers. Throws `NotReadYet`. */
  numbers(value: string): readonly number[] {
    const tensor = this.#initializer(value) ?? this.#hosts.get(value);
    if (tensor === undefined) throw new NotReadYet(value);
    return toNumbers(tensor);
  }

  /** A constant as a plain tensor, read back where only the backend has it. */
  async read(value: string): Promise<Tensor> {
    const known = this.#initializer(value) ?? this.#hosts.get(value);
    if (known !== undefined) return known;
    const tensor = await download(this.get(value, "nchw"), typeOf(this.#graph, value).dtype);
    this.#hosts.set(value, tensor);
    return tensor;
  }

  /** A constant in a layout. */
  get(value: string, layout: Layout): tfc.Tensor {
    const key = keyOf(value, layout);
    const known = this.#tensors.get(key);
    if (known !== undefined) return known;
    const other: Layout = layout === "nhwc" ? "nchw" : "nhwc";
    if (layout === "nhwc" || this.#tensors.has(keyOf(value, other))) return this.#keep(value, key, toLayout(this.#tf, this.get(value, other), layout));
    return this.#keep(value, key, upload(this.#tf, this.#hosts.get(value) ?? this.#initializer(value)!));
  }

  /** A constant made from others, shared by all who ask for the same key. */
  derived(values: readonly string[], key: string, make: (...tensors: tfc.Tensor[]) => tfc.Tensor): tfc.Tensor {
    const known = this.#tensors.get(key);
    if (known !== undefined) return known;
    const sources = values.map((value) => this.get(value, "nchw"));
    return this.#keep(values[0] ?? "", key, fresh(this.#tf.tidy(() => make(...sources)), sources));
  }

  tensor(key: string): tfc.Tensor {
    return this.#tensors.get(key)!;
  }

  /** Marks a key as needed by a step. */
  claim(key: string): void {
    this.#claimed.add(key);
  }

  /** Drops what no step claimed of these values; a computed one only when nobody `stillNeeds` it. */
  release(values: Iterable<string>, stillNeeds: (value: string) => boolean): void {
    for (const value of values) {
      if (this.#computed.has(value) && stillNeeds(value)) continue;
      this.#hosts.delete(value);
      for (const key of this.#keysOf.get(value) ?? []) if (!this.#claimed.has(key)) this.#drop(value, key);
    }
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    this.#hosts.clear();
  }

  #initializer(value: string): Tensor | undefined {
    const initializer = this.#graph.initializers.get(value);
    return initializer && loadInitializer(initializer, this.#readRange);
  }

  #keep(value: string, key: string, tensor: tfc.Tensor): tfc.Tensor {
    this.#tensors.set(key, tensor);
    const keys = this.#keysOf.get(value) ?? new Set();
    this.#keysOf.set(value, keys.add(key));
    return tensor;
  }

  #drop(value: string, key: string): void {
    this.#tensors.get(key)?.dispose();
    this.#tensors.delete(key);
    this.#keysOf.get(value)?.delete(key);
  }
}

/** A tensor that can be disposed without harm to the tensors it was made from. */
function fresh(tensor: tfc.Tensor, sources: readonly tfc.Tensor[]): tfc.Tensor {
  return sources.includes(tensor) ? tensor.clone() : tensor;
}

/** @file What layers write with: values that know their rank and where their channels stand, in a graph that keeps channels first wherever operators care. */
import { WhylightError } from "../../errors.js";
import type { Attributes } from "../../ir/graph.js";
import { float32, sizeOf } from "../../ir/tensor.js";
import { isRecord } from "../../preprocess/fields.js";
import { Channels, type Held } from "../channels.js";
import type { GraphWriter } from "../graphWriter.js";

/** A value of the model. Its axes are counted as Keras does, batch first; `first` says that the graph holds Keras's last axis at place 1. */
export interface KerasValue extends Held {
  readonly rank: number;
  /** The extents as Keras counts them, where an input or a layer that resizes states them and no other layer has changed them. */
  readonly sizes?: readonly (number | undefined)[];
}

export class KerasGraph {
  readonly writer: GraphWriter;
  /** The release that wrote the file: 2 or 3. Some functions changed their numbers. */
  readonly major: number;
  readonly #channels: Channels;

  constructor(writer: GraphWriter, major: number) {
    this.writer = writer;
    this.major = major;
    this.#channels = new Channels(writer);
  }

  /** Keras's last axis at place 1, for operators that want channels there. */
  first(x: KerasValue): string {
    return x.rank < 3 ? x.value : this.#channels.first(x, x.rank);
  }

  /** Axes in Keras's order. */
  last(x: KerasValue): string {
    return x.rank < 3 ? x.value : this.#channels.last(x, x.rank);
  }

  /** A value in Keras's order. */
  plain(value: string, rank: number): KerasValue {
    return { value, rank, first: false };
  }

  /** The input of an operator on images, and a value of its result: `channels_first` models have their channels at place 1 themselves. */
  onImages(x: KerasValue, isChannelsFirst: boolean): { readonly value: string; result(value: string): KerasValue } {
    const value = isChannelsFirst ? this.last(x) : this.first(x);
    return { value, result: (made) => ({ value: made, rank: x.rank, first: !isChannelsFirst && x.rank >= 3 }) };
  }

  /** An element-wise operator, which does not care where channels stand. */
  unary(op: string, x: KerasValue, attributes: Attributes = {}): KerasValue {
    return { ...x, value: this.writer.add(op, [x.value], attributes) };
  }

  /** An element-wise operator of several values, broadcast as Keras does: from the last axis on. */
  broadcast(op: string, values: readonly KerasValue[], attributes: Attributes = {}): KerasValue {
    const rank = Math.max(...values.map((value) => value.rank));
    const isFirst = values.some(({ first }) => first) && values.every((value) => value.rank === rank || value.rank === 0);
    const inputs = values.map((value) => (isFirst && value.rank > 0 ? this.first(value) : this.last(value)));
    return { value: this.writer.add(op, inputs, attributes), rank, first: isFirst };
  }

  scalar(value: number): KerasValue {
    return this.plain(this.writer.scalar(value), 0);
  }

  /** A number, or nested lists of numbers. Throws through `fail` for anything else. */
  constant(value: unknown, fail: (reason: string) => never): KerasValue {
    if (typeof value === "number" || typeof value === "boolean") return this.scalar(Number(value));
    const shape: number[] = [];
    for (let at: unknown = value; Array.isArray(at); at = at[0]) shape.push(at.length);
    const numbers = Array.isArray(value) ? value.flat(shape.length) as unknown[] : [];
    if (numbers.length === 0 || numbers.length !== sizeOf(shape) || !numbers.every((item) => typeof item === "number")) return fail("it has a constant that is no list of numbers");
    return this.plain(this.writer.constant("constant", float32(shape, numbers)), shape.length);
  }

  /** A weight or constant vector along Keras's last axis, in the form that broadcasts with `x`. */
  alongChannels(vector: string, x: KerasValue): string {
    return x.first ? this.writer.add("Reshape", [vector, this.writer.ints([-1, ...Array<number>(x.rank - 2).fill(1)])]) : vector;
  }

  /** Keras's axis as the graph holds `x`. */
  axisOf(x: KerasValue, axis: number): number {
    const counted = axis < 0 ? axis + x.rank : axis;
    if (!x.first || counted === 0) return counted;
    return counted === x.rank - 1 ? 1 : counted + 1;
  }
}

/** Throws `layerUnsupported` for the layer. */
export type Refuse = (reason: string) => never;

export function refuseLayer(path: string, layer: string, reason: string): never {
  throw new WhylightError("layerUnsupported", { path, layer, reason });
}

/** Whether an argument is a value of the model rather than a constant. */
export function isValue(argument: unknown): argument is KerasValue {
  return isRecord(argument) && typeof argument["value"] === "string" && typeof argument["rank"] === "number";
}

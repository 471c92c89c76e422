/** @file Channels-last models in a channels-first graph: where each value's channels stand, and turning it round only where an operator cares. */
import type { GraphWriter } from "./graphWriter.js";

/** A value of a channels-last model. `first` says that the graph holds it with its channels at axis 1, though the model means them last. */
export interface Held {
  readonly value: string;
  readonly first: boolean;
}

/** Turns values of one rank round, each at most once in each direction. */
export class Channels {
  readonly #writer: GraphWriter;
  readonly #turned = new Map<string, string>();

  constructor(writer: GraphWriter) {
    this.#writer = writer;
  }

  /** The value with its channels at axis 1, for convolutions and pooling; `rank` counts batch and channels too. */
  first(held: Held, rank: number): string {
    return held.first ? held.value : this.#turn(held.value, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
  }

  /** The value as the model means it, for reshaping and whatever else counts elements. */
  last(held: Held, rank: number): string {
    return held.first ? this.#turn(held.value, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]) : held.value;
  }

  #turn(value: string, perm: readonly number[]): string {
    const key = `${value}|${perm.join()}`;
    const known = this.#turned.get(key) ?? this.#writer.add("Transpose", [value], { perm });
    this.#turned.set(key, known);
    return known;
  }
}

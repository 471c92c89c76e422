/** @file Values of a batch that holds an image and its baseline: each row can be asked about the other. */
import type { GraphBuilder } from "../../ir/builder.js";
import { float32 } from "../../ir/tensor.js";

/** The axis along which a value holds the image's part and then the baseline's; `undefined` where it does not depend on the batch. */
export type BatchAxis = (value: string) => number | undefined;

/** Below this a difference of inputs is no ground to divide by, and the gradient stands in (Captum's 1e-10). */
export const least = 1e-10;

/** What a rule asks about the other half; one per graph that is grown, so that nothing is made twice. */
export type HalvesOf = (graph: GraphBuilder) => Halves;

/** Adds nodes that hold the two halves of a value against each other; what is asked for twice is made once. */
export class Halves {
  readonly graph: GraphBuilder;
  readonly axisOf: BatchAxis;
  readonly #swapped = new Map<string, string>();

  constructor(graph: GraphBuilder, axisOf: BatchAxis) {
    this.graph = graph;
    this.axisOf = axisOf;
  }

  /** A value of the same shape as `like`, with the two halves exchanged: where the image's part stood stands the baseline's. */
  swapped(value: string, like: string = value): string {
    const axis = this.axisOf(like);
    if (axis === undefined) return value;
    const known = this.#swapped.get(value);
    if (known !== undefined) return known;
    const half = this.graph.shape(value)[axis]! / 2;
    const order = Array.from({ length: 2 * half }, (_, i) => (i + half) % (2 * half));
    const made = this.graph.add("Gather", [value, this.graph.ints(order)], { axis });
    this.#swapped.set(value, made);
    return made;
  }

  /** The value less that of the other half: the difference at the image's rows, its negative at the baseline's. */
  difference(value: string): string {
    return this.graph.add("Sub", [value, this.swapped(value)]);
  }

  /** The mean of image and baseline, the same in both halves. */
  mean(value: string): string {
    if (this.axisOf(value) === undefined) return value;
    return this.graph.add("Mul", [this.graph.add("Add", [value, this.swapped(value)]), this.graph.scalar(0.5)]);
  }

  /** 1 at the image's rows and -1 at the baseline's, to be broadcast against the value. */
  sign(value: string): string {
    const shape = this.graph.shape(value);
    const axis = this.axisOf(value) ?? 0;
    const size = shape[axis]!;
    return this.graph.constant(float32(shape.map((_, i) => (i === axis ? size : 1)), Float32Array.from({ length: size }, (_, i) => (i < size / 2 ? 1 : -1))));
  }
}

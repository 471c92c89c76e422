/** @file What a shape rule sees of its node. */
import type { WhylightError } from "../../errors.js";
import type { Node, ValueType } from "../graph.js";
import type { Dim, Shape } from "../shape.js";
import type { DType } from "../tensor.js";

export interface ShapeContext {
  readonly node: Node;
  /** dtype of input i; float32 when it is absent. */
  dtype(i: number): DType;
  /** Shape of input i; `undefined` when absent or of unknown rank. */
  shape(i: number): Shape | undefined;
  has(i: number): boolean;
  /** The elements of input i when they are known at this point. */
  constant(i: number): readonly number[] | undefined;
  /** Like `constant`, where some elements may be symbols: what `Shape` of a symbolic dimension gives. */
  dims(i: number): readonly Dim[] | undefined;
  /** The error to throw when operands do not fit. */
  mismatch(why: string): WhylightError;
}

/** Types of all outputs of a node. A shape that cannot be known yet is `undefined`; it is never guessed. */
export type ShapeRule = (context: ShapeContext) => readonly ValueType[];

/** One output. */
export function one(dtype: DType, shape: Shape | undefined): readonly ValueType[] {
  return [{ dtype, shape }];
}

/** A size computed from a symbol is a new symbol; equal expressions give equal symbols. */
export function mapDim(dim: Dim, compute: (size: number) => number, text: (symbol: string) => string): Dim {
  return typeof dim === "number" ? compute(dim) : text(dim);
}

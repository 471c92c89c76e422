/** @file What the lowering of one node sees at compile time, and what it gives back. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { Node } from "../../engine/ir/graph.js";
import type { DType } from "../../engine/ir/tensor.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import type { Layout } from "./layout.js";

/** The kinds of backend that lowerings tell apart. */
export type BackendKind = "wasm" | "tensorflow" | "webgpu";

/** Gives the tensor of an operand; only valid while the node runs. */
export type Operand = () => tfc.Tensor;

/** Computes a node's outputs from its operands, as new tensors: never an operand itself. Runs inside `tf.tidy`. */
export type Kernel = () => tfc.Tensor | tfc.Tensor[];

/** Turns a node into a kernel. Throws `opUnsupported` for a form of the operator that no kernel covers: the interpreter runs it then. */
export type Lowering = (site: Site) => Kernel;

/** One node as its lowering sees it. Shapes are ONNX's, whatever layout the tensors have. */
export interface Site {
  readonly tf: TensorflowJs;
  readonly kind: BackendKind;
  readonly node: Node;
  /** How the node's rank-4 operands and results are stored. */
  readonly layout: Layout;
  /** The number of inputs, absent optional ones included. */
  readonly count: number;
  has(input: number): boolean;
  shape(input: number): readonly number[];
  dtype(input: number): DType;
  outputShape(output?: number): readonly number[];
  outputDtype(output?: number): DType;
  /** The elements of a constant input, or `undefined` where it is absent. Throws `opUnsupported` when it is not constant. */
  numbers(input: number): readonly number[] | undefined;
  /** Whether an input is known at compile time. */
  isConstant(input: number): boolean;
  /** An input as it is stored. */
  input(input: number): Operand;
  /** A tensor made from inputs in ONNX's order: once at compile time when they are constant, else at each run. Equal keys on equal inputs share one tensor. */
  derive(inputs: readonly number[], key: string, make: (...tensors: tfc.Tensor[]) => tfc.Tensor): Operand;
  /** A tensor made at compile time from nothing but shapes and attributes. */
  constant(key: string, make: () => tfc.Tensor): Operand;
  /** The stored position of ONNX axis `axis` (negative counts from the end) of a tensor of the given rank. */
  axis(axis: number, rank: number): number;
  /** A list with one entry per ONNX axis, in stored order. */
  stored<T>(perAxis: readonly T[]): T[];
  /** An `opUnsupported` error for this node. */
  unsupported(reason: string): Error;
}

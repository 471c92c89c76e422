/** @file One node in the interpreter, between plain tensors: what a runtime does with an operator it lacks. */
import type { Graph, Node } from "../engine/ir/graph.js";
import { typeOf } from "../engine/ir/graph.js";
import type { Tensor } from "../engine/ir/tensor.js";
import { runNode } from "../engine/reference/interpreter.js";
import { fromTensor, ndArray, toTensor, type NdArray } from "../engine/reference/ndArray.js";

/** A value of `graph` as the interpreter sees it: with the type the graph gives it, however a runtime stores it. */
export function toInterpreter(graph: Graph, value: string, tensor: Tensor): NdArray {
  return ndArray(typeOf(graph, value).dtype, tensor.shape, fromTensor(tensor).data);
}

/** The node's outputs. Throws what the kernel throws. */
export function interpretNode(node: Node, inputs: readonly (NdArray | undefined)[]): Tensor[] {
  return runNode(node, inputs).map((array) => toTensor(array));
}

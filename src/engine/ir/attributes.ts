/** @file Reading a node's attributes with ONNX's defaults. */
import type { Node } from "./graph.js";
import type { Tensor } from "./tensor.js";

/** A number attribute, or its default. */
export function numberOf(node: Node, name: string, fallback: number): number {
  const value = node.attributes[name];
  return typeof value === "number" ? value : fallback;
}

/** A list of numbers, or `undefined` when the attribute is absent. */
export function numbersOf(node: Node, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : undefined;
}

/** A text attribute, or its default. */
export function textOf(node: Node, name: string, fallback: string): string {
  const value = node.attributes[name];
  return typeof value === "string" ? value : fallback;
}

/** A tensor attribute, or `undefined` when it is absent. */
export function tensorOf(node: Node, name: string): Tensor | undefined {
  const value = node.attributes[name];
  return typeof value === "object" && "dtype" in value ? value : undefined;
}

/** The window of a convolution or pooling, every attribute explicit: one entry per spatial axis, pads `[begin..., end...]`. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** The window of `node` over `kernel`, with ONNX's defaults filled in (`auto_pad` is resolved by `windowFor`). */
export function windowOf(node: Node, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: numbersOf(node, "strides") ?? ones,
    dilations: numbersOf(node, "dilations") ?? ones,
    pads: numbersOf(node, "pads") ?? [...kernel, ...kernel].map(() => 0),
  };
}

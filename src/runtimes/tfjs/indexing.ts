/** @file Operators that read or write by index, and those that make tensors from nothing. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, tensorOf } from "../../engine/ir/attributes.js";
import { normalizeAxis } from "../../engine/ir/shape.js";
import { sizeOf, toNumbers } from "../../engine/ir/tensor.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import type { Lowering, Site } from "./lowering.js";
import { tfType } from "./values.js";

type Tensor = tfc.Tensor;

/** Indices counted from the end become ordinary ones. */
export function wrapped(tf: TensorflowJs, indices: Tensor, size: number): Tensor {
  const whole = tf.cast(indices, "int32");
  return tf.add(whole, tf.mul(tf.cast(tf.less(whole, tf.scalar(0, "int32")), "int32"), tf.scalar(size, "int32")));
}

const gather: Lowering = (site) => {
  const { tf, node } = site;
  const axis = normalizeAxis(numberOf(node, "axis", 0), site.shape(0).length);
  const size = site.shape(0)[axis]!;
  const shape = [...site.outputShape()];
  const x = site.input(0);
  const known = site.isConstant(1) ? site.numbers(1)! : [];
  if (known.length === 1) {
    // One entry is a slice, which copies runs.
    const [begin, extent] = [site.shape(0).map((_, i) => (i === axis ? (known[0]! + size) % size : 0)), site.shape(0).map((dim, i) => (i === axis ? 1 : dim))];
    return () => tf.reshape(tf.slice(x(), begin, extent), shape);
  }
  const indices = site.derive([1], `indices below ${size}`, (raw) => tf.reshape(wrapped(tf, raw, size), [raw.size]));
  return () => tf.reshape(tf.gather(x(), indices() as tfc.Tensor1D, axis), shape);
};

const oneHot: Lowering = (site) => {
  const { tf, node, kind } = site;
  const depth = site.numbers(1)![0]!;
  const [off, on] = site.numbers(2)! as [number, number];
  const rank = site.outputShape().length;
  const axis = normalizeAxis(numberOf(node, "axis", -1), rank);
  const dtype = tfType(site.outputDtype());
  const indices = site.derive([0], `indices below ${depth}`, (raw) => wrapped(tf, raw, depth));
  // From the last axis, where the kernel puts it, to where ONNX wants it.
  const order = Array.from({ length: rank }, (_, i) => (i < axis ? i : i === axis ? rank - 1 : i - 1));
  // WebGPU's kernel does not compile for values that are no integers.
  const spread = (x: Tensor) => tf.add(tf.mul(tf.cast(tf.equal(tf.expandDims(x, -1), tf.range(0, depth, 1, "int32")), "float32"), on - off), off);
  return () => tf.transpose(tf.cast(kind === "webgpu" ? spread(indices()) : tf.oneHot(indices(), depth, on, off), dtype), order);
};

/** A tensor that depends on nothing that runs. */
const fixed = (make: (site: Site) => Tensor): Lowering => (site) => () => make(site);

const shapeOf = (site: Site): Tensor => {
  const shape = site.shape(0);
  return site.tf.tensor1d(shape.slice(numberOf(site.node, "start", 0), numberOf(site.node, "end", shape.length)), "int32");
};

const rangeOf = (site: Site): Tensor => {
  const [start, step] = [site.numbers(0)![0]!, site.numbers(2)![0]!];
  return site.tf.tensor1d(Array.from({ length: site.outputShape()[0]! }, (_, i) => start + i * step), tfType(site.outputDtype()) as "float32");
};

const filled = (site: Site): Tensor => {
  const value = tensorOf(site.node, "value");
  const number = value === undefined ? 0 : toNumbers(value)[0]!;
  return site.tf.cast(site.tf.fill([...site.outputShape()], number), tfType(site.outputDtype()));
};

export const indexLowerings: Readonly<Record<string, Lowering>> = {
  Gather: gather, OneHot: oneHot,
  ConstantOfShape: fixed(filled), Range: fixed(rangeOf), Shape: fixed(shapeOf),
  Size: fixed((site) => site.tf.scalar(sizeOf(site.shape(0)), "int32")),
};

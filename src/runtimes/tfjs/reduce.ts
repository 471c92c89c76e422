/** @file Reductions, softmax and cumulative sums along axes. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, numbersOf } from "../../engine/ir/attributes.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import type { Lowering } from "./lowering.js";
import { tfType } from "./values.js";

type Tensor = tfc.Tensor;
type Reduce = (tf: TensorflowJs, x: Tensor, axes: number[], keepDims: boolean) => Tensor;

const reduction = (compute: Reduce): Lowering => (site) => {
  const { tf, node } = site;
  const rank = site.shape(0).length;
  const given = numbersOf(node, "axes") ?? site.numbers(1) ?? [];
  const x = site.input(0);
  if (given.length === 0 && numberOf(node, "noop_with_empty_axes", 0) === 1) {
    // Every element is a group of its own, of which ReduceL1 still takes the absolute value.
    return () => tf.cast(compute(tf, tf.expandDims(x(), rank), [rank], false), tfType(site.outputDtype()));
  }
  const axes = (given.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : given).map((axis) => site.axis(axis, rank));
  const keepDims = numberOf(node, "keepdims", 1) === 1;
  const dtype = tfType(site.outputDtype());
  return () => tf.cast(compute(tf, x(), axes, keepDims), dtype);
};

const argument = (name: "argMax" | "argMin"): Lowering => (site) => {
  const { tf, node } = site;
  if (numberOf(node, "select_last_index", 0) === 1) throw site.unsupported("select_last_index");
  const axis = site.axis(numberOf(node, "axis", 0), site.shape(0).length);
  const keepDims = numberOf(node, "keepdims", 1) === 1;
  const x = site.input(0);
  return () => (keepDims ? tf.expandDims(tf[name](x(), axis), axis) : tf[name](x(), axis));
};

/** TensorFlow.js knows the last axis only. */
const alongLast = (compute: (tf: TensorflowJs, x: Tensor) => Tensor): Lowering => (site) => {
  const { tf, node } = site;
  const rank = site.shape(0).length;
  const axis = site.axis(numberOf(node, "axis", -1), rank);
  const x = site.input(0);
  if (axis === rank - 1) return () => compute(tf, x());
  const swap = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  return () => tf.transpose(compute(tf, tf.transpose(x(), swap)), swap);
};

const cumulativeSum: Lowering = (site) => {
  const { tf, node } = site;
  const axis = site.axis(site.numbers(1)![0]!, site.shape(0).length);
  const [exclusive, reverse] = [numberOf(node, "exclusive", 0) === 1, numberOf(node, "reverse", 0) === 1];
  const x = site.input(0);
  return () => tf.cumsum(x(), axis, exclusive, reverse);
};

export const reduceLowerings: Readonly<Record<string, Lowering>> = {
  ReduceMean: reduction((tf, x, axes, keep) => tf.mean(x, axes, keep)),
  ReduceSum: reduction((tf, x, axes, keep) => tf.sum(x, axes, keep)),
  ReduceMax: reduction((tf, x, axes, keep) => tf.max(x, axes, keep)),
  ReduceMin: reduction((tf, x, axes, keep) => tf.min(x, axes, keep)),
  // WebGPU's kernel forgets to keep the axes.
  ReduceProd: reduction((tf, x, axes, keep) => tf.reshape(tf.prod(x, axes), x.shape.flatMap((dim, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [dim])))),
  ReduceL1: reduction((tf, x, axes, keep) => tf.sum(tf.abs(x), axes, keep)),
  ReduceL2: reduction((tf, x, axes, keep) => tf.sqrt(tf.sum(tf.square(x), axes, keep))),
  ReduceSumSquare: reduction((tf, x, axes, keep) => tf.sum(tf.square(x), axes, keep)),
  ReduceLogSum: reduction((tf, x, axes, keep) => tf.log(tf.sum(x, axes, keep))),
  ReduceLogSumExp: reduction((tf, x, axes, keep) => tf.logSumExp(x, axes, keep)),
  ArgMax: argument("argMax"), ArgMin: argument("argMin"),
  Softmax: alongLast((tf, x) => tf.softmax(x)),
  LogSoftmax: alongLast((tf, x) => tf.logSoftmax(x)),
  CumSum: cumulativeSum,
};

/** @file Kernels of reductions along axes. */
import { numberOf } from "../../ir/attributes.js";
import { normalizeAxis, stridesOf } from "../../ir/shape.js";
import { ndArray, ndArrayOf, stridedOffsets, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

/** Offsets of the kept positions, and of the elements of one reduced group relative to its position. */
function groups(x: NdArray, axes: readonly number[]): { kept: Int32Array; within: Int32Array } {
  const strides = stridesOf(x.shape);
  const isReduced = x.shape.map((_, axis) => axes.includes(axis));
  const select = (wanted: boolean) => {
    const chosen = x.shape.map((_, axis) => axis).filter((axis) => isReduced[axis] === wanted);
    return stridedOffsets(chosen.map((axis) => x.shape[axis]!), chosen.map((axis) => strides[axis]!), 0);
  };
  return { kept: select(false), within: select(true) };
}

const reduce = (compute: (values: Float64Array) => number): Kernel => (node, inputs, types) => {
  const x = required(inputs, 0);
  const given = inputs[1] ? Array.from(inputs[1].data) : [];
  // With `noop_with_empty_axes` each element is a group of its own: nothing is summed, but ReduceSumSquare still squares.
  const isWhole = given.length === 0 && numberOf(node, "noop_with_empty_axes", 0) === 0;
  const axes = isWhole ? x.shape.map((_, axis) => axis) : given.map((axis) => normalizeAxis(axis, x.shape.length));
  const { kept, within } = groups(x, axes);
  const y = ndArrayOf(types[0]!);
  const values = new Float64Array(within.length);
  kept.forEach((from, i) => {
    within.forEach((offset, k) => { values[k] = x.data[from + offset]!; });
    y.data[i] = compute(values);
  });
  return [y];
};

const argReduce = (better: (a: number, b: number) => boolean): Kernel => (node, inputs, types) => {
  const x = required(inputs, 0);
  const { kept, within } = groups(x, [normalizeAxis(numberOf(node, "axis", 0), x.shape.length)]);
  const last = numberOf(node, "select_last_index", 0) === 1;
  const y = ndArray("int64", ndArrayOf(types[0]!).shape);
  kept.forEach((from, i) => {
    let best = 0;
    within.forEach((offset, k) => {
      const [value, champion] = [x.data[from + offset]!, x.data[from + within[best]!]!];
      if (better(value, champion) || (last && value === champion)) best = k;
    });
    y.data[i] = best;
  });
  return [y];
};

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
const max = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), -Infinity);

export const reduceKernels: Readonly<Record<string, Kernel>> = {
  ReduceSum: reduce(sum),
  ReduceMean: reduce((values) => sum(values) / values.length),
  ReduceMax: reduce(max),
  ReduceMin: reduce((values) => values.reduce((a, b) => Math.min(a, b), Infinity)),
  ReduceProd: reduce((values) => values.reduce((a, b) => a * b, 1)),
  ReduceL1: reduce((values) => sum(values.map(Math.abs))),
  ReduceL2: reduce((values) => Math.sqrt(sum(values.map((value) => value * value)))),
  ReduceSumSquare: reduce((values) => sum(values.map((value) => value * value))),
  ReduceLogSum: reduce((values) => Math.log(sum(values))),
  ReduceLogSumExp: reduce((values) => { const top = max(values); return top + Math.log(sum(values.map((value) => Math.exp(value - top)))); }),
  ArgMax: argReduce((a, b) => a > b),
  ArgMin: argReduce((a, b) => a < b),
};

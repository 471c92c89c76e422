/** @file Operators that read or add elements at places computed from index tensors. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, textOf } from "../../engine/ir/attributes.js";
import { normalizeAxis, stridesOf } from "../../engine/ir/shape.js";
import { isFloat, sizeOf } from "../../engine/ir/tensor.js";
import { broadcastFull } from "./broadcast.js";
import { wrapped } from "./indexing.js";
import type { Lowering, Operand, Site } from "./lowering.js";

type Tensor = tfc.Tensor;

/** Where each index of `GatherElements` and `ScatterElements` points in the flattened data. */
function flatPlaces(site: Site): Operand {
  const { tf, node } = site;
  const [shape, from] = [site.shape(0), site.shape(1)];
  const axis = normalizeAxis(numberOf(node, "axis", 0), shape.length);
  const [strides, own] = [stridesOf(shape), stridesOf(from)];
  const size = sizeOf(from);
  const base = site.constant(`places ${axis} ${shape.join()} ${from.join()}`, () => tf.tensor1d(Int32Array.from({ length: size }, (_, i) =>
    from.reduce((at, extent, k) => at + (k === axis ? 0 : (Math.floor(i / own[k]!) % extent) * strides[k]!), 0)), "int32"));
  const indices = site.derive([1], `indices below ${shape[axis]!}`, (raw) => tf.reshape(wrapped(tf, raw!, shape[axis]!), [size]));
  return () => tf.add(base(), tf.mul(indices(), tf.scalar(strides[axis]!, "int32")));
}

const gatherElements: Lowering = (site) => {
  const { tf } = site;
  const [x, places] = [site.input(0), flatPlaces(site)];
  const shape = [...site.outputShape()];
  return () => tf.reshape(tf.gather(tf.reshape(x(), [-1]), places() as tfc.Tensor1D), shape);
};

/** What a shader can step through with an index of its own. */
const longestTuple = 4;

/** Tuples of indices, those that count from the end made ordinary. */
function tuples(site: Site): Operand {
  const { tf, kind } = site;
  const depth = site.shape(1).at(-1)!;
  if (kind === "webgpu" && depth > longestTuple) throw site.unsupported(`tuples of ${depth} indices`);
  const sizes = site.shape(0).slice(0, depth);
  return site.derive([1], `tuples below ${sizes.join()}`, (raw) => {
    const whole = tf.cast(raw!, "int32");
    return tf.add(whole, tf.mul(tf.cast(tf.less(whole, tf.scalar(0, "int32")), "int32"), tf.tensor1d(sizes, "int32")));
  });
}

const gatherNd: Lowering = (site) => {
  const { tf, node } = site;
  if (numberOf(node, "batch_dims", 0) !== 0) throw site.unsupported("batch_dims");
  const [x, indices] = [site.input(0), tuples(site)];
  const shape = [...site.outputShape()];
  return () => tf.reshape(tf.gatherND(x(), indices()), shape);
};

/** Kernels add updates of one place up, and know no other way to join them. */
const adding = (scatter: (site: Site) => () => Tensor): Lowering => (site) => {
  const { tf, node } = site;
  const reduction = textOf(node, "reduction", "none");
  if (reduction !== "add" || !isFloat(site.outputDtype())) throw site.unsupported(`the reduction "${reduction}"`);
  const [x, sums] = [site.input(0), scatter(site)];
  return () => tf.add(x(), sums());
};

const scatterElements = adding((site) => {
  const { tf } = site;
  const [places, updates, shape] = [flatPlaces(site), site.input(2), site.shape(0)];
  return () => tf.reshape(tf.scatterND(tf.expandDims(places(), 1), tf.reshape(updates(), [-1]), [sizeOf(shape)]), [...shape]);
});

const scatterNd = adding((site) => {
  const { tf } = site;
  const [indices, updates, shape] = [tuples(site), site.input(2), [...site.shape(0)]];
  return () => tf.scatterND(indices(), updates(), shape);
});

/** One triangle of each matrix. */
const trilu: Lowering = (site) => {
  const { tf, node, kind } = site;
  const shape = site.shape(0);
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  const diagonal = site.numbers(1)?.[0] ?? 0;
  const isUpper = numberOf(node, "upper", 1) === 1;
  const isKept = (i: number) => (isUpper ? (i % columns) - Math.floor(i / columns) >= diagonal : (i % columns) - Math.floor(i / columns) <= diagonal);
  const aligned = [...shape.slice(2).map(() => 1), rows, columns];
  const mask = site.constant(`triangle ${rows} ${columns} ${diagonal} ${isUpper}`, () => tf.tensor(Uint8Array.from({ length: rows * columns }, (_, i) => (isKept(i) ? 1 : 0)), [rows, columns], "bool"));
  const x = site.input(0);
  return () => tf.where(broadcastFull(tf, kind, tf.reshape(mask(), aligned), shape), x(), tf.zerosLike(x()));
};

const topK: Lowering = (site) => {
  const { tf, node } = site;
  const rank = site.shape(0).length;
  const isLargest = numberOf(node, "largest", 1) === 1;
  if (normalizeAxis(numberOf(node, "axis", -1), rank) !== rank - 1 || !isLargest) throw site.unsupported(isLargest ? "an axis that is not the last" : "the smallest");
  const count = site.numbers(1)![0]!;
  const x = site.input(0);
  return () => {
    // Of one entry WebGPU's kernel gives the operand itself.
    const { values, indices } = tf.topk(x().clone(), count, true);
    return node.outputs.length === 1 ? values : [values, indices];
  };
};

export const placeLowerings: Readonly<Record<string, Lowering>> = {
  GatherElements: gatherElements, GatherND: gatherNd, ScatterElements: scatterElements, ScatterND: scatterNd, Trilu: trilu, TopK: topK,
};

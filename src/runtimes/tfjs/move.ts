/** @file Operators that only move elements. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, numbersOf, textOf } from "../../engine/ir/attributes.js";
import { normalizeAxis } from "../../engine/ir/shape.js";
import { broadcastFull } from "./broadcast.js";
import { everyNth } from "./convolve.js";
import { toLogical, toStored } from "./layout.js";
import { splitInto } from "./splitInto.js";
import type { Lowering, Site } from "./lowering.js";

type Tensor = tfc.Tensor;

const reshape: Lowering = (site) => {
  const { tf } = site;
  const shape = [...site.outputShape()];
  const x = site.input(0);
  return () => tf.reshape(x(), shape);
};

const transpose: Lowering = (site) => {
  const { tf, node, layout } = site;
  const rank = site.shape(0).length;
  const perm = numbersOf(node, "perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  // The layout rule keeps one side in ONNX's order: reading from, or writing to, the stored order is part of the permutation.
  const fromStored = layout === "nhwc" ? perm.map((axis) => toLogical[axis]!) : perm;
  const isStoredAfter = layout === "nchw" && rank === 4 && perm.every((axis, i) => axis === toLogical[i]);
  const order = isStoredAfter ? toStored.map((axis) => perm[axis]!) : fromStored;
  const x = site.input(0);
  return order.every((axis, i) => axis === i) ? () => x().clone() : () => tf.transpose(x(), [...order]);
};

const concat: Lowering = (site) => {
  const { tf, node } = site;
  const axis = site.axis(numberOf(node, "axis", 0), site.outputShape().length);
  // Empty tensors take part in ONNX's Concat and contribute nothing.
  const parts = Array.from({ length: site.count }, (_, i) => i).filter((i) => !site.shape(i).includes(0)).map((i) => site.input(i));
  if (parts.length === 0) return () => tf.zeros(site.stored(site.outputShape()));
  return () => tf.concat(parts.map((part) => part()), axis);
};

const split: Lowering = (site) => {
  const { tf, node } = site;
  const rank = site.shape(0).length;
  const axis = normalizeAxis(numberOf(node, "axis", 0), rank);
  const sizes = node.outputs.map((_, i) => site.outputShape(i)[axis]!);
  const x = site.input(0);
  const stored = site.axis(axis, rank);
  return () => splitInto(tf, x(), sizes, stored);
};

/** One axis of a Slice, clamped as ONNX says. */
interface SliceAxis {
  readonly axis: number;
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

function sliceAxes(site: Site): SliceAxis[] {
  const shape = site.shape(0);
  const [starts, ends] = [site.numbers(1)!, site.numbers(2)!];
  const axes = site.numbers(3) ?? starts.map((_, i) => i);
  const steps = site.numbers(4) ?? starts.map(() => 1);
  return axes.map((given, i): SliceAxis => {
    const axis = normalizeAxis(given, shape.length);
    const [size, step] = [shape[axis]!, steps[i]!];
    const fromEnd = (at: number) => (at < 0 ? at + size : at);
    const clamp = (at: number, low: number, high: number) => Math.max(low, Math.min(high, at));
    const start = step > 0 ? clamp(fromEnd(starts[i]!), 0, size) : clamp(fromEnd(starts[i]!), 0, size - 1);
    const end = step > 0 ? clamp(fromEnd(ends[i]!), 0, size) : clamp(fromEnd(ends[i]!), -1, size - 1);
    return { axis: site.axis(axis, shape.length), start, count: Math.max(0, Math.ceil((end - start) / step)), step };
  });
}

const slice: Lowering = (site) => {
  const { tf } = site;
  const slices = sliceAxes(site);
  const output = site.stored(site.outputShape());
  const x = site.input(0);
  return () => {
    const tensor = x();
    if (output.includes(0)) return tf.tensor([], output, tensor.dtype);
    const [begin, size] = [tensor.shape.map(() => 0), [...tensor.shape]];
    for (const { axis, start, count, step } of slices) {
      // The range that holds every wanted entry; a negative step walks it backwards afterwards.
      const span = (count - 1) * Math.abs(step) + 1;
      begin[axis] = step > 0 ? start : start - span + 1;
      size[axis] = span;
    }
    let result = tf.slice(tensor, begin, size);
    for (const { axis, step } of slices) result = everyNth(tf, step < 0 ? tf.reverse(result, axis) : result, axis, Math.abs(step));
    return result;
  };
};

const pad: Lowering = (site) => {
  const { tf, node } = site;
  const mode = textOf(node, "mode", "constant");
  const rank = site.shape(0).length;
  const amounts = site.numbers(1)!;
  const axes = site.numbers(3) ?? Array.from({ length: rank }, (_, i) => i);
  const edges = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  axes.forEach((given, i) => (edges[normalizeAxis(given, rank)] = [amounts[i]!, amounts[i + axes.length]!]));
  const stored = site.stored(edges);
  const grown = stored.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  const size = site.stored(site.outputShape());
  const isCropped = stored.some(([before, after]) => before < 0 || after < 0);
  if (mode !== "constant" && (mode !== "reflect" || isCropped)) throw site.unsupported(`mode "${mode}"${isCropped ? " with negative pads" : ""}`);
  const value = mode === "constant" ? (site.numbers(2)?.[0] ?? 0) : 0;
  const x = site.input(0);
  if (mode === "reflect") return () => tf.mirrorPad(x(), grown, "reflect");
  return () => {
    const padded = tf.pad(x(), grown, value);
    return isCropped ? tf.slice(padded, stored.map(([before]) => Math.max(0, -before)), size) : padded;
  };
};

const expand: Lowering = (site) => {
  const { tf, kind } = site;
  const output = site.outputShape();
  const shape = site.stored(output);
  const own = site.shape(0);
  const x = site.input(0);
  const whole = [...Array<number>(output.length - own.length).fill(1), ...own];
  const aligned = (tensor: Tensor) => (own.length === output.length ? tensor : tf.reshape(tensor, whole));
  return () => broadcastFull(tf, kind, aligned(x()), shape);
};

const tile: Lowering = (site) => {
  const { tf } = site;
  const repeats = [...site.numbers(1)!];
  const x = site.input(0);
  return () => tf.tile(x(), repeats);
};

/** Blocks of channels to blocks of pixels, or back: a transposition between two reshapes. */
const depthToSpace: Lowering = (site) => {
  const { tf, node } = site;
  const block = numberOf(node, "blocksize", 1);
  const [n, c, h, w] = site.shape(0) as [number, number, number, number];
  const depth = c / block / block;
  const isRowFirst = textOf(node, "mode", "DCR") === "DCR";
  const x = site.input(0);
  return () => {
    const parts = isRowFirst ? tf.reshape(x(), [n, block, block, depth, h, w]) : tf.reshape(x(), [n, depth, block, block, h, w]);
    return tf.reshape(tf.transpose(parts, isRowFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [...site.outputShape()]);
  };
};

const spaceToDepth: Lowering = (site) => {
  const { tf, node } = site;
  const block = numberOf(node, "blocksize", 1);
  const [n, c, h, w] = site.shape(0) as [number, number, number, number];
  const x = site.input(0);
  return () => {
    const parts = tf.reshape(x(), [n, c, h / block, block, w / block, block]);
    return tf.reshape(tf.transpose(parts, [0, 3, 5, 1, 2, 4]), [...site.outputShape()]);
  };
};

export const moveLowerings: Readonly<Record<string, Lowering>> = {
  Reshape: reshape, Flatten: reshape, Squeeze: reshape, Unsqueeze: reshape, Transpose: transpose, Concat: concat, Split: split, Slice: slice, Pad: pad, Expand: expand, Tile: tile,
  DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth,
};

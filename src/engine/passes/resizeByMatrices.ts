/** @file `Resize` as products with constant matrices, one per axis: for its gradient, and for runtimes that lack a mode. */
import type { GraphBuilder } from "../ir/builder.js";
import { axisTaps, isIdentity, resizedAxes, type Taps } from "../ir/resample.js";
import { sizeOf, type Tensor } from "../ir/tensor.js";
import { numberOf, textOf } from "../ir/attributes.js";
import type { LoweringRule } from "./lower.js";

/** An axis of length `from` seen through the taps (or, transposed, back): `[..., taps, ...]`. */
export function throughMatrix(graph: GraphBuilder, value: string, axis: number, taps: readonly Taps[], from: number, isTransposed: boolean): string {
  const shape = graph.shape(value);
  const rows = isTransposed ? from : taps.length;
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const reshape = (name: string, to: readonly number[]) => graph.add("Reshape", [name, graph.ints(to)], { allowzero: 1 });
  const target = shape.map((dim, i) => (i === axis ? rows : dim));
  if (inner === 1) return reshape(graph.add("MatMul", [reshape(value, [outer, shape[axis]!]), matrix(graph, taps, from, !isTransposed)]), target);
  return reshape(graph.add("MatMul", [matrix(graph, taps, from, isTransposed), reshape(value, [outer, shape[axis]!, inner])]), target);
}

/** `[taps, from]`, or its transpose. */
function matrix(graph: GraphBuilder, taps: readonly Taps[], from: number, isTransposed: boolean): string {
  const data = new Float32Array(taps.length * from);
  taps.forEach((tap, to) => { for (const { at, weight } of tap) data[isTransposed ? at * taps.length + to : to * from + at]! += weight; });
  const tensor: Tensor = { dtype: "float32", shape: isTransposed ? [from, taps.length] : [taps.length, from], data };
  return graph.constant(tensor);
}

/** Any mode. Positions outside a crop take `extrapolation_value`. */
export const resizeByMatrices: LoweringRule = (graph, node) => {
  const x = node.inputs[0]!;
  // A crop that is only known when the graph runs has no constant matrix.
  if (node.inputs.slice(1).some((input) => input !== "" && !graph.isConstant(input))) return undefined;
  const shape = graph.shape(x);
  const numbers = (i: number) => (node.inputs[i] ? graph.constantNumbers(node.inputs[i]) : undefined);
  const axes = resizedAxes(node, shape, { roi: numbers(1), scales: numbers(2), sizes: numbers(3) })!;
  const taps = axes.map((resized) => axisTaps(node, resized as { from: number; to: number; scale: number; roi: readonly [number, number] }));
  const resized = taps.reduce((value, axis, i) => (isIdentity(axis, shape[i]!) ? value : throughMatrix(graph, value, i, axis, shape[i]!, false)), x);
  return [taps.reduce((value, axis, i) => {
    if (axis.every((tap) => tap.length > 0)) return value;
    const isOutside: Tensor = { dtype: "bool", shape: shape.map((_, k) => (k === i ? axis.length : 1)), data: Uint8Array.from(axis, (tap) => (tap.length === 0 ? 1 : 0)) };
    return graph.add("Where", [graph.constant(isOutside), graph.scalar(numberOf(node, "extrapolation_value", 0)), value]);
  }, resized)];
};

/**
 * The forms ONNX Runtime has no kernel for, or a wrong one: everything but nearest neighbours and two or three trailing axes of an image or a volume,
 * and crops by scales, where it forgets that a part of the input makes a smaller output, or of nearest neighbours, where it rounds before it asks what lies outside.
 */
export const resizeBeyondImages: LoweringRule = (graph, node, context) => {
  const [x, y] = [graph.shape(node.inputs[0]!), graph.shape(node.outputs[0]!)];
  const mode = textOf(node, "mode", "nearest");
  const isPlain = x[0] === y[0] && x[1] === y[1];
  const isCrop = textOf(node, "coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize" && (mode === "nearest" || Boolean(node.inputs[2]));
  const isNative = mode === "nearest" || (isPlain && (x.length === 4 || (x.length === 5 && mode === "linear" && numberOf(node, "antialias", 0) === 0)));
  return isNative && !isCrop ? undefined : resizeByMatrices(graph, node, context);
};

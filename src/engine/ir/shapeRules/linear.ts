/** @file Shape rules of matrix products, convolutions and pooling. */
import { numberOf, numbersOf, textOf, windowOf, type Window } from "../attributes.js";
import { readEinsum } from "../einsum.js";
import type { ValueType } from "../graph.js";
import { broadcastShapes, formatShape, type Dim, type Shape } from "../shape.js";
import { mapDim, one, type ShapeContext, type ShapeRule } from "./rule.js";

const sameDim = (a: Dim | undefined, b: Dim | undefined) => a === b || typeof a === "string" || typeof b === "string";

const matMul: ShapeRule = (context) => {
  let [a, b] = [context.shape(0), context.shape(1)];
  if (a === undefined || b === undefined) return one(context.dtype(0), undefined);
  const [aIsVector, bIsVector] = [a.length === 1, b.length === 1];
  if (aIsVector) a = [1, a[0]!];
  if (bIsVector) b = [b[0]!, 1];
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  if (a.length < 2 || b.length < 2 || batch === undefined || !sameDim(a.at(-1), b.at(-2))) throw context.mismatch(`${formatShape(a)} times ${formatShape(b)}`);
  return one(context.dtype(0), [...batch, ...(aIsVector ? [] : [a.at(-2)!]), ...(bIsVector ? [] : [b.at(-1)!])]);
};

const gemm: ShapeRule = (context) => {
  const { node } = context;
  const [a, b] = [context.shape(0), context.shape(1)];
  if (a === undefined || b === undefined) return one(context.dtype(0), undefined);
  if (a.length !== 2 || b.length !== 2) throw context.mismatch(`${formatShape(a)} times ${formatShape(b)}`);
  const [rows, inner] = numberOf(node, "transA", 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [depth, columns] = numberOf(node, "transB", 0) ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (!sameDim(inner, depth)) throw context.mismatch(`${formatShape(a)} times ${formatShape(b)}`);
  return one(context.dtype(0), [rows, columns]);
};

/** Spatial output of a sliding window; `auto_pad` SAME gives ceil(input / stride) whatever the kernel. */
function slide(context: ShapeContext, spatial: Shape, kernel: readonly number[]): Dim[] {
  const { node } = context;
  const { strides, dilations, pads } = windowOf(node, kernel);
  const autoPad = textOf(node, "auto_pad", "NOTSET");
  const ceil = numberOf(node, "ceil_mode", 0) === 1;
  return spatial.map((dim, i) => {
    const stride = strides[i]!;
    const [before, after] = autoPad === "VALID" ? [0, 0] : [pads[i]!, pads[i + kernel.length]!];
    const span = dilations[i]! * (kernel[i]! - 1) + 1;
    const compute = (size: number) => {
      if (autoPad.startsWith("SAME")) return Math.ceil(size / stride);
      const steps = (size + before + after - span) / stride;
      const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
      // A last window that would start in the padding is dropped, as PyTorch and ONNX Runtime do.
      const kept = ceil && (count - 1) * stride >= size + before ? count - 1 : count;
      if (kept < 1) throw context.mismatch(`a window of ${span} does not fit ${formatShape(spatial)}`);
      return kept;
    };
    return mapDim(dim, compute, (symbol) => `(${symbol}${before + after ? `+${before + after}` : ""}-${span})/${stride}+1`);
  });
}

const conv: ShapeRule = (context) => {
  const [x, w] = [context.shape(0), context.shape(1)];
  if (x === undefined || w === undefined) return one(context.dtype(0), undefined);
  const group = numberOf(context.node, "group", 1);
  const channels = w[1];
  if (x.length !== w.length || x.length < 3 || typeof channels !== "number" || !sameDim(x[1], channels * group)) {
    throw context.mismatch(`input ${formatShape(x)}, weights ${formatShape(w)}, group ${group}`);
  }
  return one(context.dtype(0), [x[0]!, w[0]!, ...slide(context, x.slice(2), w.slice(2) as number[])]);
};

/** Products of 8-bit integers are added up in 32 bits. */
const integer = (types: readonly ValueType[]): readonly ValueType[] => types.map(({ shape }) => ({ dtype: "int32", shape }));

const convTranspose: ShapeRule = (context) => {
  const { node } = context;
  const [x, w] = [context.shape(0), context.shape(1)];
  if (x === undefined || w === undefined) return one(context.dtype(0), undefined);
  if (x.length !== w.length || !sameDim(x[1], w[0])) throw context.mismatch(`input ${formatShape(x)}, weights ${formatShape(w)}`);
  const kernel = w.slice(2) as number[];
  const { strides, dilations, pads } = windowOf(node, kernel);
  const extra = numbersOf(node, "output_padding") ?? kernel.map(() => 0);
  const wanted = numbersOf(node, "output_shape");
  const isSame = textOf(node, "auto_pad", "NOTSET").startsWith("SAME");
  const spatial = x.slice(2).map((dim, i) => {
    const span = dilations[i]! * (kernel[i]! - 1) + 1;
    if (isSame && wanted === undefined) return mapDim(dim, (size) => size * strides[i]!, (symbol) => `${symbol}*${strides[i]}`);
    return wanted?.[wanted.length - kernel.length + i]
      ?? mapDim(dim, (size) => strides[i]! * (size - 1) + extra[i]! + span - pads[i]! - pads[i + kernel.length]!, (symbol) => `(${symbol}-1)*${strides[i]}+${span}`);
  });
  return one(context.dtype(0), [x[0]!, (w[1] as number) * numberOf(node, "group", 1), ...spatial]);
};

const pool: ShapeRule = (context) => {
  const x = context.shape(0);
  const kernel = numbersOf(context.node, "kernel_shape");
  if (kernel === undefined) throw context.mismatch("no kernel_shape");
  if (x !== undefined && x.length !== kernel.length + 2) throw context.mismatch(`input ${formatShape(x)}, kernel ${formatShape(kernel)}`);
  const shape = x && [x[0]!, x[1]!, ...slide(context, x.slice(2), kernel)];
  return [{ dtype: context.dtype(0), shape }, { dtype: "int64" as const, shape }].slice(0, context.node.outputs.length);
};

const globalPool: ShapeRule = ({ dtype, shape }) => one(dtype(0), shape(0)?.map((dim, axis) => (axis < 2 ? dim : 1)));

/** The size before pooling with this window: `(n - 1) * stride + kernel - pads`, unless an output shape is given. */
const maxUnpool: ShapeRule = (context) => {
  const [x, given] = [context.shape(0), context.has(2) ? context.dims(2) : undefined];
  if (context.has(2)) return one(context.dtype(0), given);
  const kernel = numbersOf(context.node, "kernel_shape");
  if (kernel === undefined) throw context.mismatch("no kernel_shape");
  return one(context.dtype(0), x && [x[0]!, x[1]!, ...unpooled(x.slice(2), windowOf(context.node, kernel))]);
};

/** Spatial sizes that `MaxUnpool` takes the indices to count over. */
export function unpooled(spatial: Shape, { kernel, strides, pads }: Window): Dim[] {
  return spatial.map((dim, i) => mapDim(dim, (size) => (size - 1) * strides[i]! + kernel[i]! - pads[i]! - pads[i + kernel.length]!, (symbol) => `(${symbol}-1)*${strides[i]}+${kernel[i]}`));
}

const einsum: ShapeRule = (context) => {
  const shapes = context.node.inputs.map((_, i) => context.shape(i));
  if (shapes.includes(undefined)) return one(context.dtype(0), undefined);
  const read = readEinsum(textOf(context.node, "equation", ""), shapes.map((shape) => shape!.length));
  if (typeof read === "string") throw context.mismatch(read);
  const sizes = new Map<string, Dim>();
  for (const [i, labels] of read.operands.entries()) for (const [axis, label] of labels.entries()) {
    const [known, dim] = [sizes.get(label), shapes[i]![axis]!];
    if (known !== undefined && known !== 1 && dim !== 1 && !sameDim(known, dim)) throw context.mismatch(`"${label}" is ${known} and ${dim}`);
    if (known === undefined || known === 1 || (typeof known === "string" && typeof dim === "number" && dim !== 1)) sizes.set(label, dim);
  }
  return one(context.dtype(0), read.output.map((label) => sizes.get(label) ?? 1));
};

export const linearShapes: Readonly<Record<string, ShapeRule>> = {
  MatMul: matMul, Gemm: gemm, Conv: conv, ConvTranspose: convTranspose, MaxPool: pool, AveragePool: pool, GlobalAveragePool: globalPool, GlobalMaxPool: globalPool,
  LpPool: pool, GlobalLpPool: globalPool, MaxUnpool: maxUnpool, Einsum: einsum, MatMulInteger: (context) => integer(matMul(context)), ConvInteger: (context) => integer(conv(context)),
};

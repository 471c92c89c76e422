/** @file Gradient rules of convolution and pooling, with respect to what slides, not to the weights. */
import { WhylightError } from "../../errors.js";
import { numberOf, numbersOf, windowOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { float32, sizeOf } from "../../ir/tensor.js";
import { unpooled } from "../../ir/shapeRules/linear.js";
import { windowCounts } from "../../reference/kernels/pool.js";
import { only, reshape, unaryRule, type GradientRule, type GradientRules } from "../rule.js";

/** A model that computes the weights of its transposed convolutions from its input is told that they have no gradient here. */
function refuseWeights(node: Node, wanted: readonly boolean[]): void {
  if (wanted[1] || wanted[2]) throw new WhylightError("gradientUndefined", { op: `${node.op} (weights)`, node: node.name });
}

/**
 * dX is the transposed convolution of dY. Strides drop rows that the forward pass never read; `output_padding` brings them back,
 * so that dX has X's size (Dumoulin & Visin, arXiv 1603.07285, relationship 14).
 */
const conv: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [x, w] = [graph.shape(node.inputs[0]!), graph.shape(node.inputs[1]!)];
  const [window, group] = [windowOf(node, w.slice(2)), numberOf(node, "group", 1)];
  return [
    wanted[0] ? transposedConvolution(graph, dy, node.inputs[1]!, window, x.slice(2), group) : undefined,
    wanted[1] ? weightGradient(graph, node.inputs[0]!, dy, window, group) : undefined,
    wanted[2] ? graph.add("ReduceSum", [dy, graph.ints(x.map((_, axis) => axis).filter((axis) => axis !== 1))], { keepdims: 0 }) : undefined,
  ];
};

/**
 * Weights that the model computes from its input: x convolved with dY, channels in the place of the batch, and strides and dilations in each other's.
 * Positions past the last window give taps that the kernel does not have.
 */
function weightGradient(graph: GraphBuilder, x: string, dy: string, { kernel, strides, dilations, pads }: ReturnType<typeof windowOf>, group: number): string {
  const swapped = (value: string) => graph.add("Transpose", [value], { perm: [1, 0, ...kernel.map((_, i) => i + 2)] });
  const [inner, outer] = [graph.shape(x)[1]! / group, graph.shape(dy)[1]! / group];
  const part = (value: string, from: number, count: number) => (group === 1 ? value : graph.add("Slice", [value, graph.ints([from]), graph.ints([from + count]), graph.ints([1])]));
  const perGroup = Array.from({ length: group }, (_, g) => {
    const taps = graph.add("Conv", [swapped(part(x, g * inner, inner)), swapped(part(dy, g * outer, outer))], { kernel_shape: graph.shape(dy).slice(2), strides: dilations, dilations: strides, pads, group: 1 });
    const axes = graph.ints(kernel.map((_, i) => i + 2));
    return swapped(graph.add("Slice", [taps, graph.ints(kernel.map(() => 0)), graph.ints(kernel), axes]));
  });
  return group === 1 ? perGroup[0]! : graph.add("Concat", perGroup, { axis: 0 });
}

/** As `Conv`, of the weights less their zero points. */
const convInteger: GradientRule = (graph, node, cotangents, wanted) => {
  const [x, w, , zero] = node.inputs as [string, string, string?, string?];
  const float = (value: string) => graph.add("Cast", [value], { to: "float32" });
  const count = zero ? sizeOf(graph.shape(zero)) : 0;
  const weights = zero ? graph.add("Sub", [float(w), reshape(graph, float(zero), count === 1 ? [] : [count, ...graph.shape(w).slice(1).map(() => 1)])]) : float(w);
  return conv(graph, { ...node, inputs: [x, weights] }, cotangents, [wanted[0]!, false]);
};

function transposedConvolution(graph: GraphBuilder, dy: string, w: string, window: ReturnType<typeof windowOf>, spatial: readonly number[], group: number): string {
  const { kernel, strides, dilations, pads } = window;
  const missing = spatial.map((size, i) => size - (strides[i]! * (graph.shape(dy)[i + 2]! - 1) + dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + kernel.length]!));
  // With ceil_mode the last window reaches past the padding: what it would send there is cut off.
  const cut = pads.map((pad, i) => (i < kernel.length ? pad : pad + Math.max(0, -missing[i - kernel.length]!)));
  const outputPadding = missing.map((size) => Math.max(0, size));
  return graph.add("ConvTranspose", [dy, w], { kernel_shape: kernel, strides, dilations, pads: cut, output_padding: outputPadding, group });
}

/** The other way round: the gradient of a transposed convolution is a convolution with the same weights. */
const convTranspose: GradientRule = (graph, node, cotangents, wanted) => {
  refuseWeights(node, wanted);
  const [x, w] = [graph.shape(node.inputs[0]!), graph.shape(node.inputs[1]!)];
  const { kernel, strides, dilations, pads } = windowOf(node, w.slice(2));
  let dy = only(cotangents);
  // What output_padding added comes off the end padding first; positions beyond that belong to no window of the convolution.
  const size = graph.shape(dy);
  const ends = kernel.map((extent, i) => strides[i]! * (x[i + 2]! - 1) + dilations[i]! * (extent - 1) + 1 - pads[i]! - size[i + 2]!);
  if (ends.some((end) => end < 0)) {
    const axes = ends.map((_, i) => i + 2);
    dy = graph.add("Slice", [dy, graph.ints(axes.map(() => 0)), graph.ints(ends.map((end, i) => size[i + 2]! + Math.min(0, end))), graph.ints(axes)]);
  }
  const inner = [...pads.slice(0, kernel.length), ...ends.map((end) => Math.max(0, end))];
  return [graph.add("Conv", [dy, node.inputs[1]!], { kernel_shape: kernel, strides, dilations, pads: inner, group: numberOf(node, "group", 1) })];
};

/** Each window's cotangent goes to its first maximum. */
const maxPool: GradientRule = (graph, node, cotangents) => {
  const { storage_order: _, ...attributes } = node.attributes;
  return [graph.add("MaxPoolGrad", [node.inputs[0]!, node.outputs[0]!, only(cotangents)], attributes)];
};

/** Each window's cotangent, divided by what the window averaged, spreads over it: a depthwise transposed convolution with ones. */
const averagePool: GradientRule = (graph, node, cotangents) => {
  const kernel = numbersOf(node, "kernel_shape")!;
  const x = graph.shape(node.inputs[0]!);
  const y = graph.shape(node.outputs[0]!);
  const window = windowOf(node, kernel);
  const shares = graph.constant(float32([1, 1, ...y.slice(2)], windowCounts(node, x.slice(2), y.slice(2)).map((count) => 1 / count)));
  const ones = graph.constant(float32([x[1]!, 1, ...kernel], new Float32Array(x[1]! * sizeOf(kernel)).fill(1)));
  return [transposedConvolution(graph, graph.add("Mul", [only(cotangents), shares]), ones, window, x.slice(2), x[1]!)];
};

/** `|x|^(p - 1)` with x's sign: how x moves the sum of p-th powers, over p. */
const signedPower = (graph: GraphBuilder, x: string, p: number) =>
  (p === 1 ? graph.add("Sign", [x]) : p === 2 ? x : graph.add("Mul", [graph.add("Sign", [x]), graph.add("Pow", [graph.add("Abs", [x]), graph.scalar(p - 1)])]));

/** `dy * y^(1 - p)`, and 0 where the norm is 0: it has no slope there. */
const perNorm = (graph: GraphBuilder, dy: string, y: string, p: number) =>
  (p === 1 ? dy : graph.add("Where", [graph.add("Greater", [y, graph.scalar(0)]), graph.add("Mul", [dy, graph.add("Pow", [y, graph.scalar(1 - p)])]), graph.scalar(0)]));

const lpPool: GradientRule = unaryRule((graph, node, dy, x, y) => {
  const kernel = numbersOf(node, "kernel_shape")!;
  const [p, shape] = [numberOf(node, "p", 2), graph.shape(x)];
  const ones = graph.constant(float32([shape[1]!, 1, ...kernel], new Float32Array(shape[1]! * sizeOf(kernel)).fill(1)));
  const spread = transposedConvolution(graph, perNorm(graph, dy, y, p), ones, windowOf(node, kernel), shape.slice(2), shape[1]!);
  return graph.add("Mul", [spread, signedPower(graph, x, p)]);
});

const globalLpPool: GradientRule = unaryRule((graph, node, dy, x, y) => {
  const p = numberOf(node, "p", 2);
  return graph.add("Mul", [perNorm(graph, dy, y, p), signedPower(graph, x, p)]);
});

/** Each element takes the cotangent of the place it went to; indices count over the input of the pooling, which a larger output holds at its beginning. */
const maxUnpool: GradientRule = (graph, node, cotangents) => {
  const [x, indices] = node.inputs as [string, string];
  const shape = graph.shape(x);
  const inner = [...shape.slice(0, 2), ...(unpooled(shape.slice(2), windowOf(node, numbersOf(node, "kernel_shape")!)) as number[])];
  let dy = only(cotangents);
  if (String(graph.shape(dy)) !== String(inner)) dy = graph.add("Slice", [dy, graph.ints(inner.map(() => 0)), graph.ints(inner)]);
  const taken = graph.add("Gather", [reshape(graph, dy, [sizeOf(inner)]), indices], { axis: 0 });
  return [taken, undefined];
};

const globalAveragePool: GradientRule = unaryRule((graph, _, dy, x) => {
  const shape = graph.shape(x);
  const share = graph.add("Mul", [dy, graph.scalar(1 / sizeOf(shape.slice(2)))]);
  return graph.add("Expand", [share, graph.ints(shape)]);
});

/** The first maximum of each plane takes the cotangent. */
const globalMaxPool: GradientRule = unaryRule((graph, _, dy, x) => {
  const shape = graph.shape(x);
  const [planes, size] = [shape[0]! * shape[1]!, sizeOf(shape.slice(2))];
  const winner = graph.add("ArgMax", [reshape(graph, x, [planes, size])], { axis: 1, keepdims: 0 });
  const mask = graph.add("OneHot", [winner, graph.ints([size]), graph.constant(float32([2], [0, 1]))], { axis: -1 });
  return reshape(graph, graph.add("Mul", [mask, reshape(graph, dy, [planes, 1])]), shape);
});

export const convolutionRules: GradientRules = {
  Conv: conv, ConvInteger: convInteger, ConvTranspose: convTranspose, MaxPool: maxPool, AveragePool: averagePool, LpPool: lpPool, GlobalLpPool: globalLpPool, MaxUnpool: maxUnpool, GlobalAveragePool: globalAveragePool, GlobalMaxPool: globalMaxPool,
};

/** @file Lowering rules that runtimes pick from. */
import { numberOf, numbersOf } from "../ir/attributes.js";
import type { GraphBuilder } from "../ir/builder.js";
import { sizeOf } from "../ir/tensor.js";
import type { LoweringRule } from "./lower.js";

/** `MaxPool` also tells where each maximum was; the cotangents are added there. */
export const maxPoolGradByIndices: LoweringRule = (graph, node, { producer, replace }) => {
  const [x, y, dy] = node.inputs as [string, string, string];
  const shape = graph.shape(x);
  const pool = producer(y);
  let indices: string;
  if (pool?.op === "MaxPool" && numberOf(pool, "storage_order", 0) === 0) {
    indices = pool.outputs[1] ?? `${y}:indices`;
    if (pool.outputs[1] === undefined) replace({ ...pool, outputs: [y, indices] });
  } else indices = graph.addMany("MaxPool", [x], node.attributes, 2)[1]!;
  const flat = (value: string) => graph.add("Reshape", [value, graph.ints([-1])], {});
  const zeros = graph.add("Expand", [graph.scalar(0), graph.ints([sizeOf(shape)])]);
  const sums = graph.add("ScatterElements", [zeros, flat(indices), flat(dy)], { axis: 0, reduction: "add" });
  return [graph.add("Reshape", [sums, graph.ints(shape)], {})];
};

/**
 * With stride 1 a transposed convolution is a convolution with the kernel flipped and its channels swapped, which every runtime runs faster.
 * The flipped kernel depends on constants only, so runtimes compute it once.
 */
export const convTransposeByConv: LoweringRule = (graph, node) => {
  const [strides, dilations, pads, kernel] = ["strides", "dilations", "pads", "kernel_shape"].map((name) => numbersOf(node, name)!) as [number[], number[], number[], number[]];
  const extra = numbersOf(node, "output_padding") ?? kernel.map(() => 0);
  const newPads = pads.map((pad, i) => dilations[i % kernel.length]! * (kernel[i % kernel.length]! - 1) - pad + (i < kernel.length ? 0 : extra[i - kernel.length]!));
  if (strides.some((stride) => stride !== 1) || newPads.some((pad) => pad < 0)) return undefined;
  const group = numberOf(node, "group", 1);
  const w = flippedKernel(graph, node.inputs[1]!, group);
  return [graph.add("Conv", [node.inputs[0]!, w, ...node.inputs.slice(2)], { kernel_shape: kernel, strides, dilations, pads: newPads, group })];
};

/** Since opset 21 scale and bias are per channel; models of opset 18 have them per group. */
export const groupNormalizationPerChannel: LoweringRule = (graph, node) => {
  const [x, ...parameters] = node.inputs as [string, ...string[]];
  const [channels, groups] = [graph.shape(x)[1]!, numberOf(node, "num_groups", 1)];
  if (parameters.every((parameter) => graph.shape(parameter)[0] === channels)) return undefined;
  const spread = (value: string) => {
    const rows = graph.add("Expand", [graph.add("Reshape", [value, graph.ints([groups, 1])], {}), graph.ints([groups, channels / groups])]);
    return graph.add("Reshape", [rows, graph.ints([channels])], {});
  };
  return [graph.add("GroupNormalization", [x, ...parameters.map((parameter) => (graph.shape(parameter)[0] === channels ? parameter : spread(parameter)))], node.attributes)];
};

/** `[c, m / group, ...k]` to `[m, c / group, ...k reversed]`. */
export function flippedKernel(graph: GraphBuilder, weights: string, group: number): string {
  const [c, m, ...kernel] = graph.shape(weights) as [number, number, ...number[]];
  const spatial = kernel.map((_, i) => i);
  let w: string;
  if (group === 1) w = graph.add("Transpose", [weights], { perm: [1, 0, ...spatial.map((i) => i + 2)] });
  else {
    const apart = graph.add("Reshape", [weights, graph.ints([group, c / group, m, ...kernel])], {});
    const swapped = graph.add("Transpose", [apart], { perm: [0, 2, 1, ...spatial.map((i) => i + 3)] });
    w = graph.add("Reshape", [swapped, graph.ints([group * m, c / group, ...kernel])], {});
  }
  const axes = spatial.filter((i) => kernel[i]! > 1).map((i) => i + 2);
  if (axes.length === 0) return w;
  const each = (value: number) => graph.ints(axes.map(() => value));
  return graph.add("Slice", [w, each(-1), each(-(2 ** 31)), graph.ints(axes), each(-1)]);
}

/** Times the smallest normal float32 this exceeds 1; times 0 it stays 0. */
const steep = 3e38;

/**
 * The mask of a ReLU as `Clip`, which ONNX Runtime spreads over threads where its `Sign` runs on one (13 % of a ResNet-50's input gradient on two).
 * Outputs of a ReLU that are denormal may count as less than 1.
 */
export const reluMaskByClip: LoweringRule = (graph, node, { producer }) => {
  const y = node.inputs[0]!;
  if (producer(y)?.op !== "Relu" || graph.type(y).dtype !== "float32") return undefined;
  return [graph.add("Clip", [graph.add("Mul", [y, graph.scalar(steep)]), graph.scalar(0), graph.scalar(1)])];
};

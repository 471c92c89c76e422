/** @file Convolutions, pooling, normalisation over channels, resizing: operators on images, whose channels stand at axis 1 in the graph. */
import type { Attributes } from "../../../ir/graph.js";
import type { Held } from "../../channels.js";
import { cubicResize, type Placing } from "../../tabulatedCubic.js";
import { activate } from "./elementwise.js";
import { table, type Rule, type RuleContext, type RuleTable } from "./rule.js";

/** The two spatial entries of a list with one entry per axis. */
const spatial = (context: RuleContext, name: string): readonly number[] => {
  const all = context.ints(name);
  if (all.length === 0) return [1, 1];
  return context.isChannelsFirst ? all.slice(2) : all.slice(1, -1);
};

/** Pads as ONNX has them, for every kind of padding. */
function padding(context: RuleContext): Attributes {
  const kind = context.text("padding", "VALID");
  if (kind === "SAME") return { auto_pad: "SAME_UPPER" };
  if (kind === "VALID") return { auto_pad: "VALID" };
  if (kind !== "EXPLICIT") return context.refuse(`its padding ${kind} is not known`);
  const all = context.ints("explicit_paddings");
  const axes = context.isChannelsFirst ? [2, 3] : [1, 2];
  return { pads: [...axes.map((axis) => all[2 * axis] ?? 0), ...axes.map((axis) => all[2 * axis + 1] ?? 0)] };
}

const window = (context: RuleContext): Attributes => ({ strides: spatial(context, "strides"), ...padding(context) });

/** Kernels `[height, width, in, out]`. */
function convolve(context: RuleContext, bias: readonly string[], finish: Finish = ends): Held {
  const [, , channelsIn] = context.shape(1);
  const channels = context.shape(0).at(context.isChannelsFirst ? 1 : -1);
  const weights = context.add("Transpose", [context.last(1)], { perm: [3, 2, 0, 1] });
  const group = typeof channels === "number" && typeof channelsIn === "number" ? channels / channelsIn : 1;
  return context.imageResult(finish(context, "Conv", [context.image(0), weights, ...bias], { ...window(context), dilations: spatial(context, "dilations"), group }));
}

/** Kernels `[height, width, in, multiplier]`. */
function convolveDepthwise(context: RuleContext, bias: readonly string[], finish: Finish = ends): Held {
  const [height, width, channels] = context.shape(1);
  const turned = context.add("Transpose", [context.last(1)], { perm: [2, 3, 0, 1] });
  if (typeof height !== "number" || typeof width !== "number" || typeof channels !== "number") return context.refuse("the size of its kernel depends on the input");
  const weights = context.add("Reshape", [turned, context.writer.ints([-1, 1, height, width])]);
  return context.imageResult(finish(context, "Conv", [context.image(0), weights, ...bias], { ...window(context), dilations: spatial(context, "dilations"), group: channels }));
}

/** Writes the node itself, and what a fused operator does afterwards. */
type Finish = (context: RuleContext, op: string, inputs: readonly string[], attributes: Attributes) => string;
const ends: Finish = (context, op, inputs, attributes) => context.done(op, inputs, attributes);

/** What grappler and TensorFlow.js's converter fuse behind a convolution: a bias or a normalisation, then an activation. Their operands follow the first two inputs. */
const fused = (write: (context: RuleContext, bias: readonly string[], finish: Finish) => Held): Rule => (context) => {
  const ops = [...context.texts("fused_ops")];
  const bias = ops[0] === "BiasAdd" ? [context.last(2)] : [];
  const normalises = ops[0] === "FusedBatchNorm";
  const [activation, ...more] = ops.slice(bias.length > 0 || normalises ? 1 : 0);
  if (more.length > 0) context.refuse(`what it fuses, ${ops.join(", ")}, is not known`);
  return write(context, bias, (_, op, inputs, attributes) => {
    if (activation === undefined && !normalises) return context.done(op, inputs, attributes);
    let x = context.add(op, inputs, attributes);
    if (normalises) {
      const parts = [x, ...[2, 3, 4, 5].map((i) => context.last(i))];
      const epsilon = { epsilon: context.float("epsilon", 1e-4) };
      x = activation === undefined ? context.done("BatchNormalization", parts, epsilon) : context.add("BatchNormalization", parts, epsilon);
    }
    return activation === undefined ? x : activate(context, activation, x, activation === "Prelu" ? slopes(context, context.inputs.length - 1) : undefined);
  });
};

/** PReLU's slopes `[channels]` or `[1, 1, channels]`, laid out for channels at axis 1. */
const slopes = (context: RuleContext, i: number): string => {
  if (context.rank(i) === 0) return context.last(i);
  const vector = context.rank(i) === 1 ? context.last(i) : undefined;
  if (vector !== undefined) return context.add("Unsqueeze", [vector, context.writer.ints([1, 2])]);
  const rank = context.rank(i);
  return context.add("Transpose", [context.last(i)], { perm: rank === 3 ? [2, 0, 1] : [0, 3, 1, 2] });
};

/** The gradient of a convolution with respect to its input, which is a transposed convolution: input sizes, kernel `[height, width, out, in]`, values. */
const transposed: Rule = (context) => {
  const strides = spatial(context, "strides");
  const dilations = spatial(context, "dilations");
  const kernel = context.shape(1).slice(0, 2) as readonly number[];
  const sizes = context.dims(0);
  const image = context.shape(2);
  const axes = context.isChannelsFirst ? [2, 3] : [1, 2];
  // TensorFlow names the larger side; ONNX works it out from the smaller, and is told what that leaves open.
  const wanted = axes.map((axis) => sizes?.[axis]);
  const isKnown = wanted.every((size): size is number => typeof size === "number");
  const kind = context.text("padding", "VALID");
  const from = axes.map((axis) => image[axis]!);
  const reach = (i: number) => dilations[i]! * (kernel[i]! - 1) + 1;
  const attributes = ((): Attributes => {
    if (kind === "SAME") return { auto_pad: "SAME_UPPER", ...(isKnown ? { output_shape: wanted } : {}) };
    const pads = kind === "EXPLICIT" ? (padding(context)["pads"] as readonly number[]) : [0, 0, 0, 0];
    const left = axes.map((_, i) => (isKnown && typeof from[i] === "number" ? wanted[i]! - ((from[i] - 1) * strides[i]! + reach(i) - pads[i]! - pads[i + 2]!) : Math.max(0, strides[i]! - reach(i))));
    if (left.some((size) => size < 0)) return context.refuse("its sizes do not fit each other");
    return { pads, output_padding: left };
  })();
  const weights = context.add("Transpose", [context.last(1)], { perm: [3, 2, 0, 1] });
  return context.imageResult(context.done("ConvTranspose", [context.image(2), weights], { strides, dilations, kernel_shape: kernel, ...attributes }));
};

const pool = (op: string): Rule => (context) =>
  context.imageResult(context.done(op, [context.image(0)], { kernel_shape: spatial(context, "ksize"), ...window(context) }));

/** In training it would use the batch's own mean; exported models do not. */
const batchNormalization: Rule = (context) => {
  if (context.attribute("is_training")?.b !== false) context.refuse("it works as in training, with the mean of the batch");
  const x = context.image(0);
  const parts = [x, ...[1, 2, 3, 4].map((i) => context.last(i))];
  const epsilon = { epsilon: context.float("epsilon", 1e-4) };
  const activation = context.text("activation_mode", "Identity");
  if (activation === "Identity") return [context.imageResult(context.done("BatchNormalization", parts, epsilon))];
  return [context.imageResult(activate(context, activation, context.add("BatchNormalization", parts, epsilon)))];
};

function placing(context: RuleContext): Placing {
  if (context.flag("align_corners")) return "align_corners";
  return context.flag("half_pixel_centers") ? "half_pixel" : "asymmetric";
}

const resize = (attributes: (context: RuleContext) => Attributes): Rule => (context) =>
  ({ value: context.done("Resize", [context.first(0), "", "", context.index(1)], { axes: [2, 3], ...attributes(context) }), first: true });

/** Sizes that are open are left to ONNX's own weights, which differ from TensorFlow's by about a thousandth. */
const resizeCubic: Rule = (context) => {
  const [, height, width] = context.shape(0);
  const value = cubicResize(context.writer, context.first(0), [height, width], context.elements(1) ?? [], placing(context), "");
  return value === undefined ? resize(() => ({ mode: "cubic", coordinate_transformation_mode: placing(context), ...(context.flag("half_pixel_centers") ? { cubic_coeff_a: -0.5, exclude_outside: 1 } : { cubic_coeff_a: -0.75 }) }))(context) : { value, first: true };
};

const blocks = (op: string): Rule => (context) => context.imageResult(context.done(op, [context.image(0)], { blocksize: context.int("block_size", 1), ...(op === "DepthToSpace" && { mode: "DCR" }) }));

const localResponse: Rule = (context) => {
  const size = 2 * context.int("depth_radius", 5) + 1;
  return { value: context.done("LRN", [context.first(0)], { size, alpha: context.float("alpha", 1) * size, beta: context.float("beta", 0.5), bias: context.float("bias", 1) }), first: true };
};

export const imageRules: RuleTable = {
  Conv2D: (context) => convolve(context, []),
  ...table(["_FusedConv2D", "FusedConv2D"], fused(convolve)),
  DepthwiseConv2dNative: (context) => convolveDepthwise(context, []),
  ...table(["FusedDepthwiseConv2dNative", "_FusedDepthwiseConv2dNative"], fused(convolveDepthwise)),
  Conv2DBackpropInput: transposed,
  MaxPool: pool("MaxPool"), AvgPool: pool("AveragePool"),
  ...table(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "_FusedBatchNormEx"], batchNormalization),
  ResizeBilinear: resize((context) => ({ mode: "linear", coordinate_transformation_mode: placing(context) })),
  ResizeNearestNeighbor: resize((context) => ({ mode: "nearest", coordinate_transformation_mode: placing(context), nearest_mode: context.flag("align_corners") || context.flag("half_pixel_centers") ? "round_prefer_ceil" : "floor" })),
  ResizeBicubic: resizeCubic,
  DepthToSpace: blocks("DepthToSpace"), SpaceToDepth: blocks("SpaceToDepth"),
  LRN: localResponse,
};

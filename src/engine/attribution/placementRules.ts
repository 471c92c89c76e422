/** @file How operators carry the grid of the image along. */
import { numberOf, numbersOf } from "../ir/attributes.js";
import type { Graph, Node } from "../ir/graph.js";
import { arithmeticOps, unaryOps } from "../ir/ops.js";
import { normalizeAxis } from "../ir/shape.js";
import { toNumbers } from "../ir/tensor.js";
import { channels, isChannels, placed, reshaped, wholeOf, withAxis, type Placement } from "./placement.js";
import type { Spatial } from "./spatial.js";

/** What a rule sees. Shapes are concrete. */
export interface PlacementContext {
  readonly graph: Graph;
  readonly of: (value: string) => Placement | undefined;
  readonly spatial: (value: string) => Spatial | undefined;
  readonly shape: (value: string) => readonly number[];
}

/** The placements of a node's outputs; none for those that no longer lie over the image. */
type Rule = (node: Node, context: PlacementContext) => readonly (Placement | undefined)[];

const first = (rule: (node: Node, context: PlacementContext) => Placement | undefined): Rule => (node, context) => [rule(node, context)];

/** The first operand that lies on a grid and has the result's shape. */
const elementwise = first((node, { of, shape }) => {
  const result = String(shape(node.outputs[0]!));
  const input = node.inputs.find((value) => value !== "" && of(value) !== undefined && String(shape(value)) === result);
  return input === undefined ? undefined : of(input);
});

const map = first((node, { spatial, shape }) => {
  const dims = shape(node.outputs[0]!);
  return spatial(node.inputs[0]!)?.layout === "map" && dims.length === 4 ? placed(["n", "c", "h", "w"], dims) : undefined;
});

/** A convolution of single cells mixes channels, whatever its other axes count. */
const convolution: Rule = (node, context) => {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!];
  const [from, to] = [context.shape(x), context.shape(y)];
  const placement = context.of(x);
  const isPointwise = context.shape(node.inputs[1]!).slice(2).every((size) => size === 1) && String(from.slice(2)) === String(to.slice(2));
  return placement && isPointwise && isChannels(placement[1]) ? [withAxis(placement, 1, channels(to[1]!))] : map(node, context);
};

/** A product with a matrix of weights mixes the channels, which stand last, or last but one behind the matrix. */
const product = first((node, { of, shape }) => {
  const [a, b] = node.inputs as [string, string];
  const [value, weights, back] = of(a) ? [a, b, 1] : [b, a, 2];
  const placement = of(value)!;
  const dims = shape(node.outputs[0]!);
  const at = placement.length - back;
  const isMatrix = of(weights) === undefined && shape(weights).length === 2 && numberOf(node, "transA", 0) === 0;
  return isMatrix && at > 0 && dims.length === placement.length && isChannels(placement[at]) ? withAxis(placement, at, channels(dims[at]!)) : undefined;
});

const transpose = first((node, { of }) => {
  const placement = of(node.inputs[0]!)!;
  return (numbersOf(node, "perm") ?? placement.map((_, i) => placement.length - 1 - i)).map((axis) => placement[axis]!);
});

const reshape = first((node, { of, shape }) => {
  const placement = of(node.inputs[0]!);
  return placement && reshaped(placement, shape(node.outputs[0]!));
});

/** Tokens set before the patches are a prefix; channels may be joined freely. */
const concat = first((node, { of, shape }) => {
  const at = node.inputs.findIndex((value) => of(value) !== undefined);
  const placement = of(node.inputs[at]!)!;
  const dims = shape(node.outputs[0]!);
  const axis = normalizeAxis(numberOf(node, "axis", 0), dims.length);
  const factors = placement[axis]!;
  const channelsElsewhere = placement.some((other, i) => i !== axis && other.some(({ of: kind }) => kind === "c"));
  if (isChannels(factors) && axis > 0 && (factors.length > 0 || !channelsElsewhere)) return withAxis(placement, axis, channels(dims[axis]!));
  if (dims.length !== 3 || axis !== 1 || at !== node.inputs.length - 1 || factors.some(({ of: kind }) => kind === "n" || kind === "c")) return undefined;
  const known = factors.length === 1 ? factors[0]!.tokens : undefined;
  const added = dims[1]! - shape(node.inputs[at]!)[1]!;
  return withAxis(placement, 1, [{ of: "t", size: dims[1]!, stride: 1, tokens: { prefix: (known?.prefix ?? 0) + added, patches: known?.patches ?? factors } }]);
});

/**
 * Cutting and padding: channels and whole heights and widths change their size; tokens lose their prefix or nothing.
 * What stands on a grid padded for windows (channels last) no longer covers the image; a padded map goes into a convolution, which makes up for it.
 */
const cut = first((node, { graph, of, shape, spatial }) => {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!];
  const [from, to] = [shape(x), shape(y)];
  let placement = of(x);
  for (let axis = 0; axis < to.length && placement; axis++) {
    if (from[axis] === to[axis]) continue;
    const [factors, whole] = [placement[axis]!, wholeOf(placement, axis)];
    const tokens = factors.length === 1 ? factors[0]!.tokens : undefined;
    if (isChannels(factors)) placement = axis === 0 ? undefined : withAxis(placement, axis, channels(to[axis]!));
    else if (whole && (node.op === "Slice" || spatial(x)?.layout === "map")) placement = withAxis(placement, axis, [{ ...whole, size: to[axis]!, stride: 1 }]);
    else placement = tokens && node.op === "Slice" && to[axis] === from[axis]! - tokens.prefix && startsAt(graph, node) === tokens.prefix ? withAxis(placement, axis, tokens.patches) : undefined;
  }
  return placement;
});

/** Where a slice of one axis starts, when that is known. */
function startsAt(graph: Graph, node: Node): number | undefined {
  const starts = graph.initializers.get(node.inputs[1] ?? "");
  return starts && "data" in starts && starts.data.length === 1 ? toNumbers(starts)[0] : undefined;
}

const split: Rule = (node, { of, shape }) => {
  const placement = of(node.inputs[0]!);
  const axis = normalizeAxis(numberOf(node, "axis", 0), shape(node.inputs[0]!).length);
  return node.outputs.map((output) => (placement && output !== "" && axis > 0 && isChannels(placement[axis]) ? withAxis(placement, axis, channels(shape(output)[axis]!)) : undefined));
};

/** Taking some channels, or one part of them, such as the queries. */
const gather = first((node, { of, shape }) => {
  const placement = of(node.inputs[0]!);
  const [indices, dims] = [shape(node.inputs[1]!), shape(node.outputs[0]!)];
  const axis = normalizeAxis(numberOf(node, "axis", 0), shape(node.inputs[0]!).length);
  if (placement === undefined || !isChannels(placement[axis]) || indices.length > 1) return undefined;
  return indices.length === 0 ? placement.filter((_, i) => i !== axis) : withAxis(placement, axis, channels(dims[axis]!));
});

const table = (names: readonly string[], rule: Rule) => Object.fromEntries(names.map((name) => [name, rule]));

/** Operator name to rule, for nodes of which one input at least lies over the image; others leave the grid. */
export const placementRules: Readonly<Record<string, Rule>> = {
  ...table([...unaryOps, ...arithmeticOps, "Min", "Max", "Sum", "Mean", "Clip", "PRelu", "Where", "Cast", "QuantizeLinear", "DequantizeLinear"], elementwise),
  ...table(["LayerNormalization", "RMSNormalization", "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LpNormalization", "LRN"], elementwise),
  ...table(["ConvTranspose", "MaxPool", "AveragePool", "LpPool", "DepthToSpace", "SpaceToDepth", "Resize", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], map),
  ...table(["Reshape", "Flatten", "Squeeze", "Unsqueeze"], reshape),
  ...table(["Slice", "Pad"], cut),
  ...table(["MatMul", "Gemm"], product),
  Conv: convolution,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Gather: gather,
};
